"""MARC 21: the transmission format (`iso2709.py`), and MARCXML (`marcxml.py`).

Both read by `book_of_record.py` and write by `record_of_book.py`.
"""
