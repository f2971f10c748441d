"""The audit log; the log of changes and its feed; the delivery of webhooks."""
