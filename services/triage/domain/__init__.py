"""Triage's rules: pure, and the same whatever stores the queue."""
