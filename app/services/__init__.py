"""The rules of the catalogue and of accounts: writes, over a database session."""
