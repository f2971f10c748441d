"""The options of `python -m bench.compare`."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from bench.compare_services import PEERS


def parser_of(description: str | None) -> argparse.ArgumentParser:
    """The parser of the options, whose help begins with this description."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.compare", description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--books", type=int, default=100_000, help="books in the catalogue (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of all measurements (%(default)s)")
    parser.add_argument("--seconds", type=float, default=10, help="duration of each measurement (%(default)s)")
    parser.add_argument("--connections", type=int, default=64, help="connections of wrk (%(default)s)")
    parser.add_argument("--peers", type=_peers, default=[], help=f"only these, of {','.join(one.key for one in PEERS)}")
    parser.add_argument("--seed", type=int, default=1, help="of the catalogue (%(default)s)")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="that fill it (%(default)s)")
    parser.add_argument("--report", type=Path, help="file for the report (bench/results/DATE-BOOKS.md)")
    return parser


def _peers(text: str) -> list[str]:
    """The keys of peers in a text that separates them by commas."""
    keys = [key for key in text.split(",") if key]
    if unknown := set(keys) - {peer.key for peer in PEERS}:
        msg = f"unknown: {', '.join(sorted(unknown))}"
        raise argparse.ArgumentTypeError(msg)
    return keys
