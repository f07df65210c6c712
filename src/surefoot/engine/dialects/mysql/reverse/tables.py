"""The way back for tables: their columns, indexes, constraints, periods, options and partitions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from surefoot.engine.dialects.mysql.reverse.way import Way, is_there, own_name, parts, table_of, was
from surefoot.engine.dialects.mysql.snapshot.naming import names_of, title
from surefoot.engine.dialects.mysql.snapshot.tables import definition
from surefoot.engine.snapshot import Change, Difference, Facts, ObjectKey, Snapshot

_PARTS = frozenset({"column", "index", "constraint", "period"})
_FOREIGN = "FOREIGN KEY"
_PARTITIONS = frozenset({"partitions"})
# What a table has where it says nothing.
_UNSAID = {"comment": "COMMENT=''", "row format": "ROW_FORMAT=DEFAULT", "versioning": "DROP SYSTEM VERSIONING"}


def renamed_tables(before: Snapshot, after: Snapshot) -> dict[str, str]:
    """The new names of tables, each with its old one: those that are the same in all of their parts."""
    gone = sorted(before.orders.keys() - after.orders.keys())
    new = sorted(after.orders.keys() - before.orders.keys())
    found: dict[str, str] = {}
    for table in new:
        same = [old for old in gone if _shape(before, old) == _shape(after, table)]
        if len(same) == 1 and same[0] not in found.values():
            found[table] = same[0]
    return found


def _shape(snapshot: Snapshot, table: str) -> tuple[object, ...]:
    columns = [(name, dict(facts)) for name, facts in parts(snapshot, table, "column").items()]
    indexes = [
        (name, facts.get("type"), facts.get("columns"))
        for name, facts in sorted(parts(snapshot, table, "index").items())
    ]
    return columns, indexes, snapshot.objects[ObjectKey("table", table)]


def with_new_names(snapshot: Snapshot, names: Mapping[str, str]) -> Snapshot:
    """The snapshot after tables were renamed."""
    if not names:
        return snapshot
    objects = {}
    for key, facts in snapshot.objects.items():
        renamed, told = key, dict(facts)
        if key.kind in _PARTS | {"table", "trigger"} and table_of(key) in names:
            renamed = ObjectKey(key.kind, names[table_of(key)] + key.name[len(table_of(key)) :])
        if told.get("table") in names:
            told["table"] = names[told["table"]]
        if key.kind == "constraint" and _FOREIGN in told["definition"]:
            told["definition"] = _refer(told["definition"], names)
        objects[renamed] = told
    orders = {names.get(table, table): columns for table, columns in snapshot.orders.items()}
    return replace(snapshot, objects=objects, orders=orders)


def _refer(definition: str, names: Mapping[str, str]) -> str:
    """A foreign key to a renamed table follows it."""
    head, _, tail = definition.partition(" REFERENCES ")
    table, _, rest = tail.partition(" (")
    old = names.get(title(*names_of(table)))
    return f"{head} REFERENCES `{names_of(old)[0]}` ({rest}" if old else definition


def foreign_keys_gone(way: Way) -> Iterator[str]:
    """Foreign keys first: what they refer to may go."""
    for each in way.of("constraint"):
        key = each.key
        facts = way.after.objects.get(key)
        if facts is not None and facts["definition"].startswith(_FOREIGN) and not _falls(way, each):
            yield f"ALTER TABLE {table_of(key)} DROP FOREIGN KEY {own_name(key)}"


def _falls(way: Way, difference: Difference) -> bool:
    """Whether the foreign key goes with its table, and nothing stands in the way of that."""
    facts = way.after.objects[difference.key]
    target = title(*names_of(facts["definition"].partition(" REFERENCES ")[2].partition(" (")[0]))
    table = table_of(difference.key)
    return way.is_new(table) and (target == table or not way.is_new(target))


def dropped(way: Way) -> Iterator[str]:
    """Tables that were not there."""
    return (f"DROP TABLE {each.key.name}" for each in way.of("table") if not was(each))


def created(way: Way) -> Iterator[str]:
    """Tables that are gone, without their foreign keys."""
    for each in way.of("table"):
        if not is_there(each):
            way.losses.append(each.key)
            yield _create(way, each.key.name)


def _create(way: Way, table: str) -> str:
    columns = [f"{name} {definition(facts)}" for name, facts in parts(way.before, table, "column").items()]
    indexes = [_index(name, facts) for name, facts in parts(way.before, table, "index").items()]
    periods = [f"PERIOD FOR {name} {facts['definition']}" for name, facts in parts(way.before, table, "period").items()]
    checks = [
        f"CONSTRAINT {name} {facts['definition']}"
        for name, facts in parts(way.before, table, "constraint").items()
        if not facts["definition"].startswith(_FOREIGN)
    ]
    elements = ",\n    ".join([*columns, *indexes, *periods, *checks])
    return f"CREATE TABLE {table} (\n    {elements}\n) {_table_options(way.before.objects[ObjectKey('table', table)])}"


def _table_options(facts: Facts) -> str:
    return " ".join(_option(name, text) for name, text in facts.items()).strip()


def _option(name: str, text: str) -> str:
    if name in {"versioning", "partitions", "options"}:
        return text
    if name == "collation":
        return f"DEFAULT {text}"
    return f"{name.removeprefix('option ').upper().replace('ROW FORMAT', 'ROW_FORMAT')}={text}"


def _index(name: str, facts: Facts) -> str:
    rest = " ".join(_said(fact, text) for fact, text in facts.items() if fact not in {"type", "table"})
    return f"{facts['type']} {'' if name == 'PRIMARY' else f'{name} '}{rest}"


def _said(fact: str, text: str) -> str:
    return f"COMMENT {text}" if fact == "comment" else text


def altered(way: Way) -> Iterator[str]:
    """One ALTER TABLE for each table that is there still and has changed; partitions need one of their own."""
    touched = {table_of(each.key) for each in way.differences if each.key.kind in _PARTS | {"table"}}
    for table in sorted(touched):
        if way.is_new(table) or way.is_gone(table):
            continue
        clauses = [*_parts_gone(way, table), *_columns(way, table), *_parts_back(way, table), *_options(way, table)]
        if clauses:
            yield f"ALTER TABLE {table}\n    " + ",\n    ".join(clauses)
        yield from _partitions(way, table)


def _in(way: Way, table: str, *kinds: str) -> list[Difference]:
    return [each for each in way.of(*kinds) if table_of(each.key) == table]


def _parts_gone(way: Way, table: str) -> Iterator[str]:
    for each in _in(way, table, "index", "constraint", "period"):
        facts = way.after.objects.get(each.key)
        if facts is None or facts.get("definition", "").startswith(_FOREIGN) or _is_visibility(each):
            continue
        name = own_name(each.key)
        if each.key.kind == "index":
            yield "DROP PRIMARY KEY" if name == "PRIMARY" else f"DROP INDEX {name}"
        else:
            yield f"DROP CONSTRAINT {name}" if each.key.kind == "constraint" else f"DROP PERIOD FOR {name}"


def _parts_back(way: Way, table: str) -> Iterator[str]:
    for each in _in(way, table, "index", "constraint", "period"):
        facts, name = way.old(each.key), own_name(each.key)
        if not facts or facts.get("definition", "").startswith(_FOREIGN):
            continue
        if _is_visibility(each):
            yield f"ALTER INDEX {name} {_visibility(each)}"
        elif each.key.kind == "index":
            yield f"ADD {_index(name, facts)}"
        elif each.key.kind == "constraint":
            yield f"ADD CONSTRAINT {name} {facts['definition']}"
        else:
            yield f"ADD PERIOD FOR {name} {facts['definition']}"


def _is_visibility(difference: Difference) -> bool:
    """Whether the optimiser is to see an index again, or no more; to make it anew would change nothing."""
    return difference.change is Change.CHANGED and [fact.name for fact in difference.facts] == ["visibility"]


def _visibility(difference: Difference) -> str:
    fact = difference.facts[0]
    return fact.before or {"IGNORED": "NOT IGNORED"}.get(fact.after or "", "VISIBLE")


def _columns(way: Way, table: str) -> Iterator[str]:
    old, new = parts(way.before, table, "column"), parts(way.after, table, "column")
    names = _renamed(old, new)
    yield from (f"DROP COLUMN {name}" for name in new if name not in old and name not in names)
    yield from (f"RENAME COLUMN {name} TO {names[name]}" for name in names)
    for each in old:
        if each in names.values() or old[each] == new.get(each):
            continue
        if each not in new:
            way.losses.append(ObjectKey("column", f"{table}.{each}"))
            yield f"ADD COLUMN {each} {definition(old[each])} {_place(list(old), each)}"
        elif ("generated" in old[each]) != ("generated" in new[each]):
            way.losses += [] if "generated" in old[each] else [ObjectKey("column", f"{table}.{each}")]
            yield f"DROP COLUMN {each}"
            yield f"ADD COLUMN {each} {definition(old[each])} {_place(list(old), each)}"
        else:
            yield f"MODIFY COLUMN {each} {definition(old[each])}"


def _renamed(old: Mapping[str, Facts], new: Mapping[str, Facts]) -> dict[str, str]:
    """The new names of columns, each with its old one: those at the same place that are the same otherwise."""
    if len(old) != len(new):
        return {}
    pairs = zip(old, new, strict=True)
    return {there: gone for gone, there in pairs if gone not in new and there not in old and old[gone] == new[there]}


def _place(columns: Iterable[str], name: str) -> str:
    before = ""
    for each in columns:
        if each == name:
            break
        before = each
    return f"AFTER {before}" if before else "FIRST"


def _options(way: Way, table: str) -> Iterator[str]:
    for each in _in(way, table, "table"):
        for fact in each.facts:
            if fact.name in _PARTITIONS:
                continue
            if fact.name == "versioning":
                yield "ADD SYSTEM VERSIONING" if fact.before else "DROP SYSTEM VERSIONING"
            elif fact.before is not None and not fact.before.startswith("hidden"):
                yield _option(fact.name, fact.before)
            elif fact.before is None:
                yield _UNSAID.get(fact.name, f"{fact.name.removeprefix('option ').upper()}=DEFAULT")
            else:
                way.missing.append((each.key, f"its {fact.name} is a secret: write it by hand"))


def _partitions(way: Way, table: str) -> Iterator[str]:
    for each in _in(way, table, "table"):
        for fact in each.facts:
            if fact.name in _PARTITIONS:
                yield f"ALTER TABLE {table} {fact.before or 'REMOVE PARTITIONING'}"


def foreign_keys_back(way: Way) -> Iterator[str]:
    """Foreign keys last: what they refer to is there again."""
    for each in way.of("constraint"):
        facts = way.old(each.key)
        if facts.get("definition", "").startswith(_FOREIGN):
            yield f"ALTER TABLE {table_of(each.key)} ADD CONSTRAINT {own_name(each.key)} {facts['definition']}"
