"""Enrich: what providers know about a lead, each value with evidence; nothing found is said, never invented."""
