"""Commands: each runs as `python -m scripts.NAME`, and explains itself with `--help`."""
