"""Insights: what came of leads and suggestions, in numbers that lead to their cases, and the weekly review."""
