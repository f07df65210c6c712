"""Signing in on a device without a browser: one program asks, a person approves it elsewhere (RFC 8628)."""
