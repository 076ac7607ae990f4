"""Measurements, each side by side with its bare limit in the same run: `signalbox bench`. How and why: docs/bench.md."""
