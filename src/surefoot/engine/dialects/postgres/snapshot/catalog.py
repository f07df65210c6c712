"""From the rows of the catalogue queries to named objects with their facts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from surefoot.engine.snapshot import ObjectKey

MIGRATOR = "(migrator)"
_OWN_KINDS = frozenset({"table", "sequence"})
_TABLES = frozenset({"table", "foreign table"})
Place = tuple[int, int, int]
Row = tuple[Any, ...]
_TEMPORARY = re.compile(r"pg_temp_\d+\.")
_SECRET = re.compile(r"passw|passphrase|passcode|secret|token|credential|private|(?:api|access)_?key", re.IGNORECASE)
_SECRET_VALUE = re.compile(r"://[^/]*@|password", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query answered: the names of its columns, and its rows."""

    names: Sequence[str]
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Made:
    """What a row was made into, as a part of `parent` or something said about it."""

    row: Row
    parent: ObjectKey | None
    key: ObjectKey
    facts: dict[str, str]


# By where a row is in the answer to a question: what was made of it.
Places = dict[Row, Made]


@dataclass(slots=True)
class Memory:
    """What the last snapshot's rows were made into: the same row is the same object, and costs less.

    Nothing goes into an object but its row, its parent, and the `context` that all rows share.
    """

    context: object = None
    made: dict[Hashable, Places] = field(default_factory=dict)

    def turn(self, context: object) -> Memory:
        """What is known in this context; what is made of the next snapshot's rows takes its place here."""
        known = Memory(context, self.made if context == self.context else {})
        self.context, self.made = context, {}
        return known


@dataclass(slots=True)
class Catalog:
    """What was read so far. `keys` names each object by its place: the OIDs of its catalogue and its row, and its part.

    `own` is how the names of Surefoot's own tables begin. `members` are the objects of extensions, which are left out;
    `strays` is what belongs to those all the same (an index on an extension's table), by extension. `memory` is that of
    earlier snapshots. Facts are shared with those: they are replaced, and never changed.
    """

    own: str
    roles: Mapping[int, str]
    members: Mapping[tuple[int, int], int]
    memory: Memory = field(default_factory=Memory)
    keys: dict[Place, ObjectKey] = field(default_factory=dict)
    objects: dict[ObjectKey, dict[str, str]] = field(default_factory=dict)
    strays: dict[int, list[str]] = field(default_factory=dict)
    _known: Memory = field(init=False)

    def __post_init__(self) -> None:
        """Look at what is known of the last snapshot."""
        self._known = self.memory.turn((self.own, self.roles, self.members))

    def add(self, answer: Answer) -> None:
        """Add the objects of an answer; those they are a part of must have been added before."""
        names = tuple(answer.names)
        known, now = self.recall(names)
        keys = self.keys
        for row in answer.rows:
            place = row[:3]
            parent = None if row[4] is None else keys.get((row[3], row[4], 0))
            made = known.get(place)
            if made is None or made.row != row or made.parent != parent:
                made = self._made(names, row, parent)
            if made is not None:
                now[place] = made
                self.put(made.key, made.facts)
                keys[place] = made.key

    def recall(self, question: Hashable) -> tuple[Places, Places]:
        """What was made of the rows that a question gave last time, and where to note what is made of them now."""
        return self._known.made.get(question, {}), self.memory.made.setdefault(question, {})

    def _made(self, names: Sequence[str], row: Row, parent: ObjectKey | None) -> Made | None:
        facts = {name: value for name, value in zip(names[7:], row[7:], strict=True) if value is not None}
        for name in _SPECIAL.keys() & facts.keys():
            facts[name] = _SPECIAL[name](self, facts[name])
        key = self._key(row, parent, local=names[6] == "local")
        if key is None:
            self._stray(row, facts)
            return None
        return Made(row, parent, key, facts)

    def orders(self) -> dict[str, tuple[str, ...]]:
        """The names of each table's columns, not quoted, in the order in which they were read."""
        tables: dict[str, list[str]] = {key.name: [] for key in self.objects if key.kind in _TABLES}
        for place, key in self.keys.items():
            if place[2] > 0 and (table := self.keys.get((place[0], place[1], 0))) and table.name in tables:
                tables[table.name].append(_unquoted(key.name[len(table.name) + 1 :]))
        return {table: tuple(columns) for table, columns in tables.items()}

    def put(self, key: ObjectKey, facts: dict[str, str]) -> None:
        """Add an object. No name is taken twice: what would be lost then could never be seen to differ."""
        while key in self.objects:
            key = ObjectKey(key.kind, f"{key.name} (again)")
        self.objects[key] = facts

    def amend(self, key: ObjectKey, **facts: str) -> None:
        """Give an object more facts."""
        self.objects[key] = {**self.objects[key], **facts}

    def alias(self, rows: Iterable[Row]) -> None:
        """Name places that are no objects, for what is said about them."""
        for *place, kind, name in rows:
            if not self._foreign(kind, name) and (place[0], place[1]) not in self.members:
                self.keys[place[0], place[1], place[2]] = ObjectKey(kind, name)

    def role(self, oid: int) -> str:
        """The name of a role; PUBLIC for 0."""
        return self.roles.get(oid) or f"role {oid}"

    def _key(self, row: Row, parent: ObjectKey | None, *, local: bool) -> ObjectKey | None:
        of_object, kind, name = row[4:7]
        if (row[0], row[1]) in self.members or self._foreign(kind, name) or (of_object is not None and parent is None):
            return None
        return ObjectKey(kind, f"{parent.name}.{name}" if local and parent else name)

    def _foreign(self, kind: str, name: str) -> bool:
        """Whether it is a table of Surefoot's, or something temporary of some session."""
        return bool(_TEMPORARY.match(name)) or (kind in _OWN_KINDS and name.startswith(self.own))

    def _stray(self, row: Row, facts: Mapping[str, str]) -> None:
        extension = self.members.get((row[3], row[4]))
        if extension is not None:
            self.strays.setdefault(extension, []).append(repr((row[5], row[6], sorted(facts.items()))))

    def finish_extensions(self) -> None:
        """Give each extension a fact for all that belongs to its tables and domains, as it may have been changed."""
        extensions = {place[1]: key for place, key in self.keys.items() if key.kind == "extension"}
        for oid, texts in self.strays.items():
            digest = hashlib.sha256("\n".join(sorted(texts)).encode()).hexdigest()
            self.amend(extensions[oid], members=digest[:16])

    def drop_empty_schema(self, name: str) -> None:
        """Leave out the schema of Surefoot's own tables, unless it is `public` or holds anything else."""
        key, start = ObjectKey("schema", name), f"{name}."
        if name != "public" and not any(other.name.startswith(start) for other in self.objects):
            self.objects.pop(key, None)
            for place in [place for place, found in self.keys.items() if found == key]:
                del self.keys[place]


def mask(name: str, value: str) -> str:
    """The value of an option, or a short hash where it may be a secret: enough to see that it changed."""
    if _SECRET.search(name) or _SECRET_VALUE.search(value):
        return masked(value)
    return value


def masked(value: str) -> str:
    """A short hash of a secret."""
    return f"(hidden, {hashlib.sha256(value.encode()).hexdigest()[:8]})"


def options_text(options: Iterable[str], hide: Callable[[str, str], str] = mask) -> str:
    """Options of a foreign object, sorted and without secrets."""
    pairs = sorted(option.partition("=")[::2] for option in options)
    return ", ".join(f"{name}={hide(name, value)}" for name, value in pairs)


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def _roles(catalog: Catalog, oids: Iterable[int]) -> str:
    return ", ".join(sorted(catalog.role(oid) for oid in oids))


# Columns of the queries that are no facts as they stand.
_SPECIAL: Mapping[str, Callable[[Catalog, Any], str]] = {
    "owner": Catalog.role,
    "roles": _roles,
    "foreign_options": lambda _catalog, options: options_text(options),
}
