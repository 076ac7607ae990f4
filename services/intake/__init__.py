"""Intake: takes leads from every tool, keeps their bytes for ever, and maps them to facts."""
