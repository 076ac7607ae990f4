"""Providers that are asked over HTTP: the polite reader, its cache, robots.txt, and what paid APIs may cost."""
