"""Full-text search of books and authors: one interface, one small module for each database."""
