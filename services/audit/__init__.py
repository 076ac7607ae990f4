"""Audit: every field change for ever, hash-chained; timeline, why, verify, rollback and the ledger."""
