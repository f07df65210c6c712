"""Rules for PostgreSQL, on the trees of the server's own grammar."""
