"""Histories to measure and to test with, made from a seed by the router itself."""
