"""What the service does when the machine fails it."""
