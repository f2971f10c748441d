"""What only the running server can show: starting, stopping, the network, the log."""
