"""Members, roles, invitations and tokens of a workspace."""
