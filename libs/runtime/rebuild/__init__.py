"""Rebuild: every service's state made anew from the topics that are kept for ever, beside the live one, with no calls out."""
