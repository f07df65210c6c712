"""A schema as structured facts, and what differs between two of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

# Rises whenever the same two schemas could compare differently than before: proofs are bound to it.
COMPARISON = 1

Facts = Mapping[str, str]

# Facts that a fingerprint leaves out, because they differ between databases that the same migrations have made. A
# comparison has them all.
_LOOSE = frozenset(
    {
        ("extension", "version"),
        ("extension", "members"),
        ("extension", "owner"),
        ("collation", "version"),
        # SQLite's: the text of a CREATE statement beside its meaning, and how a file is laid out.
        *((kind, "spelling") for kind in ("table", "index", "view", "trigger")),
        ("pragma", "layout"),
        # MariaDB's: when an event is due that was said in hours from then.
        *(("event", fact) for fact in ("at", "delay")),
    }
)
# The same for whole kinds of objects: MariaDB's privileges belong to a server's accounts, and a shadow has none. On
# PostgreSQL these belong to a server too, or do not travel with a dump.
_LOOSE_KINDS = frozenset({"grant", "role", "setting", "database", "tablespace", "parameter"})
# What is said about an object has that object's kind in front of its name.
_ABOUT = frozenset({"comment", "privilege", "security label"})


class ObjectKey(NamedTuple):
    """An object of a schema: `kind` in the database's own words (table, column, index, ...), and its full name.

    A name is qualified and quoted as SQL needs it: `public.orders`, a column `public.orders.id`, a function
    `public.total(integer)`. What an object says about another is an object of its own where it can come and go alone:
    a comment, a privilege.
    """

    kind: str
    name: str

    def __str__(self) -> str:
        """The object as a person calls it."""
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every object of a schema with its facts, at one moment.

    `engine` is the database engine and its major version: `postgres 18`, `mariadb 10.11`, `mysql 8.0`, `sqlite 3`.
    A fact is a named text; one that does not apply is left out. `orders` are the names of each table's columns (not
    qualified, not quoted) in their physical order, which is not part of the fingerprint.
    """

    engine: str
    objects: Mapping[ObjectKey, Facts]
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """`s` and the comparison's version, a colon, and the SHA-256 of all that is compared, as lower-case hex."""
        parts = [self.engine]
        for key in sorted(self.objects):
            if not is_of_server(key):
                facts = [(name, text) for name, text in self.objects[key].items() if (key.kind, name) not in _LOOSE]
                parts += (*key, str(len(facts)))
                for fact in sorted(facts):
                    parts += fact
        # A database's texts hold no NUL. Should one, JSON keeps them apart; always, it would take twice as long.
        text = "\0".join(parts)
        if text.count("\0") >= len(parts):
            text = json.dumps(parts)
        return f"s{COMPARISON}:{hashlib.sha256(text.encode()).hexdigest()}"


def is_of_server(key: ObjectKey) -> bool:
    """Whether an object belongs to the server, or to the database as a whole, or is said of one that does."""
    about = key.name.partition(" ")[0] if key.kind in _ABOUT else key.kind
    return about in _LOOSE_KINDS


class Change(StrEnum):
    """What became of an object."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class FactChange:
    """A fact before and after; None where there was none."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """An object that is not as it was. `facts` are those that changed; all of them where it was added or removed."""

    key: ObjectKey
    change: Change
    facts: tuple[FactChange, ...]


@dataclass(frozen=True, slots=True)
class Excuse:
    """A difference that was looked at and does not count, and why: a report shows every one."""

    key: ObjectKey
    reason: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two snapshots, sorted by object, and what was excused."""

    differences: tuple[Difference, ...]
    excuses: tuple[Excuse, ...]


# Looks at a changed object, and gives the reason for which it is the same after all; None where it is not.
Excuser = Callable[[Difference], str | None]


def compare(before: Snapshot, after: Snapshot, excuse: Excuser = lambda _difference: None) -> Comparison:
    """Hold two snapshots against each other, object by object.

    The order of columns alone is excused: SQL cannot restore it. Any other difference is one, unless `excuse` says why
    not; it is asked about changed objects only.
    """
    differences: list[Difference] = []
    excuses = list(_orders(before, after))
    for difference in _differences(before.objects, after.objects):
        reason = excuse(difference) if difference.change is Change.CHANGED else None
        if reason is None:
            differences.append(difference)
        else:
            first = difference.facts[0]
            excuses.append(Excuse(difference.key, reason, first.before or "", first.after or ""))
    return Comparison(tuple(differences), tuple(excuses))


def _orders(before: Snapshot, after: Snapshot) -> Iterator[Excuse]:
    for table in sorted(before.orders.keys() & after.orders.keys()):
        old, new = before.orders[table], after.orders[table]
        if old != new and sorted(old) == sorted(new):
            yield Excuse(ObjectKey("table", table), "the order of its columns", ", ".join(old), ", ".join(new))


def _differences(before: Mapping[ObjectKey, Facts], after: Mapping[ObjectKey, Facts]) -> Iterator[Difference]:
    if before == after:
        return
    changed = [key for key, facts in after.items() if (old := before.get(key)) is not facts and old != facts]
    for key in sorted((*changed, *(key for key in before if key not in after))):
        old, new = before.get(key), after.get(key)
        change = Change.ADDED if old is None else Change.REMOVED if new is None else Change.CHANGED
        yield Difference(key, change, tuple(_fact_changes(old or {}, new or {})))


def _fact_changes(old: Facts, new: Facts) -> Iterator[FactChange]:
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield FactChange(name, old.get(name), new.get(name))


def without(snapshot: Snapshot, unwanted: Callable[[ObjectKey], bool]) -> Snapshot:
    """The snapshot without some of its objects."""
    kept = {key: facts for key, facts in snapshot.objects.items() if not unwanted(key)}
    return replace(snapshot, objects=kept)
