"""Values of the catalogue and their rules: pure functions without I/O."""
