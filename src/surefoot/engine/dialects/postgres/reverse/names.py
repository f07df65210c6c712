"""Names of objects, taken apart."""

from __future__ import annotations

from collections.abc import Callable

from surefoot.engine.snapshot import Facts, ObjectKey

MIGRATOR = "(migrator)"
RELATIONS = ("table", "view", "materialized view", "foreign table")
_PARTS = frozenset({"column", "constraint", "trigger", "rule", "policy"})


def split_name(name: str) -> list[str]:
    """The parts of a qualified name, quotes included: a dot between quotes separates nothing."""
    parts, quoted = [""], False
    for char in name:
        quoted ^= char == '"'
        if char == "." and not quoted:
            parts.append("")
        else:
            parts[-1] += char
    return parts


def local(name: str) -> str:
    """The last part of a qualified name."""
    return split_name(name)[-1]


def unquoted(name: str) -> str:
    """A quoted identifier as the catalogue has it."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def role(name: str) -> str:
    """A role as a statement names it."""
    return "CURRENT_USER" if name == MIGRATOR else name


def literal(text: str) -> str:
    """A text as an SQL literal."""
    quoted = text.replace("'", "''")
    if "\\" not in text:
        return f"'{quoted}'"
    doubled = quoted.replace("\\", "\\\\")
    return f"E'{doubled}'"


def spoken_of(key: ObjectKey) -> ObjectKey | None:
    """The object that a comment or a privilege is about; None where its name does not say."""
    if key.kind == "privilege":
        return _key(key.name.split(" to ")[0]) if " to " in key.name else None
    return _key(key.name) if key.kind == "comment" else None


_KINDS = (
    "materialized view",
    "foreign table",
    "foreign-data wrapper",
    "event trigger",
    "text search configuration",
    "text search dictionary",
    "text search parser",
    "text search template",
    "operator class",
    "operator family",
    "access method",
)


def _key(text: str) -> ObjectKey:
    kind = next((kind for kind in _KINDS if text.startswith(f"{kind} ")), text.partition(" ")[0])
    return ObjectKey(kind, text[len(kind) + 1 :])


def parent_of(key: ObjectKey, facts: Facts, holds: Callable[[ObjectKey], bool]) -> ObjectKey | None:
    """The object with which another one comes and goes."""
    spoken = spoken_of(key)
    if spoken is not None:
        return spoken
    if key.kind == "index" and "constraint" in facts:
        return ObjectKey("constraint", f"{facts['table']}.{facts['constraint']}")
    if key.kind in ("index", "statistics") and "table" in facts:
        return _relation(facts["table"], holds)
    if key.kind == "sequence" and "owned_by" in facts:
        return ObjectKey("column", facts["owned_by"])
    if key.kind in _PARTS:
        return _relation(key.name[: -len(local(key.name)) - 1], holds)
    return None


def _relation(name: str, holds: Callable[[ObjectKey], bool]) -> ObjectKey | None:
    kinds = (*RELATIONS, "domain", "type")
    return next((ObjectKey(kind, name) for kind in kinds if holds(ObjectKey(kind, name))), None)
