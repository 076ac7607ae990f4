"""Tests of what the drills search and compare with."""
