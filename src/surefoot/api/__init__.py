"""The HTTP API, put together from the routes of the features."""
