"""Signing in with somebody else's word for it: OpenID Connect providers and GitHub."""
