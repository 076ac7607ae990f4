"""Loading a base of records from a table: what its columns mean, what its rows are, and making them once."""
