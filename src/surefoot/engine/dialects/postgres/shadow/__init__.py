"""Throw-away PostgreSQL databases: on a server of our own, on any server, or beside the target."""

from surefoot.engine.dialects.postgres.shadow.database import PostgresShadow

__all__ = ["PostgresShadow"]
