"""Who may do what, who is who, and what was said about objects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from surefoot.engine.dialects.postgres.snapshot.catalog import MIGRATOR, Catalog, Made, Row, mask, masked, options_text
from surefoot.engine.snapshot import ObjectKey

Rows = Iterable[Row]
_DATABASE = ObjectKey("database", "(this)")


def role_names(rows: Rows, migrator: str) -> Mapping[int, str]:
    """What each role is called here: quoted as SQL needs it, PUBLIC for 0, and the one that runs migrations apart."""
    return {0: "PUBLIC", **{row[0]: MIGRATOR if row[1] == migrator else row[2] for row in rows}}


def membership(rows: Rows) -> Mapping[tuple[int, int], int]:
    """The extension of each object that belongs to one."""
    return {(row[0], row[1]): row[2] for row in rows}


def add_all(catalog: Catalog, answers: Mapping[str, Sequence[Row]]) -> None:
    """Add what each query of `access.sql` answered, to a catalogue that has all other objects."""
    _add_roles(catalog, answers["roles"], answers["memberships"])
    for name, add in _READERS.items():
        add(catalog, answers.get(name, ()))


def _add_roles(catalog: Catalog, roles: Rows, memberships: Rows) -> None:
    """Roles with their attributes, and the roles that they are members of; PostgreSQL's own ones are left out."""
    groups: dict[int, list[str]] = {}
    for member, group, grantor, options in memberships:
        text = f"{catalog.role(group)} ({', '.join(filter(None, (options, f'by {catalog.role(grantor)}')))})"
        groups.setdefault(member, []).append(text)
    for oid, name, _, attributes, limit, valid_until in roles:
        if not name.startswith("pg_"):
            member_of = ", ".join(sorted(groups.get(oid, ())))
            facts = {"connection_limit": limit, "valid_until": valid_until, "member_of": member_of or None}
            key = ObjectKey("role", catalog.role(oid))
            catalog.put(key, {"attributes": attributes, **{name: text for name, text in facts.items() if text}})
            catalog.keys[_PG_AUTHID, oid, 0] = key


# The OID of the catalogue of roles, which only superusers may read: https://www.postgresql.org/docs/18/catalog-pg-authid.html
_PG_AUTHID = 1260


def _add_identities(catalog: Catalog, rows: Rows) -> None:
    """The sequences of identity columns, as facts of those; and their names, as something may be said about them."""
    for *place, sequence_class, sequence, name, options in rows:
        key = catalog.keys.get((place[0], place[1], place[2]))
        if key is not None:
            catalog.amend(key, identity_sequence=name, identity_options=options)
            catalog.keys[sequence_class, sequence, 0] = ObjectKey("sequence", name)


def _add_settings(catalog: Catalog, rows: Rows) -> None:
    """What ALTER ROLE and ALTER DATABASE set, for this database or for all."""
    for here, role, settings in rows:
        name = " in ".join([f"role {catalog.role(role)}"] * (role != 0) + ["database"] * here)
        pairs = (setting.partition("=")[::2] for setting in settings)
        catalog.put(ObjectKey("setting", name), {key: mask(key, value) for key, value in pairs})


def _add_server_settings(catalog: Catalog, rows: Rows) -> None:
    """What ALTER SYSTEM set."""
    pairs = (line.partition(" = ")[::2] for (line,) in rows)
    if facts := {name: mask(name, value) for name, value in pairs}:
        catalog.put(ObjectKey("setting", "server"), facts)


def _add_passwords(catalog: Catalog, rows: Rows) -> None:
    """Which roles have a password."""
    for (oid,) in rows:
        if (key := catalog.keys.get((_PG_AUTHID, oid, 0))) in catalog.objects:
            catalog.amend(key, password="set")  # noqa: S106  # whether there is one, not what it is


def _add_privileges(catalog: Catalog, rows: Rows) -> None:
    """One object for each grantee of an object."""
    known, now = catalog.recall("privileges")
    for row in rows:
        key = catalog.keys.get(row[:3])
        if key is not None and row[:2] not in catalog.members:
            made = known.get(row[:5])
            if made is None or made.row != row or made.parent != key:
                made = Made(row, key, *_privilege(catalog, key, *row[3:]))
            now[row[:5]] = made
            catalog.put(made.key, made.facts)


def _add_changed_privileges(catalog: Catalog, rows: Rows) -> None:
    """The same for objects of the server and of extensions, where somebody changed what they came with."""
    for kind, name, grantee, grantor, privileges in rows:
        catalog.put(*_privilege(catalog, ObjectKey(kind, name), grantee, grantor, privileges))


def _privilege(
    catalog: Catalog, key: ObjectKey, grantee: int | None, grantor: int | None, privileges: str | None
) -> tuple[ObjectKey, dict[str, str]]:
    if grantee is None:
        return ObjectKey("privilege", f"{key} to nobody"), {}
    name, facts = f"{key} to {catalog.role(grantee)}", {"privileges": privileges or ""}
    if grantor is not None:
        name = f"{name} by {catalog.role(grantor)}"
        facts["grantor"] = catalog.role(grantor)
    return ObjectKey("privilege", name), facts


def _add_default_privileges(catalog: Catalog, rows: Rows) -> None:
    """What ALTER DEFAULT PRIVILEGES says: one object for each role, schema and kind, with a fact for each grantee.

    One without facts is not nothing: it takes away what PostgreSQL grants by itself.
    """
    found: dict[str, dict[str, str]] = {}
    for role, schema, kind, grantee, grantor, privileges in rows:
        facts = found.setdefault(f"of {catalog.role(role)} {f'in {schema} ' if schema else ''}on {kind}", {})
        if grantee is not None:
            by = "" if grantor is None else f" by {catalog.role(grantor)}"
            facts[f"{catalog.role(grantee)}{by}"] = privileges
    for name, facts in found.items():
        catalog.put(ObjectKey("default privilege", name), facts)


def _add_user_mappings(catalog: Catalog, rows: Rows) -> None:
    """User mappings; of their options, only the name of the user is no secret."""
    for user, server, options in rows:
        facts = {} if options is None else {"foreign_options": options_text(options, _hide_all_but_users)}
        catalog.put(ObjectKey("user mapping", f"{catalog.role(user)} SERVER {server}"), facts)


def _hide_all_but_users(name: str, value: str) -> str:
    return value if name in {"user", "username"} else masked(value)


def _add_comments(catalog: Catalog, rows: Rows) -> None:
    """Comments, each an object of its own."""
    for *place, text in rows:
        key = catalog.keys.get((place[0], place[1], place[2]))
        if key is not None:
            catalog.put(ObjectKey("comment", str(key)), {"text": text})


def _add_labels(catalog: Catalog, rows: Rows) -> None:
    """Security labels."""
    for *place, provider, label in rows:
        key = catalog.keys.get((place[0], place[1], place[2]))
        if key is not None:
            catalog.put(ObjectKey("security label", f"{key} for {provider}"), {"label": label})


def _add_dependents(catalog: Catalog, rows: Rows) -> None:
    """The extensions with which an object goes, as facts of that object."""
    for *place, extension in rows:
        key = catalog.keys.get((place[0], place[1], place[2]))
        if key in catalog.objects:
            found = ", ".join(filter(None, (catalog.objects[key].get("depends_on_extension"), extension)))
            catalog.amend(key, depends_on_extension=found)


def _add_connections(catalog: Catalog, rows: Rows) -> None:
    """Where a subscription connects to, hidden: it mostly holds a password."""
    for name, connection in rows:
        catalog.amend(ObjectKey("subscription", name), connection=masked(connection))


_READERS: Mapping[str, Callable[[Catalog, Rows], None]] = {
    "unnamed": Catalog.alias,
    "identities": _add_identities,
    "passwords": _add_passwords,
    "server_settings": _add_server_settings,
    "settings": _add_settings,
    "privileges": _add_privileges,
    "changed_privileges": _add_changed_privileges,
    "default_privileges": _add_default_privileges,
    "user_mappings": _add_user_mappings,
    "comments": _add_comments,
    "labels": _add_labels,
    "dependents": _add_dependents,
    "connections": _add_connections,
}
