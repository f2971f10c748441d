"""The rules of the catalogue: readers over a connection, services over a session."""
