"""Rules of fetch: no I/O."""
