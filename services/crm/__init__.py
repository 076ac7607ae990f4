"""The record store, and the only writer to a CRM: compare-and-set on every field, people's edits, what was rejected."""
