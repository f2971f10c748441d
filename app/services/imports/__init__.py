"""Bulk import of books.

`importer.py` runs an import, `matching.py` finds the books that are in the catalogue, and `merging.py` fills them in.
"""
