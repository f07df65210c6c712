"""How large the tables of a MariaDB or MySQL database are."""

from __future__ import annotations

from collections.abc import Mapping

from surefoot.engine.dialects.mysql.snapshot.naming import title
from surefoot.engine.dialects.target import Target
from surefoot.engine.effects import TableSize

# Estimates of the engine; no table is read.
_SIZES = """
    SELECT table_name, data_length, index_length, table_rows FROM information_schema.TABLES
    WHERE table_schema = DATABASE() AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')
"""


def sizes(target: Target) -> Mapping[str, TableSize]:
    """The tables of the target's database by name; those whose engine says nothing of its size are left out."""
    rows = target.query(_SIZES)
    return {
        title(name): TableSize(int(data) + int(indexes or 0), int(data), None if count is None else int(count))
        for name, data, indexes, count in rows
        if data is not None
    }
