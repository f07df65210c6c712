"""A generated way back: the statements that lead from one schema to the one before it.

What ALTER TABLE cannot do is done by a rebuild, as https://sqlite.org/lang_altertable.html (section 7) has it, with
foreign keys off as in each of Surefoot's steps. Views and triggers that name a table which is made anew go before it
and come back after it: SQLite refuses to rename a table while one of them refers to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field

from surefoot.engine.dialects.shadow import Reversal
from surefoot.engine.dialects.sqlite.rebuild import Parts, rebuild, split_name, unfilled
from surefoot.engine.dialects.sqlite.renames import undo_renames
from surefoot.engine.dialects.sqlite.tokens import fold, names_in
from surefoot.engine.snapshot import Change, Difference, ObjectKey, Snapshot, compare

_BY_HAND = {
    "encoding": "an encoding is chosen once, before the first table",
    "page_size": "set it and run VACUUM, outside a transaction",
    "auto_vacuum": "set it and run VACUUM, outside a transaction",
}
_HANGING = ("trigger", "view", "index")


@dataclass(slots=True)
class _Way:
    """The way back in the making. `anew` are the tables that are made anew, and `dropped` those that go."""

    before: Snapshot
    after: Snapshot
    statements: list[str] = field(default_factory=list)
    missing: list[tuple[ObjectKey, str]] = field(default_factory=list)
    losses: list[ObjectKey] = field(default_factory=list)
    anew: set[str] = field(default_factory=set)
    dropped: set[str] = field(default_factory=set)


def reverse(before: Snapshot, after: Snapshot) -> Reversal:
    """The statements that lead from `after` back to `before`, as far as they can be derived. Runs nothing."""
    renames, after = undo_renames(before, after)
    way = _Way(before, after, renames)
    changes = [each for each in compare(before, after).differences if not _is_spelling(each)]
    tables = list(_tables(way, changes))
    going = {key for key in after.objects if key.kind in _HANGING and _goes(way, key, changes)}
    way.statements += [f"DROP {key.kind.upper()} {key.name}" for key in _ordered(going) if not _falls(way, key)]
    way.statements += [statement for group in tables for statement in group]
    _make_again(way, going)
    _settings(way, changes)
    return Reversal(tuple(way.statements), tuple(way.missing), tuple(way.losses))


def _is_spelling(difference: Difference) -> bool:
    return difference.change is Change.CHANGED and {change.name for change in difference.facts} == {"spelling"}


def _tables(way: _Way, changes: list[Difference]) -> Iterator[list[str]]:
    """The statements for each table that is not as it was."""
    mine = [each for each in changes if each.key.kind in ("table", "column", "constraint")]
    for name in sorted({_table_of(each.key) for each in mine}):
        key = ObjectKey("table", name)
        old, new = way.before.objects.get(key), way.after.objects.get(key)
        if old is None:
            way.dropped.add(name)
            yield [f"DROP TABLE {name}"]
        elif new is None or "virtual" in old or "virtual" in new:
            way.losses.append(key)
            way.dropped |= {name} if new else set()
            yield ([f"DROP TABLE {name}"] if new else []) + [old["spelling"]]
        else:
            yield _altered(way, name, [each for each in mine if _table_of(each.key) == name])


def _table_of(key: ObjectKey) -> str:
    return key.name if key.kind == "table" else split_name(key.name)[0]


def _altered(way: _Way, name: str, changes: list[Difference]) -> list[str]:
    added = [split_name(each.key.name)[1] for each in changes if _is_added_column(each)]
    if len(added) == len(changes):
        # A generated column stands behind what it is made of, as a rule; the last one goes first.
        return [f"ALTER TABLE {name} DROP COLUMN {column}" for column in reversed(added)]
    way.losses += [each.key for each in changes if each.key.kind == "column" and each.change is Change.REMOVED]
    parts = Parts(name, way.before, way.after)
    missing = unfilled(parts)
    if missing:
        way.missing += [(key, "it is NOT NULL without a default: say what the rows get") for key in missing]
        return []
    way.anew.add(name)
    return rebuild(parts)


def _is_added_column(difference: Difference) -> bool:
    return difference.key.kind == "column" and difference.change is Change.ADDED


def _goes(way: _Way, key: ObjectKey, changes: list[Difference]) -> bool:
    """Whether an index, a view or a trigger has to go, if only to be made again."""
    if any(each.key == key for each in changes):
        return True
    facts = way.after.objects[key]
    if key.kind == "index":
        return facts["table"] in way.anew
    named = set(names_in(facts["spelling"]))
    return any(fold(_bare(table)) in named for table in way.anew | way.dropped)


def _bare(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def _falls(way: _Way, key: ObjectKey) -> bool:
    """Whether it goes with its table, and needs no statement of its own."""
    return key.kind == "index" and way.after.objects[key]["table"] in way.dropped


def _ordered(keys: Set[ObjectKey]) -> list[ObjectKey]:
    """What hangs on others first."""
    return sorted(keys, key=lambda key: (_HANGING.index(key.kind), key.name))


def _make_again(way: _Way, gone: Set[ObjectKey]) -> None:
    for key in reversed(_ordered({key for key in way.before.objects if key.kind in _HANGING})):
        if key in gone or key not in way.after.objects:
            way.statements.append(way.before.objects[key]["spelling"])


def _settings(way: _Way, changes: list[Difference]) -> None:
    for each in changes:
        if each.key.kind != "pragma":
            continue
        name, old = each.key.name, _value(way.before.objects.get(each.key, {}))
        if name in _BY_HAND:
            way.missing.append((each.key, _BY_HAND[name]))
        else:
            way.statements.append(f"PRAGMA {name} = {'DELETE' if old == 'rollback' else old}")


def _value(facts: Mapping[str, str]) -> str:
    return facts.get("value") or facts.get("layout") or "0"
