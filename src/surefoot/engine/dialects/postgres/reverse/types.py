"""Schemas, extensions, sequences and types, taken back; and what can only be dropped."""

from __future__ import annotations

from surefoot.engine.dialects.postgres.reverse import way as ranks
from surefoot.engine.dialects.postgres.reverse.names import role
from surefoot.engine.dialects.postgres.reverse.way import Way
from surefoot.engine.snapshot import Change, Difference, Facts

# Objects that go by their name alone.
_DROPPABLE = frozenset({
    "aggregate", "collation", "conversion", "cast", "event trigger", "foreign table", "publication", "operator",
    "text search configuration", "text search dictionary", "text search parser", "text search template", "role",
})  # fmt: skip
_NAMED = {
    "server": "SERVER",
    "foreign-data wrapper": "FOREIGN DATA WRAPPER",
    "foreign data wrapper": "FOREIGN DATA WRAPPER",
}


def schema(way: Way, difference: Difference) -> None:
    """A schema."""
    name = difference.key.name
    if difference.change is Change.ADDED:
        way.add(ranks.DROP_SCHEMA, f"DROP SCHEMA {name}")
    elif difference.change is Change.REMOVED:
        way.add(ranks.CREATE_SCHEMA, f"CREATE SCHEMA {name}")
    else:
        _owner_only(way, difference, "SCHEMA")


def _owner_only(way: Way, difference: Difference, kind: str) -> None:
    for fact in difference.facts:
        if fact.name == "owner":
            way.add(ranks.CHANGE, f"ALTER {kind} {difference.key.name} OWNER TO {role(fact.before or '')}")
        else:
            way.by_hand(difference.key, f"its {fact.name.replace('_', ' ')} was {fact.before or 'not set'}")


def extension(way: Way, difference: Difference) -> None:
    """An extension."""
    name = difference.key.name
    if difference.change is Change.ADDED:
        way.add(ranks.DROP_SCHEMA, f"DROP EXTENSION {name}")
    elif difference.change is Change.REMOVED:
        where = way.before.objects[difference.key].get("schema")
        way.add(ranks.CREATE_TYPE, f"CREATE EXTENSION {name}" + (f" SCHEMA {where}" if where else ""))
    else:
        _owner_only(way, difference, "EXTENSION")


def sequence(way: Way, difference: Difference) -> None:
    """A sequence; its position is data."""
    key = difference.key
    if difference.change is Change.ADDED:
        way.add(ranks.DROP_CODE, f"DROP SEQUENCE {key.name}")
        return
    facts = way.before.objects[key]
    if difference.change is Change.REMOVED:
        way.losses.append(key)
        way.add(ranks.CREATE_SEQUENCE, f"CREATE SEQUENCE {key.name} {_sequence_options(facts)}")
    elif {fact.name for fact in difference.facts} - {"owned_by", "owner"}:
        way.add(ranks.CHANGE, f"ALTER SEQUENCE {key.name} {_sequence_options(facts)}")
    if any(fact.name == "owned_by" for fact in difference.facts):
        way.add(ranks.SAY, f"ALTER SEQUENCE {key.name} OWNED BY {facts.get('owned_by', 'NONE')}")


def _sequence_options(facts: Facts) -> str:
    cycle = "CYCLE" if facts.get("cycle") == "true" else "NO CYCLE"
    return (
        f"AS {facts['type']} INCREMENT BY {facts['increment']} MINVALUE {facts['min']} MAXVALUE {facts['max']} "
        f"START WITH {facts['start']} CACHE {facts['cache']} {cycle}"
    )


def enum(way: Way, difference: Difference) -> None:
    """An enum: one that got a label keeps it, unless the type is made anew."""
    key = difference.key
    if difference.change is Change.ADDED:
        way.add(ranks.DROP_TYPE, f"DROP TYPE {key.name}")
    elif difference.change is Change.REMOVED:
        way.add(ranks.CREATE_TYPE, f"CREATE TYPE {key.name} AS ENUM ({way.before.objects[key]['labels']})")
    else:
        labels = way.before.objects[key]["labels"]
        way.by_hand(key, f"PostgreSQL drops no label: make the type anew with {labels}, and convert its columns")


def domain(way: Way, difference: Difference) -> None:
    """A domain; its constraints are dealt with by themselves."""
    key = difference.key
    if difference.change is Change.ADDED:
        way.add(ranks.DROP_TYPE, f"DROP DOMAIN {key.name}")
        return
    facts = way.before.objects[key]
    if difference.change is Change.REMOVED:
        collation = f" COLLATE {facts['collation']}" if "collation" in facts else ""
        default = f" DEFAULT {facts['default']}" if "default" in facts else ""
        way.add(ranks.CREATE_TYPE, f"CREATE DOMAIN {key.name} AS {facts['type']}{collation}{default}")
        if "not_null" in facts and not way.before.engine.endswith(" 18"):
            way.add(ranks.CREATE_TYPE, f"ALTER DOMAIN {key.name} SET NOT NULL")
        return
    for fact in difference.facts:
        if fact.name == "default":
            clause = f"SET DEFAULT {fact.before}" if fact.before else "DROP DEFAULT"
            way.add(ranks.CHANGE, f"ALTER DOMAIN {key.name} {clause}")
        elif fact.name != "not_null":
            way.by_hand(key, f"its {fact.name.replace('_', ' ')} was {fact.before or 'not set'}")


def type_(way: Way, difference: Difference) -> None:
    """A composite type, or one that is only dropped."""
    key, facts = difference.key, way.facts(difference.key)
    if difference.change is Change.ADDED and facts.get("form") in ("composite", "range", "base", "shell"):
        way.add(ranks.DROP_TYPE, f"DROP TYPE {key.name}")
    elif difference.change is Change.REMOVED and facts.get("form") == "composite":
        way.add(ranks.CREATE_TYPE, f"CREATE TYPE {key.name} AS ({facts['columns']})")
    elif facts.get("form") not in ("multirange", "row"):
        way.by_hand(key, "the type is to be made as it was by hand")


def other(way: Way, difference: Difference) -> None:
    """Any other object: dropped where a name is enough, else left to a person."""
    key = difference.key
    kind = _NAMED.get(key.kind, key.kind.upper() if key.kind in _DROPPABLE else "")
    if kind and difference.change is Change.ADDED:
        way.add(ranks.DROP_TYPE if key.kind != "foreign table" else ranks.DROP_TABLE, f"DROP {kind} {key.name}")
    else:
        way.by_hand(key, f"write it by hand: it was {difference.change}")
