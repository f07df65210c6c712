"""The rows of a PostgreSQL database: generated, taken from a seed, and read."""

from __future__ import annotations

from surefoot.engine.dialects.postgres.rows.generated import fill
from surefoot.engine.dialects.postgres.rows.read import read_rows
from surefoot.engine.dialects.postgres.rows.seed import load

__all__ = ["fill", "load", "read_rows"]
