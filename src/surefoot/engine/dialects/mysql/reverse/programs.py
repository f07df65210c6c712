"""The way back for views, routines, triggers and events."""

from __future__ import annotations

from collections.abc import Iterator

from surefoot.engine.dialects.mysql.reverse.way import Way, is_there, own_name, was
from surefoot.engine.dialects.mysql.snapshot.programs import MIGRATOR
from surefoot.engine.snapshot import Facts, ObjectKey

_ROUTINES = ("package", "package body", "function", "procedure")
_KINDS = (*_ROUTINES, "view", "event")
# What a program keeps of the session that made it; the way back runs in the session of the migrator.
_SESSION = frozenset({"character set", "collation", "database collation", "time zone"})


def removed(way: Way) -> Iterator[str]:
    """Programs that were not there, and those that are made again."""
    for key in _triggers(way, before=False):
        yield f"DROP TRIGGER {own_name(key)}"
    for each in way.of("event", "view", *_ROUTINES):
        if is_there(each) and (not was(each) or each.key.kind != "view"):
            yield f"DROP {each.key.kind.upper()} {each.key.name}"


def _triggers(way: Way, *, before: bool) -> list[ObjectKey]:
    """The triggers that have to go, or come back: all of an event whose triggers changed, since their order counts."""
    groups = {_group(facts) for each in way.of("trigger") for facts in _versions(way, each.key)}
    snapshot = way.before if before else way.after
    found = [
        (_group(facts), int(facts["order"]), key)
        for key, facts in snapshot.objects.items()
        if key.kind == "trigger" and _group(facts) in groups and not _goes_with_table(way, facts, before=before)
    ]
    return [key for _, _, key in sorted(found)]


def _group(facts: Facts) -> tuple[str, str]:
    return facts["table"], facts["when"]


def _versions(way: Way, key: ObjectKey) -> Iterator[Facts]:
    return (facts for facts in (way.before.objects.get(key), way.after.objects.get(key)) if facts)


def _goes_with_table(way: Way, facts: Facts, *, before: bool) -> bool:
    """Whether it goes with its table, and needs no statement of its own."""
    return not before and way.is_new(facts["table"])


def made_again(way: Way) -> Iterator[str]:
    """Programs that are gone or have changed."""
    for kind in _KINDS:
        keys = [each.key for each in way.of(kind) if was(each)]
        for key in _in_order(way, keys):
            yield from _with_mode(way, key, _WRITERS[kind](key, way.before.objects[key]))
    for key in _triggers(way, before=True):
        yield from _with_mode(way, key, _trigger(key, way.before.objects[key]))


def _in_order(way: Way, keys: list[ObjectKey]) -> list[ObjectKey]:
    """Views after those that they name."""
    done: list[ObjectKey] = []
    left = sorted(keys)
    while left:
        ready = [key for key in left if not _names_another(way, key, left)] or left
        done += ready
        left = [key for key in left if key not in ready]
    return done


def _names_another(way: Way, key: ObjectKey, others: list[ObjectKey]) -> bool:
    text = way.before.objects[key]["definition"]
    return key.kind == "view" and any(f"`{other.name.strip('`')}`" in text for other in others if other != key)


def _with_mode(way: Way, key: ObjectKey, statement: str) -> Iterator[str]:
    """The statement, under the SQL mode that the program had, where it has another one now."""
    old, new = way.before.objects[key], way.after.objects.get(key)
    changed = {name for name in old.keys() | (new or old).keys() if old.get(name) != (new or old).get(name)}
    if changed & _SESSION:
        said = ", ".join(sorted(changed & _SESSION))
        way.missing.append((key, f"its {said} came from the session that made it: set that first"))
    if "sql mode" not in changed:
        yield statement
        return
    yield f"SET SESSION sql_mode = '{old.get('sql mode', '')}'"
    yield statement
    yield "SET SESSION sql_mode = DEFAULT"


def _definer(facts: Facts) -> str:
    name = facts.get("definer", MIGRATOR)
    if name == MIGRATOR:
        return ""
    user, _, host = name.rpartition("@")
    return f"DEFINER=`{user}`@`{host}` " if user else f"DEFINER=`{host}` "


def _view(key: ObjectKey, facts: Facts) -> str:
    head = f"CREATE OR REPLACE ALGORITHM={facts['algorithm']} {_definer(facts)}SQL SECURITY {facts['security']}"
    return f"{head} VIEW {key.name} {facts.get('columns', '')}AS {facts['definition']}"


def _routine(key: ObjectKey, facts: Facts) -> str:
    aggregate = "AGGREGATE " if "aggregate" in facts else ""
    return f"CREATE {_definer(facts)}{aggregate}{key.kind.upper()} {key.name}{facts['definition']}"


def _package(key: ObjectKey, facts: Facts) -> str:
    return f"CREATE {_definer(facts)}{key.kind.upper()} {facts['definition']}"


def _trigger(key: ObjectKey, facts: Facts) -> str:
    head = f"CREATE {_definer(facts)}TRIGGER {own_name(key)} {facts['when']} ON {facts['table']}"
    return f"{head} FOR EACH ROW {facts['definition']}"


def _event(key: ObjectKey, facts: Facts) -> str:
    schedule = facts["schedule"] + (f" '{facts['at']}'" if "at" in facts else "")
    starts, ends, comment = facts.get("starts", "when"), facts.get("ends"), facts.get("comment")
    schedule += "" if starts.startswith("when") else f" STARTS '{starts}'"
    schedule += f" ENDS '{ends}'" if ends else ""
    status = {"ENABLED": "ENABLE", "DISABLED": "DISABLE"}[facts["status"]]
    said = " COMMENT '{}'".format(comment.replace("\\", "\\\\").replace("'", "''")) if comment else ""
    head = f"CREATE {_definer(facts)}EVENT {key.name} ON SCHEDULE {schedule} ON COMPLETION {facts['completion']}"
    return f"{head} {status}{said} DO {facts['definition']}"


_WRITERS = {
    **dict.fromkeys(("function", "procedure"), _routine),
    **dict.fromkeys(("package", "package body"), _package),
    "view": _view,
    "event": _event,
}
