"""The SQL that makes roles, databases and what belongs to them beside a schema."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from psycopg import sql

from surefoot.engine.dialects.postgres.shadow.origin import Grant, Membership, Origin, Role, Setting

# The settings whose values are lists of quoted names: each goes back as a text of its own.
_NAME_LISTS = frozenset({
    "local_preload_libraries", "search_path", "session_preload_libraries", "shared_preload_libraries",
    "temp_tablespaces", "unix_socket_directories",
})  # fmt: skip
_ELEMENT = re.compile(r'"(?:[^"]|"")*"|[^,\s]+')


def name(text: str) -> str:
    """A name as SQL needs it."""
    return sql.Identifier(text).as_string(None)


def literal(text: str) -> str:
    """A text as SQL needs it."""
    return sql.Literal(text).as_string(None)


def create_role(role: Role) -> str:
    """CREATE ROLE with the role's attributes; without a password."""
    return " ".join(["CREATE ROLE", name(role.name), *role.attributes])


def grant_membership(membership: Membership, major: int) -> str:
    """GRANT of a role, on the terms that a server of this major version knows."""
    terms = {"ADMIN": membership.admin, "INHERIT": membership.inherits, "SET": membership.sets}
    known = [f"{term} {value}" for term, value in terms.items() if value is not None and major >= 16]
    if major < 16 and membership.admin:
        known = ["ADMIN OPTION"]
    options = f" WITH {', '.join(known)}" if known else ""
    # Older servers note the grantor, and make nothing of it.
    by = f" GRANTED BY {name(membership.grantor)}" if membership.sets is not None and major >= 16 else ""
    return f"GRANT {name(membership.role)} TO {name(membership.member)}{options}{by}"


def set_setting(setting: Setting, database: str) -> str:
    """ALTER ROLE or ALTER DATABASE ... SET."""
    value = ", ".join(_values(setting)) or "''"
    # A setting of an extension is qualified: each part is a name.
    key = ".".join(name(part) for part in setting.name.split("."))
    where = f"DATABASE {name(database)}"
    if setting.role:
        where = f"ROLE {name(setting.role)}{f' IN {where}' if setting.in_database else ''}"
    elif not setting.in_database:
        where = "ROLE ALL"
    return f"ALTER {where} SET {key} TO {value}"


def _values(setting: Setting) -> Iterator[str]:
    if setting.name not in _NAME_LISTS:
        yield literal(setting.value)
        return
    for element in _ELEMENT.findall(setting.value):
        yield literal(element[1:-1].replace('""', '"') if element.startswith('"') else element)


def set_grants(grants: Iterable[Grant], database: str, owner: str) -> Iterator[str]:
    """Give a new database exactly these privileges."""
    yield f"REVOKE ALL ON DATABASE {name(database)} FROM PUBLIC, {name(owner)}"
    for grant in grants:
        to = name(grant.grantee) if grant.grantee else "PUBLIC"
        option = " WITH GRANT OPTION" if grant.grantable else ""
        yield f"GRANT {grant.privilege} ON DATABASE {name(database)} TO {to}{option}"


def create_database(origin: Origin, database: str, owner: str, major: int, *, fast: bool) -> Iterator[str]:
    """Ways to make an empty database, from the one that sorts like the target's to one that any server can do.

    `fast` copies files, which is for servers of our own: others would write all that they hold to disk.
    """
    locale = origin.locale
    strategy = " STRATEGY file_copy" if fast and major >= 15 else ""
    plain = f"CREATE DATABASE {name(database)} OWNER {name(owner)} TEMPLATE template0"
    if not locale:
        yield plain + strategy
        return
    encoding = f" ENCODING {literal(locale['encoding'])}"
    yield plain + strategy + encoding + _locale(origin)
    yield plain + strategy + encoding + ("" if locale["encoding"] == "UTF8" else " LC_COLLATE 'C' LC_CTYPE 'C'")


def _locale(origin: Origin) -> str:
    locale = origin.locale
    text = f" LC_COLLATE {literal(locale['datcollate'])} LC_CTYPE {literal(locale['datctype'])}"
    other = locale.get("datlocale") or locale.get("daticulocale")
    provider = {"i": "icu", "b": "builtin"}.get(str(locale.get("datlocprovider")))
    if provider and other:
        text += f" LOCALE_PROVIDER {provider} {provider.upper()}_LOCALE {literal(other)}"
    rules = locale.get("daticurules")
    return text + (f" ICU_RULES {literal(rules)}" if rules else "")
