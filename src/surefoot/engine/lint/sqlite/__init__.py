"""Rules for SQLite, on tokens."""
