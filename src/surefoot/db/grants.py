"""What the processes may do in the platform's database when they take on a role that owns nothing."""

from __future__ import annotations

from psycopg import errors, sql

from surefoot.db.pool import SCHEMA, Connection
from surefoot.errors import ConfigError

# Only added to. The months of audit_events are tables as well, and are reached through it alone.
_TRAIL = ("audit_events", "audit_checkpoints", "audit_segments", "access_batches", "access_log")
# Written by triggers and functions that run as their owner.
_CHAINS = ("audit_chains", "audit_links")


async def grant(connection: Connection, role: str) -> None:
    """Give a role what the processes need, and take from it what would change the audit trail.

    On a connection of the schema's owner, after each migration; it may be called again, also by several processes at
    once. Raises ConfigError where there is no such role.
    """
    name, schema = sql.Identifier(role), sql.Identifier(SCHEMA)
    try:
        async with connection.transaction():
            # Two processes that start at once would change the same rows of the catalogue, and one would fail.
            await connection.execute("SELECT pg_advisory_xact_lock(hashtext('surefoot.grants'))")
            for statement in _statements():
                await connection.execute(sql.SQL(statement).format(role=name, schema=schema))
            for part in await _parts(connection):
                await connection.execute(sql.SQL("REVOKE ALL ON {} FROM {}").format(sql.Identifier(SCHEMA, part), name))
    except errors.UndefinedObject as error:
        raise ConfigError(
            f"SUREFOOT_DATABASE_ROLE names {role}, and the database has no such role.",
            hint=f'CREATE ROLE "{role}" NOLOGIN; and grant it to the user in SUREFOOT_DATABASE_URL.',
            role=role,
        ) from error


def _statements() -> tuple[str, ...]:
    trail = ", ".join(f"{{schema}}.{table}" for table in _TRAIL)
    chains = ", ".join(f"{{schema}}.{table}" for table in _CHAINS)
    return (
        "GRANT USAGE ON SCHEMA {schema} TO {role}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
        "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {role}",
        # As the trigger of a table of its own, it would write links to events that there are not.
        "REVOKE EXECUTE ON FUNCTION {schema}.audit_append() FROM PUBLIC, {role}",
        # The operator's command retires, as the owner: a segment that nobody signed would take the trail away.
        "REVOKE EXECUTE ON FUNCTION {schema}.audit_retire(uuid) FROM PUBLIC, {role}",
        f"REVOKE UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON {trail} FROM {{role}}",
        f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON {chains} FROM {{role}}",
    )


async def _parts(connection: Connection) -> list[str]:
    query = (
        "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid "
        f"WHERE inhparent = '{SCHEMA}.audit_events'::regclass"
    )
    return [str(row["relname"]) for row in await (await connection.execute(query.encode())).fetchall()]
