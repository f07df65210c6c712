"""A table made anew, with the rows that it has."""

from __future__ import annotations

from dataclasses import dataclass

from surefoot.engine.dialects.sqlite.tokens import fold, quote_name, quote_text, tokens
from surefoot.engine.snapshot import Facts, ObjectKey, Snapshot


@dataclass(frozen=True, slots=True)
class Parts:
    """A table (`name`, as SQL needs it) that is to become again what it was."""

    name: str
    before: Snapshot
    after: Snapshot

    @property
    def old(self) -> Facts:
        """What the table was."""
        return self.before.objects[ObjectKey("table", self.name)]

    def column(self, column: str) -> Facts:
        """What a column was."""
        return self.before.objects[ObjectKey("column", f"{self.name}.{quote_name(column)}")]

    @property
    def common(self) -> tuple[str, ...]:
        """The columns that were there, are there, and hold values of their own."""
        there = {fold(column) for column in self.after.orders[self.name]}
        return tuple(c for c in self.before.orders[self.name] if fold(c) in there and "kept" not in self.column(c))

    @property
    def has_alias(self) -> bool:
        """Whether a column of it was another name of the row id."""
        keys = [key for key in self.before.objects if key.kind == "constraint" and split_name(key.name)[0] == self.name]
        primary = any(self.before.objects[key]["definition"].startswith("primary key") for key in keys)
        return primary and "key index" not in self.old

    def has_row_ids(self, snapshot: Snapshot) -> bool:
        """Whether a row has a number that `rowid` gives."""
        facts = snapshot.objects[ObjectKey("table", self.name)]
        taken = any(fold(column) == "rowid" for column in snapshot.orders[self.name])
        return facts.get("row ids") != "no" and not taken

    @property
    def counts(self) -> bool:
        """Whether AUTOINCREMENT has a position to carry over."""
        both = (snapshot.objects[ObjectKey("table", self.name)] for snapshot in (self.before, self.after))
        return all("autoincrement" in facts for facts in both)


def split_name(name: str) -> tuple[str, str]:
    """A qualified name in two: the table, and what of it; the dot may stand in quotes as well."""
    end = name.index('"', 1) if name.startswith('"') else -1
    while end >= 0 and name[end + 1 : end + 2] == '"':
        end = name.index('"', end + 2)
    dot = name.index(".", end + 1)
    return name[:dot], name[dot + 1 :]


def unfilled(parts: Parts) -> list[ObjectKey]:
    """The columns that come back, and for which the rows have no value."""
    there = {fold(column) for column in parts.after.orders[parts.name]}
    gone = [column for column in parts.before.orders[parts.name] if fold(column) not in there]
    bare = [c for c in gone if "not null" in parts.column(c) and not {"default", "kept"}.intersection(parts.column(c))]
    return [ObjectKey("column", f"{parts.name}.{quote_name(column)}") for column in bare]


def rebuild(parts: Parts) -> list[str]:
    """The statements, for a step in which foreign keys are off."""
    new = _free_name(parts)
    columns = ", ".join(quote_name(column) for column in parts.common)
    if not parts.has_alias and parts.has_row_ids(parts.before) and parts.has_row_ids(parts.after):
        columns = f"rowid, {columns}" if columns else "rowid"
    return [
        _renamed(parts.old["spelling"], new),
        f"INSERT INTO {new} ({columns})\nSELECT {columns} FROM {parts.name}",
        *(_position(parts.name, new) if parts.counts else ()),
        f"DROP TABLE {parts.name}",
        f"ALTER TABLE {new} RENAME TO {parts.name}",
    ]


def _free_name(parts: Parts) -> str:
    taken = {fold(key.name) for key in (*parts.before.objects, *parts.after.objects) if key.kind in ("table", "view")}
    name = f"new_{parts.name.strip(chr(34))}"
    while fold(quote_name(name)) in taken:
        name = f"new_{name}"
    return quote_name(name)


def _renamed(spelling: str, name: str) -> str:
    """The CREATE TABLE with another name; what stands behind it is left as it is."""
    end = tokens(spelling)[2].end
    return f"CREATE TABLE {name}{spelling[end:]}"


def _position(old: str, new: str) -> list[str]:
    """The position of AUTOINCREMENT, which is behind the last row where that one was deleted."""
    first, second = (quote_text(name.strip('"').replace('""', '"')) for name in (old, new))
    return [
        f"DELETE FROM sqlite_sequence WHERE name = {second}",
        f"INSERT INTO sqlite_sequence (name, seq)\nSELECT {second}, seq FROM sqlite_sequence WHERE name = {first}",
    ]
