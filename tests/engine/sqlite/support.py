"""What the tests on SQLite share: statements from text, and folders of migrations."""

from __future__ import annotations

from pathlib import Path

from surefoot.engine.dialects.sqlite.split import split
from surefoot.engine.model import Fragment, Script, Statement

# Counts up until somebody stops it.
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


def script(sql: str, *, transaction: bool = True) -> Script:
    """A file `1_test.up.sql` of this text."""
    return Script("1_test.up.sql", (Fragment(sql),), transaction)


def statement(sql: str) -> Statement:
    """The one statement of a text."""
    (found,) = split(script(sql)).statements
    return found


def write(folder: Path, **files: str) -> Path:
    """Write native migrations: `up_1="..."` is the file `1_step.up.sql`, `down_1` its way back."""
    folder.mkdir(exist_ok=True)
    for name, sql in files.items():
        direction, _, version = name.partition("_")
        (folder / f"{version}_step.{direction}.sql").write_text(sql, encoding="utf-8")
    return folder
