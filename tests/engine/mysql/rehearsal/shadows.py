"""What the tests of rehearsals on MariaDB share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from surefoot.engine.dialects.mysql.shadow import MysqlShadow
from surefoot.engine.dialects.mysql.split import split
from surefoot.engine.dialects.shadow import Place
from surefoot.engine.dialects.target import Target
from surefoot.engine.model import Fragment, Script, Statement


def statements(text: str) -> tuple[Statement, ...]:
    """The statements of a text."""
    return split(Script("schema.sql", (Fragment(text),))).statements


def run(target: Target, text: str) -> None:
    """Run the statements of a text."""
    for statement in statements(text):
        target.query(statement.sql)


@contextmanager
def shadow(place: Place) -> Iterator[MysqlShadow]:
    """An open shadow."""
    made = MysqlShadow(place)
    try:
        made.open()
        yield made
    finally:
        made.close()
