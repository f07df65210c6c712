"""Telling a text that PostgreSQL writes in two ways from one that means something else.

PostgreSQL stores an expression parsed, and writes it out again with the casts and parentheses of that form. Read again,
that text may get another form: `a IN ('x', 'y')` on a varchar is written as
`a::text = ANY (ARRAY['x'::varchar, 'y'::varchar]::text[])`, and that as
`a::text = ANY (ARRAY['x'::varchar::text, 'y'::varchar::text])`, which stays as it is. So both texts are read on a
scratch object like the real one, and what PostgreSQL makes of them is compared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import psycopg

from surefoot.engine.snapshot import Change, Difference, FactChange

Connection = psycopg.Connection[tuple[Any, ...]]
REASON = "its text settles to the same expression"

_NAME = r"""(?:"(?:[^"]|"")*"|[^\s".(]+)"""
_QUALIFIED = rf"{_NAME}\.{_NAME}"
# A definition in three parts: the second is the name of the table, or of the object itself.
_INDEX = re.compile(rf"(CREATE (?:UNIQUE )?INDEX {_NAME} ON (?:ONLY )?)({_QUALIFIED})( USING .*)", re.DOTALL)
_RULE = re.compile(rf"(CREATE RULE {_NAME} AS\s+ON \w+ TO )({_QUALIFIED})(.*)", re.DOTALL)
_TRIGGER = re.compile(
    rf"""(CREATE (?:CONSTRAINT )?TRIGGER {_NAME} (?:[^"]|"(?:[^"]|"")*")*? ON )({_QUALIFIED})( .*)""", re.DOTALL
)
_STATISTICS = re.compile(rf"CREATE STATISTICS ({_QUALIFIED})( .* FROM )({_QUALIFIED})", re.DOTALL)
_ROUTINE = re.compile(rf"(CREATE OR REPLACE (?:FUNCTION|PROCEDURE) )({_QUALIFIED})(\(.*)", re.DOTALL)
_SETTINGS = """
    SELECT set_config('search_path', 'pg_catalog, pg_temp', true), set_config('check_function_bodies', 'off', true),
        set_config('lock_timeout', '5s', true), set_config('client_min_messages', 'error', true)
"""


def settle(connection: Connection, difference: Difference) -> str | None:
    """Why the object is the same although its text differs, or None where it is not, or where that cannot be told.

    Only texts of expressions are looked at; if anything else differs, so does the object. Works on temporary objects,
    in transactions that are rolled back, on an autocommit connection to the database in its later state.
    """
    if difference.change is not Change.CHANGED:
        return None
    same = all(_same(connection, difference.key.kind, difference.key.name, fact) for fact in difference.facts)
    return REASON if same else None


def _same(connection: Connection, kind: str, name: str, fact: FactChange) -> bool:
    recipe = _RECIPES.get((kind, fact.name))
    if recipe is None or fact.before is None or fact.after is None:
        return False
    before = _settled(connection, recipe, name, fact.before)
    return before is not None and before == _settled(connection, recipe, name, fact.after)


def _settled(connection: Connection, recipe: Recipe, name: str, text: str) -> str | None:
    """What PostgreSQL makes of a text on a scratch object; None where it does not take it."""
    connection.execute("BEGIN")
    try:
        connection.execute(_SETTINGS)
        return recipe(connection, name, text)
    except psycopg.Error:
        if connection.broken:
            raise
        return None
    finally:
        if not connection.broken:
            connection.rollback()


def _ask(connection: Connection, sql: str, *params: str) -> str | None:
    """The first value of the first row, if any."""
    row = connection.execute(sql.encode(), params or None).fetchone()
    return None if row is None or row[0] is None else str(row[0])


def _do(connection: Connection, sql: str) -> None:
    connection.execute(sql.encode())


def _parts(name: str) -> list[str]:
    return re.findall(_NAME, name)


def _scratch(connection: Connection, table: str) -> str:
    """Make a temporary table like this one, of its name: sub-queries in an expression call the table by name."""
    _, name = _parts(table)
    _do(connection, f"CREATE TEMPORARY TABLE {name} (LIKE {table})")
    return f"pg_temp.{name}"


def _scratch_domain(connection: Connection, domain: str) -> str | None:
    """Make a temporary domain over the same type; None where the name is no domain's."""
    base = "SELECT format_type(typbasetype, typtypmod) FROM pg_type WHERE oid = to_regtype(%s) AND typtype = 'd'"
    if (type_ := _ask(connection, base, domain)) is None:
        return None
    _, name = _parts(domain)
    _do(connection, f"CREATE DOMAIN pg_temp.{name} AS {type_}")
    return f"pg_temp.{name}"


def _constraint(connection: Connection, name: str, text: str) -> str | None:
    if not text.startswith(("CHECK ", "EXCLUDE ")):
        return None
    owner = ".".join(_parts(name)[:2])
    if domain := _scratch_domain(connection, owner):
        _do(connection, f"ALTER DOMAIN {domain} ADD CONSTRAINT scratch {text}")
    else:
        _do(connection, f"ALTER TABLE {_scratch(connection, owner)} ADD CONSTRAINT scratch {text}")
    found = "conname = 'scratch' AND connamespace = pg_my_temp_schema()"
    return _ask(connection, f"SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE {found}")


def _domain_default(connection: Connection, name: str, text: str) -> str | None:
    domain = _scratch_domain(connection, name)
    _do(connection, f"ALTER DOMAIN {domain} SET DEFAULT {text}")
    found = "typnamespace = pg_my_temp_schema() AND typtype = 'd'"
    return _ask(connection, f"SELECT pg_get_expr(typdefaultbin, 0) FROM pg_type WHERE {found}")


def _default(connection: Connection, name: str, text: str) -> str | None:
    schema, table, column = _parts(name)
    scratch = _scratch(connection, f"{schema}.{table}")
    _do(connection, f"ALTER TABLE {scratch} ALTER COLUMN {column} SET DEFAULT {text}")
    return _ask(connection, "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = %s::regclass", scratch)


def _generated(connection: Connection, name: str, text: str) -> str | None:
    schema, table, column = _parts(name)
    found = "attrelid = %s::regclass AND quote_ident(attname) = %s"
    type_ = _ask(
        connection,
        f"SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE {found}",
        f"{schema}.{table}",
        column,
    )
    kind = _ask(connection, f"SELECT attgenerated FROM pg_attribute WHERE {found}", f"{schema}.{table}", column)
    scratch = _scratch(connection, f"{schema}.{table}")
    again = f"{type_} GENERATED ALWAYS AS ({text}) {'STORED' if kind == 's' else 'VIRTUAL'}"
    _do(connection, f"ALTER TABLE {scratch} DROP COLUMN {column}, ADD COLUMN {column} {again}")
    return _ask(connection, "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = %s::regclass", scratch)


def _view(connection: Connection, _name: str, text: str) -> str | None:
    _do(connection, f"CREATE TEMPORARY VIEW scratch AS {text}")
    return _ask(connection, "SELECT pg_get_viewdef('pg_temp.scratch'::regclass)")


def _policy(clause: str, column: str) -> Recipe:
    def settled(connection: Connection, name: str, text: str) -> str | None:
        scratch = _scratch(connection, ".".join(_parts(name)[:2]))
        _do(connection, f"CREATE POLICY scratch ON {scratch} {clause} ({text})")
        of_scratch = "FROM pg_policy WHERE polrelid = %s::regclass"
        return _ask(connection, f"SELECT pg_get_expr({column}, polrelid) {of_scratch}", scratch)

    return settled


def _on_table(pattern: re.Pattern[str], question: str) -> Recipe:
    """For a definition that names a table: the same one on the scratch table. The rest has to stay as it is."""

    def settled(connection: Connection, _name: str, text: str) -> str | None:
        if not (found := pattern.fullmatch(text)):
            return None
        scratch = _scratch(connection, found[2])
        _do(connection, f"{found[1]}{scratch}{found[3]}")
        return f"{found[1]}{found[2]}: {_ask(connection, question, scratch)}"

    return settled


def _statistics(connection: Connection, _name: str, text: str) -> str | None:
    if not (found := _STATISTICS.fullmatch(text)):
        return None
    scratch = _scratch(connection, found[3])
    _do(connection, f"CREATE STATISTICS pg_temp.scratch{found[2]}{scratch}")
    question = "SELECT pg_get_statisticsobjdef(oid) FROM pg_statistic_ext WHERE stxrelid = %s::regclass"
    return f"{found[1]} {found[3]}: {_ask(connection, question, scratch)}"


def _routine(connection: Connection, _name: str, text: str) -> str | None:
    if not (found := _ROUTINE.fullmatch(text)):
        return None
    _do(connection, f"{found[1]}pg_temp.scratch{found[3]}")
    question = "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = pg_my_temp_schema()"
    return f"{found[1]}{found[2]}: {_ask(connection, question)}"


Recipe = Callable[[Connection, str, str], str | None]
# The facts that are texts of expressions, by kind, and how each settles.
_RECIPES: Mapping[tuple[str, str], Recipe] = {
    ("constraint", "definition"): _constraint,
    ("domain", "default"): _domain_default,
    ("column", "default"): _default,
    ("column", "expression"): _generated,
    ("index", "definition"): _on_table(
        _INDEX, "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass"
    ),
    ("rule", "definition"): _on_table(
        _RULE, "SELECT pg_get_ruledef(oid) FROM pg_rewrite WHERE ev_class = %s::regclass"
    ),
    ("trigger", "definition"): _on_table(
        _TRIGGER, "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = %s::regclass"
    ),
    ("view", "definition"): _view,
    ("materialized view", "definition"): _view,
    ("policy", "using"): _policy("USING", "polqual"),
    ("policy", "check"): _policy("WITH CHECK", "polwithcheck"),
    ("statistics", "definition"): _statistics,
    ("function", "definition"): _routine,
    ("procedure", "definition"): _routine,
}
