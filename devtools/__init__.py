"""Servers and databases for tests and benchmarks."""
