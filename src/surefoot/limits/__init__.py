"""Limits on attempts, exact across processes."""
