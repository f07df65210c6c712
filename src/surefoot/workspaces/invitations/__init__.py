"""Asking people into a workspace by mail."""
