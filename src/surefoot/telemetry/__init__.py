"""Logs of the platform."""
