"""The first person and the first workspace of an installation."""
