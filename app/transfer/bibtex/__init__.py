"""BibTeX and biblatex: `bibtex.py` reads and writes files."""
