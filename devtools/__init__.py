"""What developing and installing the service needs, and serving it does not."""
