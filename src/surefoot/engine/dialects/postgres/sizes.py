"""How large the tables of a PostgreSQL database are, as far as its catalogue knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from surefoot.engine.effects import TableSize

if TYPE_CHECKING:
    from surefoot.engine.dialects.postgres.target import PostgresTarget

# A parent of partitions has no storage of its own: it is as large as the leaves below it. What somebody holds an
# AccessExclusiveLock on, or waits for one, cannot be measured without waiting as well. Never analysed is -1 rows; 0
# rows in 0 pages before PostgreSQL 14.
_SIZES = """
    WITH RECURSIVE tree (root, node) AS (
        SELECT c.oid, c.oid FROM pg_catalog.pg_class c
        WHERE c.relkind IN ('r', 'p', 'm') AND c.oid >= 16384 AND c.relpersistence <> 't'
        UNION ALL
        SELECT t.root, i.inhrelid FROM tree t
        JOIN pg_catalog.pg_class p ON p.oid = t.node AND p.relkind = 'p'
        JOIN pg_catalog.pg_inherits i ON i.inhparent = t.node
    ), locked AS (
        SELECT l.relation FROM pg_catalog.pg_locks l
        WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.pid <> pg_catalog.pg_backend_pid()
            AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
    ), unknown AS (
        SELECT relation FROM locked
        UNION SELECT i.indrelid FROM locked l JOIN pg_catalog.pg_index i ON i.indexrelid = l.relation
        UNION SELECT c.oid FROM locked l JOIN pg_catalog.pg_class c ON c.reltoastrelid = l.relation
    ), measured AS MATERIALIZED (
        SELECT c.oid, pg_catalog.pg_total_relation_size(c.oid) AS total, pg_catalog.pg_table_size(c.oid) AS alone,
            CASE WHEN c.reltuples >= 0 AND (c.relpages > 0 OR pg_catalog.pg_relation_size(c.oid) = 0)
                THEN c.reltuples::bigint END AS estimate
        FROM pg_catalog.pg_class c
        WHERE c.relkind IN ('r', 'm') AND c.oid >= 16384 AND c.relpersistence <> 't'
            AND c.oid NOT IN (SELECT relation FROM unknown WHERE relation IS NOT NULL)
    )
    SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(r.relname),
        coalesce(sum(m.total), 0)::bigint, coalesce(sum(m.alone), 0)::bigint,
        CASE WHEN count(*) FILTER (WHERE c.relkind <> 'p') = count(m.estimate)
            THEN coalesce(sum(m.estimate), 0)::bigint END
    FROM tree t
    JOIN pg_catalog.pg_class c ON c.oid = t.node AND c.relkind <> 'f'
    JOIN pg_catalog.pg_class r ON r.oid = t.root
    JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
    LEFT JOIN measured m ON m.oid = t.node
    GROUP BY 1
    HAVING count(*) FILTER (WHERE c.relkind <> 'p') = count(m.total)
"""


def sizes(target: PostgresTarget) -> Mapping[str, TableSize]:
    """The size of every table and materialised view, by its qualified, quoted name.

    Reads the catalogue and asks for the sizes of files: no table is read. A table whose size is not to be had without
    waiting for a lock is left out.
    """
    return {name: TableSize(total, alone, rows) for name, total, alone, rows in target.query(_SIZES)}
