"""Rules of notify: no I/O."""
