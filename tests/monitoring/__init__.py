"""What deploy/ has for Prometheus and Grafana, checked by promtool."""
