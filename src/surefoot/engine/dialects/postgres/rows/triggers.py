"""Triggers and rules, out of the way of rows that no application writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from surefoot.engine.dialects.postgres.rows.session import Connection

_ENABLED = """
    SELECT t.tgrelid::regclass::text, 'TRIGGER', quote_ident(t.tgname), t.tgenabled::text
    FROM pg_catalog.pg_trigger t WHERE t.tgrelid = ANY (%(oids)s) AND NOT t.tgisinternal AND t.tgenabled <> 'D'
    UNION ALL
    SELECT r.ev_class::regclass::text, 'RULE', quote_ident(r.rulename), r.ev_enabled::text
    FROM pg_catalog.pg_rewrite r WHERE r.ev_class = ANY (%(oids)s) AND r.ev_enabled <> 'D'
    ORDER BY 1, 2, 3
"""


@contextmanager
def switched_off(connection: Connection, oids: Sequence[int]) -> Iterator[None]:
    """Switch the triggers and rules of these tables off, within a transaction, and back to what they were.

    The role `replica` would do so too, and would take the checks of foreign keys and deferred constraints with it; and
    what is there ALWAYS would run all the same.
    """
    found = connection.execute(_ENABLED, {"oids": list(oids)}).fetchall()
    _alter(connection, (f"ALTER TABLE ONLY {table} DISABLE {kind} {name}" for table, kind, name, _enabled in found))
    yield
    how = {"A": "ALWAYS ", "R": "REPLICA "}
    _alter(
        connection,
        (
            f"ALTER TABLE ONLY {table} ENABLE {how.get(enabled, '')}{kind} {name}"
            for table, kind, name, enabled in found
        ),
    )


def _alter(connection: Connection, statements: Iterable[str]) -> None:
    """Run these without waking event triggers."""
    text = "; ".join(statements)
    if text:
        quiet, loud = (f"SET LOCAL session_replication_role = {role}" for role in ("replica", "origin"))
        connection.execute(f"{quiet}; {text}; {loud}".encode())
