"""What a statement did to the database beside its work: locks, rewrites, scans, and what it left unfinished."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock on a relation that was there before the migration. `mode` is the database's own word for it.

    `relation` is a table's qualified name; what is no table says so: `index public.orders_pkey`, `view ...`,
    `sequence ...`, `type ...`. `taken`: this statement took it. Otherwise an earlier one did, and it was held while
    this one ran.
    """

    relation: str
    mode: str
    taken: bool


@dataclass(frozen=True, slots=True)
class Effect:
    """What one statement did, as measured on the shadow database.

    Names of relations are qualified. `rewrites` and `scans` are relations (tables and indexes) that were there before
    the migration; `builds` are such tables on which an index was built, a new one or one built anew. `unfinished` are
    objects left invalid, in words. `algorithm` is how the database carries the statement out where it names that:
    INSTANT, NOCOPY, INPLACE or COPY; `rebuild` for a table of SQLite that is made anew. `complete` is False where a
    look from outside may have missed a short lock.
    """

    position: int
    path: str
    line: int
    sql: str
    transactional: bool
    duration_ms: int
    rows: int | None = None
    locks: tuple[Lock, ...] = ()
    rewrites: tuple[str, ...] = ()
    scans: tuple[str, ...] = ()
    unfinished: tuple[str, ...] = ()
    algorithm: str = ""
    complete: bool = True
    builds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableSize:
    """How large a table of the real target is: bytes with its indexes, bytes of the table alone, and estimated rows.

    `rows` is None where the database has no estimate: it is not zero.
    """

    total_bytes: int
    table_bytes: int
    rows: int | None
