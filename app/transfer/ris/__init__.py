"""RIS: `ris.py` reads and writes files."""
