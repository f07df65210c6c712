"""Databases: how each is connected, split, locked, looked at and dumped."""
