"""The platform in one process, or one role of it."""
