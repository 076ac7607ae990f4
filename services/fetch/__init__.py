"""Fetch: what stands behind the ids that some senders send instead of leads."""
