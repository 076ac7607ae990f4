"""Dedupe: who is behind a lead. Links records, never merges them, and asks a person whenever it is not certain."""
