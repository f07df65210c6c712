"""API tokens: personal ones, and those of a workspace."""
