"""Classify: what the lead asks for, in labels of the policy's taxonomy, each with a quote and a calibrated confidence."""
