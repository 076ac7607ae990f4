"""Classifiers outside the process, one file each."""
