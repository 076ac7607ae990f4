"""Matching offline: Splink on DuckDB estimates dedupe's weights and scans whole bases. No service imports it."""
