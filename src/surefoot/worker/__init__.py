"""The process that does what the queue holds."""
