"""Constraints, indexes and statistics, taken back."""

from __future__ import annotations

from surefoot.engine.dialects.postgres.reverse import way as ranks
from surefoot.engine.dialects.postgres.reverse.names import local, split_name
from surefoot.engine.dialects.postgres.reverse.tables import set_options
from surefoot.engine.dialects.postgres.reverse.way import Way
from surefoot.engine.snapshot import Change, Difference, FactChange, Facts, ObjectKey

_RANKS = {"foreign key": ranks.CREATE_FOREIGN_KEY, "not null": ranks.CREATE_CHECK, "check": ranks.CREATE_CHECK}


def constraint(way: Way, difference: Difference) -> None:
    """A constraint of a table or a domain."""
    key, change = difference.key, difference.change
    parent = way.parent(key)
    if parent is None:
        way.by_hand(key, "its table was not found")
        return
    facts = way.facts(key)
    if "parent" in facts or facts.get("inherited", "").isdecimal():
        # It comes and goes with that of the parent table.
        return
    what = "DOMAIN" if parent.kind == "domain" else "TABLE"
    if change is not Change.REMOVED and not _of_new_column(way, key, parent):
        way.add(ranks.DROP_FIRST, f"ALTER {what} {parent.name} DROP CONSTRAINT {local(key.name)}")
    if change is not Change.ADDED and not _of_gone_column(way, key, parent):
        rank = _RANKS.get(facts["type"], ranks.CREATE_KEY)
        way.add(rank, f"ALTER {what} {parent.name} ADD CONSTRAINT {local(key.name)} {facts['definition']}")


def _of_gone_column(way: Way, key: ObjectKey, parent: ObjectKey) -> bool:
    """Whether it is the NOT NULL of a column that comes back empty: said of the column already."""
    column = _of_not_null(way.before.objects[key], parent)
    if column is None:
        return False
    filled = {"default", "generated", "identity"} & way.before.objects.get(column, {}).keys()
    return parent in way.after.objects and column not in way.after.objects and not filled


def _of_new_column(way: Way, key: ObjectKey, parent: ObjectKey) -> bool:
    """Whether it is the NOT NULL of a column that goes: it goes with it."""
    column = _of_not_null(way.after.objects[key], parent)
    return column is not None and column not in way.before.objects


def _of_not_null(facts: Facts, parent: ObjectKey) -> ObjectKey | None:
    """The column of a constraint NOT NULL; None for any other constraint."""
    if facts["type"] != "not null":
        return None
    name = facts["definition"].removeprefix("NOT NULL ").split(" NO INH")[0]
    return ObjectKey("column", f"{parent.name}.{name}")


def index(way: Way, difference: Difference) -> None:
    """An index that belongs to no constraint."""
    key, facts = difference.key, way.facts(difference.key)
    if "constraint" in facts or "parent" in facts:
        if difference.change is Change.CHANGED:
            _settings(way, difference)
        return
    small = {"clustered", "options", "statistics", "tablespace"}
    if difference.change is Change.CHANGED and {fact.name for fact in difference.facts} <= small:
        _settings(way, difference)
        return
    if difference.change is not Change.REMOVED:
        way.add(ranks.DROP_PART, f"DROP INDEX {key.name}")
    if difference.change is not Change.ADDED:
        way.add(ranks.CREATE_INDEX, way.before.objects[key]["definition"])


def _settings(way: Way, difference: Difference) -> None:
    key = difference.key
    for fact in difference.facts:
        if fact.name == "clustered":
            _cluster(way, key, fact)
        elif fact.name == "options":
            for clause in set_options(fact):
                way.add(ranks.CHANGE, f"ALTER INDEX {key.name} {clause}")
        else:
            way.by_hand(key, f"its {fact.name.replace('_', ' ')} was {fact.before or 'not set'}")


def _cluster(way: Way, key: ObjectKey, fact: FactChange) -> None:
    table = way.facts(key)["table"]
    clause = f"CLUSTER ON {split_name(key.name)[-1]}" if fact.before else "SET WITHOUT CLUSTER"
    way.add(ranks.CREATE_LAST if fact.before else ranks.CHANGE, f"ALTER TABLE {table} {clause}")


def statistics(way: Way, difference: Difference) -> None:
    """Extended statistics."""
    if difference.change is not Change.REMOVED:
        way.add(ranks.DROP_FIRST, f"DROP STATISTICS {difference.key.name}")
    if difference.change is not Change.ADDED:
        way.add(ranks.CREATE_LAST, way.before.objects[difference.key]["definition"])
