"""The demo: everything up, a few hundred generated leads posted, and what became of them."""
