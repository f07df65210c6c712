"""Views, functions, triggers, rules and policies, taken back."""

from __future__ import annotations

from surefoot.engine.dialects.postgres.reverse import way as ranks
from surefoot.engine.dialects.postgres.reverse.access import said_of
from surefoot.engine.dialects.postgres.reverse.names import local, role
from surefoot.engine.dialects.postgres.reverse.way import Way
from surefoot.engine.snapshot import Change, Difference, ObjectKey

_ENABLED = {"disabled": "DISABLE", "always": "ENABLE ALWAYS", "replica": "ENABLE REPLICA", "origin": "ENABLE"}


def view(way: Way, difference: Difference) -> None:
    """A view or materialized view: one that changed is dropped and made again, with what was said and granted on it."""
    key = difference.key
    kind = key.kind.upper()
    if difference.change is not Change.REMOVED:
        way.add(ranks.DROP_VIEW, f"DROP {kind} {_after_dependents(way, key)}")
    if difference.change is Change.ADDED:
        return
    facts = way.before.objects[key]
    options = f" WITH ({facts['options']})" if "options" in facts else ""
    empty = " WITH NO DATA" if facts.get("populated") == "false" else ""
    way.add(ranks.CREATE_VIEW, f"CREATE {kind} {key.name}{options} AS\n{facts['definition']}{empty}")
    if difference.change is Change.CHANGED:
        said_of(way, key)
        for index, held in way.before.objects.items():
            if index.kind == "index" and held.get("table") == key.name and index in way.after.objects:
                way.add(ranks.CREATE_LAST, held["definition"])


def _after_dependents(way: Way, key: ObjectKey) -> str:
    """All added views of the kind at once: they may be made of one another."""
    added = way.after.objects.keys() - way.before.objects.keys()
    if key not in added:
        return key.name
    return ", ".join(sorted(other.name for other in added if other.kind == key.kind))


def function(way: Way, difference: Difference) -> None:
    """A function or procedure. A definition replaces the one that is there, and keeps what was granted on it."""
    key = difference.key
    if difference.change is Change.ADDED:
        way.add(ranks.DROP_CODE, f"DROP {key.kind.upper()} {key.name}")
        return
    for fact in difference.facts:
        if fact.name == "definition":
            way.add(ranks.CREATE_CODE, way.before.objects[key]["definition"])
        elif fact.name == "owner" and difference.change is Change.CHANGED:
            way.add(ranks.CHANGE, f"ALTER {key.kind.upper()} {key.name} OWNER TO {role(fact.before or '')}")
        elif difference.change is Change.CHANGED:
            way.by_hand(key, f"its {fact.name.replace('_', ' ')} was {fact.before or 'not set'}")


def trigger(way: Way, difference: Difference) -> None:
    """A trigger."""
    _attached(way, difference, "TRIGGER")


def rule(way: Way, difference: Difference) -> None:
    """A rule."""
    _attached(way, difference, "RULE")


def _attached(way: Way, difference: Difference, kind: str) -> None:
    key = difference.key
    table, name = way.parent_name(key), local(key.name)
    only_enabled = [fact.name for fact in difference.facts] == ["enabled"] and difference.change is Change.CHANGED
    if difference.change is not Change.REMOVED and not only_enabled:
        way.add(ranks.DROP_FIRST, f"DROP {kind} {name} ON {table}")
    if difference.change is Change.ADDED:
        return
    facts = way.before.objects[key]
    if not only_enabled:
        way.add(ranks.CREATE_LAST, facts["definition"].rstrip(";"))
    if only_enabled or facts.get("enabled") != "origin":
        way.add(ranks.SAY, f"ALTER TABLE {table} {_ENABLED[facts.get('enabled', 'origin')]} {kind} {name}")


def policy(way: Way, difference: Difference) -> None:
    """A policy of row security."""
    key = difference.key
    table, name = way.parent_name(key), local(key.name)
    if difference.change is not Change.REMOVED:
        way.add(ranks.DROP_FIRST, f"DROP POLICY {name} ON {table}")
    if difference.change is Change.ADDED:
        return
    facts = way.before.objects[key]
    roles = ", ".join(role(item) for item in facts.get("roles", "PUBLIC").split(", "))
    text = f"CREATE POLICY {name} ON {table} AS {facts['mode']} FOR {facts['command']} TO {roles}"
    using = f" USING ({facts['using']})" if "using" in facts else ""
    check = f" WITH CHECK ({facts['check']})" if "check" in facts else ""
    way.add(ranks.CREATE_LAST, f"{text}{using}{check}")
