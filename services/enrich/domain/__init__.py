"""Pure rules of enrich."""
