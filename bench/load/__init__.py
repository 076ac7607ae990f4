"""What puts load on the stack: generated submissions, and the process that posts them."""
