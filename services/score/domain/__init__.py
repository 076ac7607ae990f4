"""Pure rules of score."""
