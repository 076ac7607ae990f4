"""Scores against outcomes, offline: how good a points table is, and which points the outcomes speak for."""
