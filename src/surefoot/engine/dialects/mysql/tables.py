"""Surefoot's own tables on MariaDB and MySQL: what brings format version n to n + 1.

Each statement commits by itself and may have run before a crash: it has to be harmless when it runs again.
"""

from __future__ import annotations

from collections.abc import Callable

# Surefoot's own tables.
OWN = ("surefoot_format", "surefoot_history", "surefoot_journal", "surefoot_schema")
_KEYS = "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
_OPTIONS = f"ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT {_KEYS}"

_VERSION_1 = (
    f"""
    CREATE TABLE IF NOT EXISTS {{format}} (
        version INT NOT NULL PRIMARY KEY,
        created_at DATETIME(6) NOT NULL
    ) {_OPTIONS}
    """,
    f"""
    CREATE TABLE IF NOT EXISTS {{history}} (
        id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
        project VARCHAR(191) NOT NULL,
        version VARCHAR(255) NOT NULL,
        name TEXT NOT NULL,
        kind VARCHAR(16) NOT NULL,
        checksum VARCHAR(255) NOT NULL,
        down_checksum VARCHAR(255),
        up_scripts LONGBLOB NOT NULL,
        down_scripts LONGBLOB,
        applied_at DATETIME(6) NOT NULL,
        applied_by TEXT NOT NULL,
        duration_ms BIGINT NOT NULL,
        run_id VARCHAR(255) NOT NULL,
        surefoot_version VARCHAR(64) NOT NULL,
        rolled_back_at DATETIME(6),
        rolled_back_by TEXT,
        rolled_back_run_id VARCHAR(255),
        rollback_ms BIGINT,
        live TINYINT GENERATED ALWAYS AS (CASE WHEN rolled_back_at IS NULL THEN 1 END) STORED,
        UNIQUE KEY surefoot_history_live (project, version, live)
    ) {_OPTIONS}
    """,
    f"""
    CREATE TABLE IF NOT EXISTS {{journal}} (
        project VARCHAR(191) NOT NULL,
        version VARCHAR(255) NOT NULL,
        direction VARCHAR(8) NOT NULL,
        block INT NOT NULL,
        run_id VARCHAR(255) NOT NULL,
        checksum VARCHAR(255) NOT NULL,
        state VARCHAR(16) NOT NULL,
        before_state MEDIUMTEXT NOT NULL,
        statement MEDIUMTEXT NOT NULL,
        started_at DATETIME(6) NOT NULL,
        error MEDIUMTEXT,
        PRIMARY KEY (project, block)
    ) {_OPTIONS}
    """,
)

# The schema that a run left, for `drift`.
_VERSION_2 = (
    f"""
    CREATE TABLE IF NOT EXISTS {{schema}} (
        project VARCHAR(191) NOT NULL PRIMARY KEY,
        run_id VARCHAR(255) NOT NULL,
        recorded_at DATETIME(6) NOT NULL,
        snapshot LONGBLOB NOT NULL
    ) {_OPTIONS}
    """,
)

UPGRADES = (_VERSION_1, _VERSION_2)


def history_ddl(table: Callable[[str], str]) -> list[list[str]]:
    """The statements of each upgrade; `table` gives the qualified name of one of Surefoot's tables."""
    names = {name: table(name) for name in ("format", "history", "journal", "schema")}
    return [[sql.format(**names) for sql in upgrade] for upgrade in UPGRADES]
