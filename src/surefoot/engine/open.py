"""From a URL to a target: which database it is, and a session on it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from surefoot.engine.dialects.target import Target
from surefoot.engine.model import Timeouts
from surefoot.errors import Unreachable, UsageError

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


def open_within(
    target: Target, seconds: float, on_wait: Callable[[Unreachable, float], None] = lambda _error, _waited: None
) -> None:
    """Open the session as soon as the database answers, and try for so many seconds: once, where that is 0.

    `on_wait` is told what was in the way, and the seconds waited by then. Raises Unreachable.
    """
    started = time.monotonic()
    while True:
        try:
            return target.open()
        except Unreachable as error:
            waited = time.monotonic() - started
            if waited >= seconds:
                raise
            on_wait(error, waited)
            time.sleep(min(0.5, seconds - waited))


@contextmanager
def connect(
    url: str,
    *,
    schema: str = "surefoot",
    preamble: Sequence[str] = (),
    timeouts: Timeouts | None = None,
    wait: float = 0.0,
) -> Iterator[Target]:
    """A session on the database of a URL, closed at the end. Raises UsageError, Unreachable.

    Where the database does not answer yet, it is tried again for `wait` seconds.
    """
    target = make_target(url, schema=schema, preamble=preamble, timeouts=timeouts)
    try:
        open_within(target, wait)
        yield target
    finally:
        target.close()
