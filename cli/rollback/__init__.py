"""`rollback plan|apply|show|list`: take changes back, field by field, by new changes; nothing is ever deleted."""
