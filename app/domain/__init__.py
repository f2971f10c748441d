"""Values of the catalogue and their rules: pure functions, no input or output."""
