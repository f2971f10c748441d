"""The tests: most of them go through HTTP, and every one of those runs on both databases."""
