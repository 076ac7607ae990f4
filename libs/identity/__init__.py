"""Who an address, a number, a domain or a name points to, in one spelling for every service. Pure: no I/O, no clock."""
