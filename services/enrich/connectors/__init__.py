"""Providers, one file each: what they read off a lead (`inputs`) and what they know about it (`answer`)."""
