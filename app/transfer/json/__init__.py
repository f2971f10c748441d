"""Formats of JSON: the service's own JSON Lines (`jsonl.py`), and CSL-JSON (`csl_json.py`)."""
