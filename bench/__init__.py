"""Benchmarks: each runs as `python -m bench.NAME`, and writes its report to this folder, or to `--report`.

Each has arguments that make it small (`--books 300 --rounds 1 …`), and `tests/contract/test_smallest_forms.py` runs it
with those: a new benchmark needs a line in `tests/contract/smallest_forms.py`.
"""
