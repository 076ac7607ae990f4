"""Enrich's stages, one file each."""
