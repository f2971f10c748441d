"""Benchmarks: each runs as `python -m bench.NAME`, and writes its report beside itself."""
