"""PostgreSQL's types as kinds of values."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from surefoot.engine.dialects.generate.hints import merged, read_hints
from surefoot.engine.dialects.generate.model import Family, Kind
from surefoot.engine.dialects.postgres.rows.session import Connection

_TYPES = """
    WITH RECURSIVE used (oid) AS (
        SELECT unnest(%s::oid[])
        UNION
        SELECT part.oid FROM used JOIN pg_catalog.pg_type t ON t.oid = used.oid, LATERAL (
            SELECT t.typelem WHERE t.typcategory = 'A'
            UNION ALL SELECT t.typbasetype
            UNION ALL SELECT a.atttypid FROM pg_catalog.pg_attribute a
                WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
            UNION ALL SELECT r.rngsubtype FROM pg_catalog.pg_range r WHERE t.oid IN (r.rngtypid, r.rngmultitypid)
        ) part (oid)
        WHERE part.oid <> 0
    )
    SELECT t.oid, t.typname::text, t.typtype::text, t.typcategory::text, t.typelem, t.typbasetype, t.typtypmod,
        t.typnotnull,
        ARRAY(SELECT e.enumlabel::text FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder),
        ARRAY(SELECT ARRAY[a.atttypid::bigint, a.atttypmod] FROM pg_catalog.pg_attribute a
            WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum),
        (SELECT r.rngsubtype FROM pg_catalog.pg_range r WHERE t.oid IN (r.rngtypid, r.rngmultitypid)),
        ARRAY(SELECT ARRAY[c.conname::text, pg_catalog.pg_get_expr(c.conbin, 0)] FROM pg_catalog.pg_constraint c
            WHERE c.contypid = t.oid AND c.conbin IS NOT NULL ORDER BY c.conname)
    FROM pg_catalog.pg_type t JOIN used ON used.oid = t.oid
"""
_PLAIN = {
    "bool": Kind(Family.BOOLEAN),
    "int2": Kind(Family.INTEGER, low=-(2**15), high=2**15 - 1),
    "int4": Kind(Family.INTEGER, low=-(2**31), high=2**31 - 1),
    "int8": Kind(Family.INTEGER, low=-(2**63), high=2**63 - 1),
    "oid": Kind(Family.INTEGER, low=0, high=2**31 - 1),
    "float4": Kind(Family.FLOAT, precision=24),
    "float8": Kind(Family.FLOAT),
    "numeric": Kind(Family.DECIMAL),
    "text": Kind(Family.TEXT),
    "citext": Kind(Family.TEXT),
    "varchar": Kind(Family.TEXT),
    "bpchar": Kind(Family.TEXT),
    "name": Kind(Family.TEXT, length=63),
    "bytea": Kind(Family.BYTES),
    "bit": Kind(Family.BITS, length=1, fixed=True),
    "varbit": Kind(Family.BITS),
    "date": Kind(Family.DATE),
    "time": Kind(Family.TIME),
    "timetz": Kind(Family.TIME),
    "timestamp": Kind(Family.DATETIME),
    "timestamptz": Kind(Family.DATETIME),
    "uuid": Kind(Family.UUID),
    "json": Kind(Family.JSON),
    "jsonb": Kind(Family.JSON),
}
# How deep composites and arrays are followed: a type may hold itself, by way of an array.
_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class _Type:
    name: str
    type: str
    category: str
    element: int
    base: int
    modifier: int
    not_null: bool
    labels: tuple[str, ...]
    attributes: tuple[tuple[int, int], ...]
    subtype: int | None
    checks: tuple[tuple[str, str], ...]


class Kinds:
    """The kinds of some types and of all that they are made of, read in one query.

    `constraints` are the names of domains' checks, with the types whose values they are about.
    """

    def __init__(self, connection: Connection, oids: Collection[int]) -> None:
        rows = connection.execute(_TYPES, (list(oids),)).fetchall()
        self._types = {row[0]: _type(row[1:]) for row in rows}
        self.constraints: dict[str, set[int]] = {}
        for oid in oids:
            for each in self._lineage(oid):
                for name, _text in each.checks:
                    self.constraints.setdefault(name, set()).add(oid)

    def kind(self, oid: int, modifier: int, depth: int = 0) -> Kind:
        """The kind of a type with its modifier (varchar's length, ...)."""
        found = self._types.get(oid)
        if found is None or depth > _DEEPEST:
            return Kind(Family.OTHER, name="unknown")
        if found.type == "d":
            base = self.kind(found.base, found.modifier, depth)
            hints = [read_hints(text, "VALUE") for _name, text in found.checks]
            return replace(base, hints=merged([base.hints, *hints])) if hints else base
        if found.type == "e":
            return Kind(Family.CHOICE, labels=found.labels)
        return self._made_of_parts(found, modifier, depth + 1) or _plain(found.name, modifier)

    def refuses_null(self, oid: int) -> bool:
        """Whether the type is a domain without NULL."""
        return any(each.not_null for each in self._lineage(oid))

    def _made_of_parts(self, found: _Type, modifier: int, depth: int) -> Kind | None:
        if found.category == "A" and found.element:
            return Kind(Family.OTHER, name="array", parts=(self.kind(found.element, modifier, depth),))
        if found.subtype:
            name = "multirange" if found.type == "m" else "range"
            return Kind(Family.OTHER, name=name, parts=(self.kind(found.subtype, -1, depth),))
        if found.type == "c":
            return Kind(Family.OTHER, name="row", parts=tuple(self.kind(*each, depth) for each in found.attributes))
        return None

    def _lineage(self, oid: int) -> list[_Type]:
        """The type, and what it is a domain or an array of."""
        found = self._types.get(oid)
        if found is None:
            return []
        below = found.base if found.type == "d" else found.element if found.category == "A" else 0
        return [found, *(self._lineage(below) if below else ())]


def _type(row: tuple[Any, ...]) -> _Type:
    name, kind, category, element, base, modifier, not_null, labels, attributes, subtype, checks = row
    pairs = tuple((int(oid), int(own)) for oid, own in attributes)
    texts = tuple((constraint, text) for constraint, text in checks)
    return _Type(name, kind, category, element, base, modifier, not_null, tuple(labels), pairs, subtype, texts)


def _plain(name: str, modifier: int) -> Kind:
    kind = _PLAIN.get(name)
    if kind is None:
        return Kind(Family.OTHER, name=name, length=modifier if modifier > 0 else None)
    if modifier < 0:
        return kind
    if name in {"varchar", "bpchar"}:
        return replace(kind, length=modifier - 4)
    if name == "numeric":
        # As the server packs them: the scale has eleven bits and may be negative.
        return replace(kind, precision=(modifier - 4) >> 16, scale=(((modifier - 4) & 0x7FF) ^ 1024) - 1024)
    if name in {"bit", "varbit"}:
        return replace(kind, length=modifier)
    return replace(kind, scale=modifier) if kind.family in {Family.TIME, Family.DATETIME} else kind
