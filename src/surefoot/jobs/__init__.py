"""The durable queue of background work; it knows no feature."""
