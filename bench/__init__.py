"""Benchmarks: each runs as `python -m bench.NAME`, and writes its report beside itself, or where `--report` says.

Each takes arguments that make it small (`--books 300 --rounds 1 …`), and `tests/contract/test_smallest_forms.py` runs
it so: a new one needs a line there.
"""
