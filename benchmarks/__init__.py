"""Measurements, never tests: each prints a table that `docs/benchmarks.md` quotes with its command."""
