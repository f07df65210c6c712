"""What the routes of all features share: access, the process's parts, pages, problem details, idempotency."""
