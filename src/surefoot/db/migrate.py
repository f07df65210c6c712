"""The platform's schema, migrated by our own engine under its own lock."""

from __future__ import annotations

from pathlib import Path

from surefoot.db.pool import SCHEMA
from surefoot.engine.api import Project, Result, connect, up

MIGRATIONS = Path(__file__).parent / "migrations"
PREAMBLE = (f"SET search_path TO {SCHEMA}",)
NAME = "surefoot-platform"


def migrate(url: str) -> Result:
    """Apply what is pending; with nothing to do, nothing is locked or written. Several processes may call it at once.

    Raises what `surefoot.engine.api.up` raises.
    """
    with connect(url, preamble=PREAMBLE) as target:
        return up(target, project())


def project() -> Project:
    """The platform's own folder of migrations."""
    return Project(str(MIGRATIONS), name=NAME)
