"""Crm's stages, one file for each topic it consumes."""
