"""Surefoot's own tables on SQLite: what brings format version n to n + 1.

Times are UTC text, `2026-01-31T12:00:00.000Z`, as SQLite's own functions read and write it.
"""

from __future__ import annotations

OWN = ("surefoot_format", "surefoot_history", "surefoot_journal", "surefoot_schema")
NOW = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"

_VERSION_1 = (
    """
    CREATE TABLE main.surefoot_format (
        version integer PRIMARY KEY,
        created_at text NOT NULL
    )
    """,
    """
    CREATE TABLE main.surefoot_history (
        id integer PRIMARY KEY,
        project text NOT NULL,
        version text NOT NULL,
        name text NOT NULL,
        kind text NOT NULL CHECK (kind IN ('migration', 'baseline')),
        checksum text NOT NULL,
        down_checksum text,
        up_scripts blob NOT NULL,
        down_scripts blob,
        applied_at text NOT NULL,
        applied_by text NOT NULL,
        duration_ms integer NOT NULL,
        run_id text NOT NULL,
        surefoot_version text NOT NULL,
        rolled_back_at text,
        rolled_back_by text,
        rolled_back_run_id text,
        rollback_ms integer
    )
    """,
    """
    CREATE UNIQUE INDEX main.surefoot_history_live
        ON surefoot_history (project, version) WHERE rolled_back_at IS NULL
    """,
    """
    CREATE TABLE main.surefoot_journal (
        project text NOT NULL,
        version text NOT NULL,
        direction text NOT NULL,
        block integer NOT NULL,
        run_id text NOT NULL,
        checksum text NOT NULL,
        state text NOT NULL CHECK (state IN ('started', 'done', 'failed')),
        before_state text NOT NULL,
        statement text NOT NULL,
        started_at text NOT NULL,
        error text,
        PRIMARY KEY (project, block)
    )
    """,
)

# The schema that a run left, for `drift`.
_VERSION_2 = (
    """
    CREATE TABLE main.surefoot_schema (
        project text PRIMARY KEY,
        run_id text NOT NULL,
        recorded_at text NOT NULL,
        snapshot blob NOT NULL
    )
    """,
)

UPGRADES = (_VERSION_1, _VERSION_2)
