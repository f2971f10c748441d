"""Import and export formats, a package for each family of them; what the families share is beside these.

A format is the module of its name: `tables/csv.py`, `tables/xlsx.py`, `marc/marcxml.py`, `bibtex/bibtex.py`,
`ris/ris.py`, `json/jsonl.py`, `json/csl_json.py`; MARC 21 is `marc/iso2709.py`. `formats.py` registers them.
"""
