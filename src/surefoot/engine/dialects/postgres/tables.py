"""Surefoot's own tables on PostgreSQL: what brings format version n to n + 1."""

from __future__ import annotations

_VERSION_1 = (
    "CREATE SCHEMA IF NOT EXISTS {schema}",
    """
    CREATE TABLE {schema}.surefoot_format (
        version integer PRIMARY KEY,
        created_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE {schema}.surefoot_history (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        project text NOT NULL,
        version text NOT NULL,
        name text NOT NULL,
        kind text NOT NULL CHECK (kind IN ('migration', 'baseline')),
        checksum text NOT NULL,
        down_checksum text,
        up_scripts bytea NOT NULL,
        down_scripts bytea,
        applied_at timestamptz NOT NULL,
        applied_by text NOT NULL,
        duration_ms bigint NOT NULL,
        run_id text NOT NULL,
        surefoot_version text NOT NULL,
        rolled_back_at timestamptz,
        rolled_back_by text,
        rolled_back_run_id text,
        rollback_ms bigint
    )
    """,
    """
    CREATE UNIQUE INDEX surefoot_history_live
        ON {schema}.surefoot_history (project, version) WHERE rolled_back_at IS NULL
    """,
    """
    CREATE TABLE {schema}.surefoot_journal (
        project text NOT NULL,
        version text NOT NULL,
        direction text NOT NULL,
        block integer NOT NULL,
        run_id text NOT NULL,
        checksum text NOT NULL,
        state text NOT NULL CHECK (state IN ('started', 'done', 'failed')),
        before_state text NOT NULL,
        statement text NOT NULL,
        started_at timestamptz NOT NULL,
        error text,
        PRIMARY KEY (project, block)
    )
    """,
)

# The schema that a run left, for `drift`.
_VERSION_2 = (
    """
    CREATE TABLE {schema}.surefoot_schema (
        project text PRIMARY KEY,
        run_id text NOT NULL,
        recorded_at timestamptz NOT NULL,
        snapshot bytea NOT NULL
    )
    """,
)

UPGRADES = (_VERSION_1, _VERSION_2)


def history_ddl(schema: str, *, schema_exists: bool) -> list[list[str]]:
    """The statements of each upgrade, with Surefoot's tables in `schema` (a quoted identifier).

    Where the schema exists it is not created: that would need a privilege on the database.
    """
    return [
        [sql.format(schema=schema) for sql in upgrade if not (schema_exists and sql.startswith("CREATE SCHEMA"))]
        for upgrade in UPGRADES
    ]
