"""Tables and sequences as facts: columns, indexes, constraints, periods, options and partitions."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from surefoot.engine.dialects.mysql.snapshot.clauses import Text, facts, inside, read
from surefoot.engine.dialects.mysql.snapshot.naming import title
from surefoot.engine.dialects.mysql.snapshot.stored import Stored
from surefoot.engine.dialects.split import word_set
from surefoot.engine.snapshot import Facts, ObjectKey

# The order is the one in which the server writes them, and in which it wants to read them.
COLUMN = {
    "COMPRESSED": "compression",
    "CHARACTER": "collation",
    "COLLATE": "collation",
    "GENERATED": "generated",
    "SRID": "srid",
    "NOT": "null",
    "NULL": "null",
    "INVISIBLE": "visibility",
    "DEFAULT": "default",
    "ON": "on update",
    "AUTO_INCREMENT": "auto_increment",
    "COMMENT": "comment",
    "WITHOUT": "versioning",
    "WITH": "versioning",
    "CHECK": "check",
}
_TABLE = {
    "DEFAULT": "collation",
    "CHARSET": "collation",
    "COLLATE": "collation",
    "WITH": "versioning",
    "PARTITION": "partitions",
}
_INDEX = {"USING": "method", "COMMENT": "comment", "IGNORED": "visibility", "INVISIBLE": "visibility", "WITH": "parser"}
_WORDS = {"default": "DEFAULT ", "comment": "COMMENT ", "on update": "ON UPDATE ", "check": "CHECK "}
_OPTIONS = {"option engine": "engine", "option comment": "comment", "option row_format": "row format"}
_TEXTUAL = word_set("CHAR VARCHAR TINYTEXT TEXT MEDIUMTEXT LONGTEXT ENUM SET")
_INDEXES = word_set("PRIMARY UNIQUE KEY FULLTEXT SPATIAL VECTOR")
_CHARSET = re.compile(r"CHARSET=(\w+)(?: COLLATE=(\w+))?")
# Addresses of other servers, with passwords.
_SECRET = frozenset({"option connection", "option password"})


@dataclass(frozen=True, slots=True)
class Table:
    """What a table's definition says: each object with its facts, and the columns in their order."""

    objects: tuple[tuple[ObjectKey, Facts], ...]
    columns: tuple[str, ...]


def read_table(stored: Stored) -> Table:
    """The facts of a table, from its definition."""
    elements, tail = inside(read(stored.text))
    options = _options(tail)
    columns = tuple(each.tokens[0].piece.text for each in elements if _is_column(each))
    objects: list[tuple[ObjectKey, Facts]] = [(ObjectKey("table", title(stored.name)), options)]
    objects += [_element(stored.name, each, options.get("collation", "")) for each in elements]
    return Table(tuple(objects), columns)


def read_sequence(stored: Stored) -> tuple[ObjectKey, Facts]:
    """The facts of a sequence; its position belongs to the rows."""
    text = read(stored.text)
    return ObjectKey("sequence", title(stored.name)), {"definition": str(text.since(text.find("SEQUENCE") + 2))}


def _options(tail: Text) -> dict[str, str]:
    found = facts(tail, "options", _TABLE, last="partitions")
    options = {_OPTIONS.get(name, name): _value(name, text) for name, text in found.items()}
    if "collation" in options:
        options["collation"] = _collation(options["collation"])
    return options


def _value(name: str, text: str) -> str:
    if name in _SECRET:
        return f"hidden, {hashlib.sha256(text.encode()).hexdigest()[:16]}"
    return text.partition("=")[2].strip() if name.startswith("option ") else text


def _collation(text: str) -> str:
    found = _CHARSET.search(text)
    if found is None:
        return text
    return f"CHARACTER SET {found[1]}" + (f" COLLATE {found[2]}" if found[2] else "")


def _is_column(element: Text) -> bool:
    return element.tokens[0].piece.kind == "name"


def _element(table: str, element: Text, collation: str) -> tuple[ObjectKey, Facts]:
    first = element.tokens[0]
    if _is_column(element):
        return ObjectKey("column", title(table, first.piece.text)), _column(element.since(1), collation)
    if first.key in _INDEXES:
        return _index(table, element)
    if first.key == "CONSTRAINT":
        name = element.tokens[1].piece.text
        return ObjectKey("constraint", title(table, name)), {"definition": str(element.since(2))}
    if first.key == "PERIOD":
        return ObjectKey("period", title(table, element.tokens[2].piece.text)), {"definition": str(element.since(3))}
    # Nothing that a server of tomorrow writes here goes unseen.
    return ObjectKey("clause", title(table, str(element))), {"definition": str(element)}


def _column(clause: Text, collation: str) -> dict[str, str]:
    found = {name: _bare(name, text) for name, text in facts(clause, "type", COLUMN).items()}
    found.setdefault("null", "NULL")
    if collation and _TEXTUAL.issuperset([clause.tokens[0].key]):
        found.setdefault("collation", collation)
    return found


def _bare(name: str, text: str) -> str:
    return text.removeprefix(_WORDS.get(name, ""))


def _index(table: str, element: Text) -> tuple[ObjectKey, Facts]:
    opening = element.find("(")
    named = element.tokens[opening - 1].piece
    # PRIMARY KEY has no name of its own.
    name, words = (named.text, opening - 1) if named.kind == "name" else ("PRIMARY", opening)
    found = {"table": title(table), "type": str(element.until(words))}
    found |= {each: _bare(each, text) for each, text in facts(element.since(opening), "columns", _INDEX).items()}
    return ObjectKey("index", title(table, name)), found


def definition(found: Facts) -> str:
    """A column as SQL, without its name, from its facts."""
    order = dict.fromkeys(["type", *COLUMN.values()])
    parts = [_WORDS.get(name, "") + found[name] for name in order if name in found and _is_said(name, found)]
    return " ".join([*parts, *(text for name, text in found.items() if name not in order)])


def _is_said(name: str, found: Facts) -> bool:
    """A generated column cannot say that it takes NULL."""
    return not (name == "null" and found["null"] == "NULL" and "generated" in found)
