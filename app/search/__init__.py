"""Finding books and authors by words: one interface, one small file for each database."""
