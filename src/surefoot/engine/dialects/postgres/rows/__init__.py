"""The rows of a PostgreSQL database: generated, taken from a seed, and read."""

from __future__ import annotations

from surefoot.engine.dialects.postgres.rows.fill import fill
from surefoot.engine.dialects.postgres.rows.load import load
from surefoot.engine.dialects.postgres.rows.read import read_rows

__all__ = ["fill", "load", "read_rows"]
