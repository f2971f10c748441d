"""Metrics for Prometheus: what is counted, the memory in which the processes share it, and the port that exports it."""
