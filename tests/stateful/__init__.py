"""Random walks through the life of accounts, compared with a model of it after every step."""
