"""The platform's own PostgreSQL: connections, transactions, and its schema."""
