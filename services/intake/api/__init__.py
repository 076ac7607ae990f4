"""HTTP of intake: the hooks that tools post to, and the API for people."""
