"""Comments and privileges, taken back."""

from __future__ import annotations

from surefoot.engine.dialects.postgres.reverse import way as ranks
from surefoot.engine.dialects.postgres.reverse.names import literal, local, role, spoken_of
from surefoot.engine.dialects.postgres.reverse.way import Way
from surefoot.engine.snapshot import Change, Difference, ObjectKey

_ON_TABLE = frozenset({"trigger", "rule", "policy", "constraint"})
_TYPES = {"enum": "TYPE"}
_GRANTED_AS = {"enum": "TYPE", "view": "TABLE", "materialized view": "TABLE", "foreign table": "TABLE"}
_GRANTED_AS |= {"server": "FOREIGN SERVER", "aggregate": "FUNCTION"}
# What PostgreSQL grants to everybody on a new object of the kind.
_BY_ITSELF = frozenset({"function", "procedure", "aggregate", "enum", "domain", "type", "language"})


def comment(way: Way, difference: Difference) -> None:
    """A comment."""
    about = spoken_of(difference.key)
    if about is None:
        return
    facts = way.before.objects.get(difference.key)
    way.add(ranks.SAY, f"COMMENT ON {_commented(way, about)} IS {literal(facts['text']) if facts else 'NULL'}")


def _commented(way: Way, about: ObjectKey) -> str:
    kind = _TYPES.get(about.kind, about.kind.upper())
    if about.kind not in _ON_TABLE:
        return f"{kind} {about.name}"
    parent = way.parent(about)
    of_domain = "DOMAIN " if parent and parent.kind == "domain" else ""
    return f"{kind} {local(about.name)} ON {of_domain}{way.parent_name(about)}"


def privilege(way: Way, difference: Difference) -> None:
    """What a role may do with an object."""
    key = difference.key
    about = spoken_of(key)
    if about is None or " by " in key.name:
        way.by_hand(key, "grant or revoke it by hand")
        return
    made_again = about not in way.after.objects
    if difference.change is not Change.REMOVED:
        way.add(ranks.GRANT, _grant(way, "REVOKE", key, about, way.after.objects[key]["privileges"]))
    if difference.change is not Change.ADDED and not (made_again and _comes_by_itself(way, key, about)):
        way.add(ranks.GRANT, _grant(way, "GRANT", key, about, way.before.objects[key]["privileges"]))


def _grantee(key: ObjectKey) -> str:
    return key.name.split(" to ")[1]


def _comes_by_itself(way: Way, key: ObjectKey, about: ObjectKey) -> bool:
    owner = way.facts(about).get("owner")
    return _grantee(key) == owner or (_grantee(key) == "PUBLIC" and about.kind in _BY_ITSELF)


def _grant(way: Way, verb: str, key: ObjectKey, about: ObjectKey, privileges: str) -> str:
    names = [name.rstrip("*") for name in privileges.split(", ")]
    grantable = all(name.endswith("*") for name in privileges.split(", ")) and verb == "GRANT"
    if about.kind == "column":
        what = ", ".join(f"{name} ({local(about.name)})" for name in names)
        place = f"TABLE {way.parent_name(about)}"
    else:
        what = ", ".join(names)
        place = f"{_GRANTED_AS.get(about.kind, about.kind.upper())} {about.name}"
    option = " WITH GRANT OPTION" if grantable else ""
    way_of = "TO" if verb == "GRANT" else "FROM"
    return f"{verb} {what} ON {place} {way_of} {role(_grantee(key))}{option}"


def said_of(way: Way, key: ObjectKey) -> None:
    """What was said and granted on an object that is made again, though none of it changed."""
    for other in way.before.objects:
        about = spoken_of(other)
        if about != key or other not in way.after.objects or way.before.objects[other] != way.after.objects[other]:
            continue
        if other.kind == "comment":
            comment(way, Difference(other, Change.REMOVED, ()))
        elif not _comes_by_itself(way, other, key) and " by " not in other.name:
            way.add(ranks.GRANT, _grant(way, "GRANT", other, key, way.before.objects[other]["privileges"]))
