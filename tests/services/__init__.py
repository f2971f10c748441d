"""What lies below HTTP."""
