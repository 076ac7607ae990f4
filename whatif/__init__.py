"""What another policy would have done with the history: read once, evaluated in columns, simulated in order. Offline."""
