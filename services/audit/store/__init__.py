"""Audit's SQL: the log, the events beside it, and rollbacks."""
