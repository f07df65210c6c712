"""Tables and columns, taken back."""

from __future__ import annotations

from collections.abc import Iterator

from surefoot.engine.dialects.postgres.reverse import way as ranks
from surefoot.engine.dialects.postgres.reverse.names import local, role, unquoted
from surefoot.engine.dialects.postgres.reverse.way import Way
from surefoot.engine.snapshot import Change, Difference, FactChange, Facts, ObjectKey

_OPTIONS = {"options": "", "toast_options": "toast."}


def table(way: Way, difference: Difference) -> None:
    """A table that was added, removed or changed."""
    name = difference.key.name
    if difference.change is Change.ADDED:
        way.add(ranks.DROP_TABLE, f"DROP TABLE {_all_added(way)}")
    elif difference.change is Change.REMOVED:
        way.losses.append(difference.key)
        _create(way, difference.key)
    else:
        for fact in difference.facts:
            _change_table(way, difference.key, name, fact)


def _all_added(way: Way) -> str:
    """All added tables at once: they may refer to one another."""
    names = [key.name for key in sorted(way.after.objects.keys() - way.before.objects.keys()) if key.kind == "table"]
    return ", ".join(names)


def _create(way: Way, key: ObjectKey) -> None:
    facts = way.before.objects[key]
    if "inherits" in facts or "of_type" in facts:
        way.by_hand(key, "it inherits, or is of a type: write its CREATE TABLE by hand")
        return
    unlogged = "UNLOGGED " if facts.get("persistence") == "unlogged" else ""
    head = f"CREATE {unlogged}TABLE {key.name}"
    if "partition_of" in facts:
        body = f"PARTITION OF {facts['partition_of']} {facts.get('partition_bound', 'DEFAULT')}"
    else:
        body = f"({', '.join(_definition(way, column) for column in columns_of(way, key.name))})"
    by = f" PARTITION BY {facts['partition_key']}" if "partition_key" in facts else ""
    options = f" WITH ({facts['options']})" if "options" in facts else ""
    way.add(ranks.CREATE_TABLE, f"{head} {body}{by}{options}")
    for word, on in (("row_security", "ENABLE"), ("force_row_security", "FORCE")):
        if word in facts:
            way.add(ranks.CHANGE, f"ALTER TABLE {key.name} {on} ROW LEVEL SECURITY")


def columns_of(way: Way, name: str) -> list[ObjectKey]:
    """The columns that a table had before, in their order."""
    keys = [key for key in way.before.objects if key.kind == "column" and way.parent_name(key) == name]
    order = {column: position for position, column in enumerate(way.before.orders.get(name, ()))}
    return sorted(keys, key=lambda key: order.get(unquoted(local(key.name)), 0))


def _definition(way: Way, key: ObjectKey, *, nullable: bool = False) -> str:
    facts = way.before.objects[key]
    words = [local(key.name), facts["type"]]
    if "collation" in facts:
        words.append(f"COLLATE {facts['collation']}")
    if "default" in facts:
        words.append(f"DEFAULT {facts['default']}")
    if "generated" in facts:
        words.append(f"GENERATED ALWAYS AS ({facts['expression']}) {facts['generated']}")
    if "identity" in facts:
        words.append(_identity(facts))
    if "not_null" in facts and not nullable and not has_not_null_constraint(way, key):
        words.append("NOT NULL")
    return " ".join(words)


def _identity(facts: Facts) -> str:
    return f"GENERATED {facts['identity']} AS IDENTITY"


def has_not_null_constraint(way: Way, column: ObjectKey) -> bool:
    """Whether NOT NULL is an object of its own there (since PostgreSQL 18), which is dealt with by itself."""
    name, text = way.parent_name(column), f"NOT NULL {local(column.name)}"
    for snapshot in (way.before, way.after):
        for key, facts in snapshot.objects.items():
            if key.kind == "constraint" and way.parent_name(key) == name and _is_not_null(facts, text):
                return True
    return False


def _is_not_null(facts: Facts, text: str) -> bool:
    return facts.get("type") == "not null" and facts.get("definition", "").startswith(text)


def column(way: Way, difference: Difference) -> None:
    """A column that was added, removed or changed."""
    key = difference.key
    parent = way.parent(key)
    if parent is None or parent.kind != "table":
        return
    if difference.change is Change.REMOVED:
        if parent in way.after.objects:
            _add_column(way, key, parent.name)
        return
    if difference.change is Change.ADDED:
        way.add(ranks.DROP_COLUMN, f"ALTER TABLE {parent.name} DROP COLUMN {local(key.name)}")
        return
    for clause in _changes(way, difference):
        way.add(ranks.CHANGE, f"ALTER TABLE {parent.name} ALTER COLUMN {local(key.name)} {clause}")


def _add_column(way: Way, key: ObjectKey, name: str) -> None:
    facts = way.before.objects[key]
    filled = {"default", "generated", "identity"} & facts.keys()
    if "generated" not in facts:
        way.losses.append(key)
    if "not_null" in facts and not filled:
        way.by_hand(key, "it was NOT NULL, and its values are gone: fill it, and then SET NOT NULL")
    way.add(ranks.CREATE_COLUMN, f"ALTER TABLE {name} ADD COLUMN {_definition(way, key, nullable=not filled)}")


def _changes(way: Way, difference: Difference) -> Iterator[str]:
    facts = {fact.name: fact for fact in difference.facts}
    before, after = way.before.objects[difference.key], way.after.objects[difference.key]
    if "generated" in facts or "expression" in facts:
        way.by_hand(difference.key, "it is computed in another way: drop it, and add it again")
        return
    if "type" in facts or "collation" in facts:
        if "default" in after:
            yield "DROP DEFAULT"
        name, collation = local(difference.key.name), before.get("collation")
        text = f"TYPE {before['type']}" + (f" COLLATE {collation}" if collation else "")
        yield f"{text} USING {name}::{before['type']}"
        if "default" in before:
            yield f"SET DEFAULT {before['default']}"
    elif "default" in facts:
        yield f"SET DEFAULT {before['default']}" if "default" in before else "DROP DEFAULT"
    if "not_null" in facts and not has_not_null_constraint(way, difference.key):
        yield "SET NOT NULL" if "not_null" in before else "DROP NOT NULL"
    for fact in difference.facts:
        yield from _setting(way, difference.key, fact)


def _setting(way: Way, key: ObjectKey, fact: FactChange) -> Iterator[str]:
    simple = {"statistics": ("SET STATISTICS", "-1"), "storage": ("SET STORAGE", "DEFAULT")}
    simple |= {"compression": ("SET COMPRESSION", "default")}
    if fact.name in simple:
        words, usual = simple[fact.name]
        yield f"{words} {fact.before or usual}"
    elif fact.name == "options":
        yield from set_options(fact)
    elif fact.name == "identity":
        yield from _identity_change(fact)
    elif fact.name in ("identity_options", "identity_sequence"):
        if "identity" in way.before.objects[key] and "identity" in way.after.objects[key]:
            way.by_hand(key, f"its {fact.name.replace('_', ' ')} were {fact.before}")
    elif fact.name not in ("type", "collation", "default", "not_null"):
        way.by_hand(key, f"its {fact.name.replace('_', ' ')} was {fact.before or 'not set'}")


def _identity_change(fact: FactChange) -> Iterator[str]:
    if fact.before is None:
        yield "DROP IDENTITY"
    elif fact.after is None:
        yield f"ADD GENERATED {fact.before} AS IDENTITY"
    else:
        yield f"SET GENERATED {fact.before}"


def set_options(fact: FactChange, prefix: str = "") -> Iterator[str]:
    """The clauses that bring a list of `name=value` options back."""
    before, after = _parse_options(fact.before), _parse_options(fact.after)
    gone = [f"{prefix}{name}" for name in after if name not in before]
    back = [f"{prefix}{name} = {value}" for name, value in before.items() if after.get(name) != value]
    if gone:
        yield f"RESET ({', '.join(gone)})"
    if back:
        yield f"SET ({', '.join(back)})"


def _parse_options(text: str | None) -> dict[str, str]:
    pairs = (item.partition("=") for item in (text or "").split(", ") if item)
    return {name: value for name, _, value in pairs}


def _change_table(way: Way, key: ObjectKey, name: str, fact: FactChange) -> None:
    if fact.name.startswith("partition"):
        _partition(way, key, fact)
        return
    clauses = list(_table_clauses(fact))
    for clause in clauses:
        way.add(ranks.CHANGE, f"ALTER TABLE {name} {clause}")
    if not clauses:
        way.by_hand(key, f"its {fact.name.replace('_', ' ')} was {fact.before or 'not set'}")


def _table_clauses(fact: FactChange) -> Iterator[str]:
    if fact.name == "persistence":
        yield "SET UNLOGGED" if fact.before == "unlogged" else "SET LOGGED"
    elif fact.name in _OPTIONS:
        yield from set_options(fact, _OPTIONS[fact.name])
    elif fact.name == "row_security":
        yield f"{'ENABLE' if fact.before else 'DISABLE'} ROW LEVEL SECURITY"
    elif fact.name == "force_row_security":
        yield f"{'FORCE' if fact.before else 'NO FORCE'} ROW LEVEL SECURITY"
    elif fact.name == "owner":
        yield f"OWNER TO {role(fact.before or '')}"
    elif fact.name == "tablespace":
        yield f"SET TABLESPACE {fact.before or 'pg_default'}"
    elif fact.name == "access_method":
        yield f"SET ACCESS METHOD {fact.before or 'heap'}"
    elif fact.name == "replica_identity" and fact.before != "index":
        yield f"REPLICA IDENTITY {(fact.before or 'default').upper()}"


def _partition(way: Way, key: ObjectKey, fact: FactChange) -> None:
    before, after = way.before.objects[key], way.after.objects[key]
    if fact.name != "partition_of":
        return
    if fact.after:
        way.add(ranks.DROP_FIRST, f"ALTER TABLE {after['partition_of']} DETACH PARTITION {key.name}")
    if fact.before:
        bound = before.get("partition_bound", "DEFAULT")
        way.add(ranks.CREATE_LAST, f"ALTER TABLE {fact.before} ATTACH PARTITION {key.name} {bound}")
