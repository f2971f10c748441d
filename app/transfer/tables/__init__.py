"""Tables, one book a row: CSV and other delimited text (`table.py` reads, `csv.py` writes), and Excel (`xlsx.py`)."""
