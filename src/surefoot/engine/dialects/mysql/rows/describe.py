"""What MariaDB's and MySQL's tables say to the generator of rows: types, keys, references, and hints of checks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from surefoot.engine.dialects.generate.hints import merged, read_hints
from surefoot.engine.dialects.generate.model import Column, Family, ForeignKey, Hints, Kind
from surefoot.engine.dialects.generate.model import Table as Described
from surefoot.engine.dialects.mysql.snapshot.clauses import Text, inside, read, split
from surefoot.engine.dialects.mysql.snapshot.naming import names_of, title
from surefoot.engine.dialects.mysql.snapshot.tables import Table
from surefoot.engine.snapshot import Facts, ObjectKey

_TYPE = re.compile(r"(?P<name>\w+)(?:\s+precision)?(?:\((?P<sizes>[\d,\s]*)\))?", re.IGNORECASE)
_BITS = {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "integer": 32, "bigint": 64}
# In bytes; a character takes up to four.
_TEXTS = {"tinytext": 255, "text": 65535}
_BLOBS = {"tinyblob": 255, "blob": 65535}
_SIMPLE = {
    "date": Family.DATE,
    "time": Family.TIME,
    "datetime": Family.DATETIME,
    "timestamp": Family.DATETIME,
    "year": Family.YEAR,
    "uuid": Family.UUID,
    "json": Family.JSON,
}
_KEYS = frozenset({"PRIMARY KEY", "UNIQUE KEY"})
_BOUND = re.compile(r"VALUES LESS THAN \(?(?P<bound>MAXVALUE|[^)]*)\)?")
_LISTED = re.compile(r"VALUES IN \((?P<values>[^)]*)\)")
_BY_COLUMN = re.compile(r"PARTITION BY (?P<how>RANGE|LIST)(?: +COLUMNS)? ?\(`(?P<column>[^`]+)`\)")


def describe(name: str, table: Table) -> Described:
    """A table for the generator of rows."""
    return Described(
        title(name),
        tuple(_column(key, facts, table) for key, facts in table.objects if _is_written(key, facts)),
        tuple(names_in(facts["columns"]) for key, facts in table.objects if facts.get("type") in _KEYS),
        tuple(_foreign_key(facts["definition"]) for key, facts in table.objects if _is_foreign_key(key, facts)),
        _aims(table.objects[0][1].get("partitions", "")),
    )


def _is_written(key: ObjectKey, facts: Facts) -> bool:
    return key.kind == "column" and "generated" not in facts


def _is_foreign_key(key: ObjectKey, facts: Facts) -> bool:
    return key.kind == "constraint" and facts["definition"].startswith("FOREIGN KEY")


def _column(key: ObjectKey, facts: Facts, table: Table) -> Column:
    name = names_of(key.name)[1]
    checks = [text for text in _checks(table) if f"`{name}`" in text]
    hints = merged(read_hints(text, f"`{name}`") for text in checks)
    return Column(
        name,
        _kind(facts["type"], hints, json=f"json_valid(`{name}`)" in "".join(checks)),
        nullable=facts["null"] == "NULL",
        serial="auto_increment" in facts,
        has_default=facts.get("default", "NULL") != "NULL",
    )


def _checks(table: Table) -> list[str]:
    found = [facts["check"] for _, facts in table.objects if "check" in facts]
    return found + [facts["definition"] for key, facts in table.objects if _is_check(key, facts)]


def _is_check(key: ObjectKey, facts: Facts) -> bool:
    return key.kind == "constraint" and facts["definition"].startswith("CHECK")


def check_columns(name: str, table: Table) -> dict[str, tuple[str, ...]]:
    """The columns that each check and each foreign key of a table is about, by the name that errors give it."""
    columns = [names_of(key.name)[1] for key, _ in table.objects if key.kind == "column"]
    found: dict[str, tuple[str, ...]] = {}
    for key, facts in table.objects:
        text, own = facts.get("check") or facts.get("definition", ""), names_of(key.name)[-1]
        if text:
            constraint = f"{name}.{own}" if key.kind == "column" else own
            found[constraint] = tuple(column for column in columns if f"`{column}`" in text.partition("REFERENCES")[0])
        elif key.kind == "index":
            found[own] = names_in(facts["columns"])
    return found


def _kind(declared: str, hints: Hints, *, json: bool) -> Kind:
    found = _TYPE.match(declared)
    name = found["name"].lower() if found else declared
    sizes = [int(size) for size in (found["sizes"] or "").split(",") if size.strip()] if found else []
    unsigned = " unsigned" in declared.lower()
    if json:
        return Kind(Family.JSON, hints=hints)
    if name in _BITS:
        return _integer(name, sizes, unsigned=unsigned, hints=hints)
    if name in _SIMPLE:
        return Kind(_SIMPLE[name], scale=sizes[0] if sizes else 0, hints=hints)
    if name in {"enum", "set"}:
        return Kind(Family.CHOICE if name == "enum" else Family.SET, labels=labels(declared), hints=hints)
    if name in _SIZED:
        return _SIZED[name](name, sizes, Hints() if name == "bit" else hints, 0 if unsigned else None)
    return Kind(Family.OTHER, name=name, hints=hints)


def _integer(name: str, sizes: list[int], *, unsigned: bool, hints: Hints) -> Kind:
    if name == "tinyint" and sizes == [1]:
        return Kind(Family.BOOLEAN, hints=hints)
    size = 1 << _BITS[name]
    low, high = (0, size - 1) if unsigned else (-size // 2, size // 2 - 1)
    return Kind(Family.INTEGER, low=low, high=high, hints=hints)


def _decimal(_name: str, sizes: list[int], hints: Hints, low: int | None) -> Kind:
    precision, scale = (*sizes, 10, 0)[:2] if len(sizes) == 1 else (sizes[0], sizes[1]) if sizes else (10, 0)
    return Kind(Family.DECIMAL, precision=precision, scale=scale if len(sizes) > 1 else 0, low=low, hints=hints)


def _float(name: str, _sizes: list[int], hints: Hints, low: int | None) -> Kind:
    return Kind(Family.FLOAT, precision=24 if name == "float" else 53, low=low, hints=hints)


def _text(name: str, sizes: list[int], hints: Hints, _low: int | None) -> Kind:
    length = _TEXTS[name] // 4 if name in _TEXTS else sizes[0] if sizes else None
    return Kind(Family.TEXT, length=length, hints=hints)


def _bytes(name: str, sizes: list[int], hints: Hints, _low: int | None) -> Kind:
    return Kind(
        Family.BYTES, length=_BLOBS.get(name) or (sizes[0] if sizes else None), fixed=name == "binary", hints=hints
    )


def _bits(_name: str, sizes: list[int], hints: Hints, _low: int | None) -> Kind:
    return Kind(Family.BITS, length=sizes[0] if sizes else 1, hints=hints)


_SIZED: Mapping[str, Callable[[str, list[int], Hints, int | None], Kind]] = {
    "decimal": _decimal,
    "float": _float,
    "double": _float,
    **dict.fromkeys(("char", "varchar", "tinytext", "text", "mediumtext", "longtext"), _text),
    **dict.fromkeys(("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"), _bytes),
    "bit": _bits,
}


def labels(declared: str) -> tuple[str, ...]:
    """The labels of an enum or a set."""
    parts, _ = inside(read(declared))
    return tuple(_unquoted(part) for part in parts)


def _unquoted(part: Text) -> str:
    text = part.sql[part.tokens[0].start + 1 : part.tokens[-1].end - 1]
    return re.sub(r"''|\\(.)", lambda found: found[1] or "'", text, flags=re.DOTALL)


def names_in(text: str) -> tuple[str, ...]:
    """The quoted names in a list of columns, such as those of an index."""
    return tuple(token.piece.text for token in read(text).tokens if token.piece.kind == "name")


def _foreign_key(definition: str) -> ForeignKey:
    mine, _, theirs = definition.partition(" REFERENCES ")
    names = names_in(theirs.partition(")")[0])
    return ForeignKey(names_in(mine), title(names[0]), names[1:])


def _aims(partitions: str) -> tuple[Mapping[str, Hints], ...]:
    """What the column of a table's partitions may hold, one for each."""
    found = _BY_COLUMN.match(partitions)
    if found is None:
        return ()
    if found["how"] == "LIST":
        listed = [each["values"] for each in _LISTED.finditer(partitions)]
        return tuple({found["column"]: Hints(values=_constants(values))} for values in listed)
    bounds = [each["bound"] for each in _BOUND.finditer(partitions)]
    low, aims = None, []
    for bound in bounds:
        high = None if bound == "MAXVALUE" else bound.strip("'")
        aims.append({found["column"]: Hints(low=low, high=high, below=True)})
        low = high
    return tuple(aims)


def _constants(values: str) -> tuple[str, ...]:
    parts = [str(part).strip() for part in split(read(values))]
    return tuple(part.strip("'") for part in parts if part.upper() != "NULL")
