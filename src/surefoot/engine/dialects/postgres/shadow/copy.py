"""The target's schema, or a file of SQL, brought into a shadow database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg

from surefoot.engine.dialects.postgres.dump import address, find_program
from surefoot.engine.dialects.postgres.shadow.statements import name
from surefoot.engine.dialects.postgres.split import split
from surefoot.engine.dialects.postgres.target import PostgresTarget
from surefoot.engine.dialects.tools import output_of
from surefoot.engine.model import Fragment, Script, Statement
from surefoot.errors import FolderError, ShadowFailed, StatementFailed, ToolFailed

Connection = psycopg.Connection[tuple[Any, ...]]
Run = Callable[[PostgresTarget, Statement], None]
# Subscriptions would connect to the real publisher, labels need a provider that is loaded.
_OPTIONS = (
    "--schema-only", "--no-subscriptions", "--no-security-labels", "--encoding=UTF8", "--lock-wait-timeout=30s",
)  # fmt: skip
_UNKNOWN_SETTING = "42704"
_MOST_AT_ONCE = 200
TRANSACTIONS = (("BEGIN",), ("START",), ("COMMIT",), ("END",), ("ROLLBACK",), ("SAVEPOINT",), ("PREPARE",))

_LEFT_OUT = {
    "subscription": "SELECT subname FROM pg_subscription JOIN pg_database d ON d.oid = subdbid "
    "WHERE datname = current_database()",
    "security label": "SELECT DISTINCT provider FROM pg_seclabel",
    "invalid index": "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT (indisvalid AND indisready) "
    "AND indrelid NOT IN (SELECT oid FROM pg_class WHERE relkind = 'p')",
}
_FILLED_VIEWS = """
SELECT format('%I.%I', nspname, relname) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
WHERE relkind = 'm' AND relispopulated ORDER BY c.oid
"""
_ESTIMATES = """
SELECT nspname, relname, relpages, reltuples FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
WHERE relkind IN ('r', 'm', 'i') AND reltuples > 0 AND nspname !~ '^pg_' AND nspname <> 'information_schema'
"""
_CARRY = """
UPDATE pg_class c SET relpages = e.pages, reltuples = e.rows
FROM unnest(%s::text[], %s::text[], %s::int[], %s::real[]) e (schema, name, pages, rows), pg_namespace n
WHERE n.oid = relnamespace AND nspname = e.schema AND relname = e.name
"""


def dump_schema(connection: Connection, schema: str, *, tablespaces: bool) -> str:
    """The schema of the target's database by pg_dump, with owners and privileges, without Surefoot's own tables.

    Raises ToolFailed.
    """
    program = find_program(connection.info.server_version // 10000)
    own = [f"--exclude-table={name(schema)}.surefoot_*", *([] if tablespaces else ["--no-tablespaces"])]
    command = [str(program), *_OPTIONS, *own, f"--dbname={address(connection)}"]
    try:
        return output_of(command, {"PGPASSWORD": connection.info.password})
    except ToolFailed as error:
        raise ToolFailed(
            error.message,
            hint="The role has to read every table for a dump; or rehearse with --from empty, or from a dump file.",
        ) from None


def left_out(connection: Connection) -> Iterator[str]:
    """What the target has, and a dump of it has not."""
    for kind, query in _LEFT_OUT.items():
        for (found,) in connection.execute(query):
            yield f"{kind} {found} of the target is not in the shadow"


def read_file(path: Path) -> str:
    """The SQL of a dump file. Raises ShadowFailed."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ShadowFailed(f"{path} cannot be read: {error.strerror}.", hint="Check its name.") from error
    except UnicodeDecodeError as error:
        raise ShadowFailed(
            f"{path} is not text.", hint="Use pg_dump's plain format (--format=plain) and UTF-8."
        ) from error


def restore(session: PostgresTarget, text: str, origin: str, run: Run) -> None:
    """Execute the statements of a dump up to the first that fails. Raises ShadowFailed, and names that statement.

    Many are sent at once, which takes a seventh of the time; where one of them fails, `run` executes each by itself.
    `origin` is the dump's name.
    """
    for batch in _batches(_statements(text, origin)):
        if not _at_once(session, batch):
            for statement in batch:
                _by_itself(session, statement, origin, run)


def _batches(statements: Sequence[Statement]) -> Iterator[list[Statement]]:
    """Statements that may be one transaction; none where the dump has transactions of its own."""
    most = 1 if any(statement.words[:1] in TRANSACTIONS for statement in statements) else _MOST_AT_ONCE
    batch: list[Statement] = []
    for statement in statements:
        alone = statement.copy_data is not None or statement.words[:2] == ("CREATE", "EXTENSION")
        if batch and (alone or len(batch) >= most):
            yield batch
            batch = []
        batch.append(statement)
        if alone:
            yield batch
            batch = []
    if batch:
        yield batch


def _at_once(session: PostgresTarget, batch: Sequence[Statement]) -> bool:
    """Whether the statements ran as one; otherwise none of them did."""
    if len(batch) == 1:
        return False
    try:
        session.query(";\n".join(statement.sql for statement in batch))
        return True
    except StatementFailed:
        return False


def _by_itself(session: PostgresTarget, statement: Statement, origin: str, run: Run) -> None:
    try:
        run(session, statement)
    except StatementFailed as error:
        if not _sets_the_unknown(statement, error):
            raise ShadowFailed(
                f"The shadow could not be built from {origin}: {error.message}",
                hint="Give the shadow what is missing (postgres_bin, shadow_url), or rehearse with --from empty.",
                **error.details,
            ) from error


def _statements(text: str, origin: str) -> tuple[Statement, ...]:
    try:
        return split(Script(origin, (Fragment(text),), transaction=False)).statements
    except FolderError as error:
        raise ShadowFailed(
            f"{origin} cannot be run: {error.message}",
            hint="Use a dump of one database, in plain format, made without --create.",
            **error.details,
        ) from error


def _sets_the_unknown(statement: Statement, error: StatementFailed) -> bool:
    """A newer pg_dump switches off timeouts that an older server does not have."""
    return statement.words[:1] == ("SET",) and error.details.get("sqlstate") == _UNKNOWN_SETTING


def refresh_views(target: Connection, shadow: Connection) -> Iterator[str]:
    """Fill the materialised views that the target has filled: a dump without rows leaves them unusable.

    Gives a note for each that could not be.
    """
    waiting = [view for (view,) in target.execute(_FILLED_VIEWS)]
    while waiting:
        failed = {view: message for view in waiting if (message := _refusal(shadow, view))}
        if len(failed) == len(waiting):
            yield from (f"materialized view {view} could not be filled: {failed[view]}" for view in failed)
            return
        # One may read another.
        waiting = list(failed)


def _refusal(shadow: Connection, view: str) -> str:
    try:
        shadow.execute(f"REFRESH MATERIALIZED VIEW {view}")
        return ""
    except psycopg.Error as error:
        return str(error.diag.message_primary)


def carry_estimates(target: Connection, shadow: Connection) -> None:
    """Let the shadow's empty tables claim as many rows and pages as the target's; for a superuser."""
    rows = target.execute(_ESTIMATES).fetchall()
    if rows:
        shadow.execute(_CARRY, [list(column) for column in zip(*rows, strict=True)])
