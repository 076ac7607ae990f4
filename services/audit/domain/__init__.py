"""The audit log's rules: pure, no I/O."""
