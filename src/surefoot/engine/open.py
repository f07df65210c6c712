"""From a URL to a target: which database it is, and a session on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from surefoot.engine.dialects.target import Target
from surefoot.engine.model import Timeouts
from surefoot.errors import UsageError

_EXAMPLES = "postgresql://user@host/database, mysql://user@host/database or sqlite:///path/to/file.db"


def make_target(
    url: str, *, schema: str = "surefoot", preamble: Sequence[str] = (), timeouts: Timeouts | None = None
) -> Target:
    """The target of a URL; nothing is connected yet. Each dialect is imported only where it is used.

    `schema` is where PostgreSQL keeps Surefoot's tables. `preamble` prepares the session before each step.
    Raises UsageError where the URL cannot be read.
    """
    limits = timeouts or Timeouts()
    scheme = url.partition(":")[0].lower()
    if scheme in ("postgres", "postgresql"):
        from surefoot.engine.dialects.postgres.connect import Connector
        from surefoot.engine.dialects.postgres.target import PostgresTarget

        connector = Connector(url, timeout=limits.connect)
        return PostgresTarget(connector, label=connector.label, schema=schema, preamble=preamble, timeouts=limits)
    if scheme in ("sqlite", "sqlite3"):
        from surefoot.engine.dialects.sqlite.connect import open_file

        return open_file(url, preamble=preamble, timeouts=limits)
    if scheme in ("mysql", "mariadb"):
        from surefoot.engine.dialects.mysql.connect import Connector as MysqlConnector
        from surefoot.engine.dialects.mysql.target import MysqlTarget

        opener = MysqlConnector(url, timeout=limits.connect)
        return MysqlTarget(opener, opener.address, preamble=preamble, timeouts=limits)
    raise UsageError(
        f"{scheme or 'An empty text'} is not the scheme of a database that Surefoot knows.", hint=_EXAMPLES
    )


@contextmanager
def connect(
    url: str, *, schema: str = "surefoot", preamble: Sequence[str] = (), timeouts: Timeouts | None = None
) -> Iterator[Target]:
    """A session on the database of a URL, closed at the end. Raises UsageError, Unreachable."""
    target = make_target(url, schema=schema, preamble=preamble, timeouts=timeouts)
    try:
        target.open()
        yield target
    finally:
        target.close()
