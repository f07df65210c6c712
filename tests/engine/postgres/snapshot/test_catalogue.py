"""Every catalogue of PostgreSQL, and every column, is compared or left out for a reason."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from pglast import parse_sql

from surefoot.engine.dialects.postgres.snapshot.queries import queries

OMISSIONS = tomllib.loads((Path(__file__).parent / "omissions.toml").read_text())
# Ordinary users may not read these, but the views.
READ_THROUGH = {"pg_authid": "pg_roles", "pg_user_mapping": "pg_user_mappings"}
COLUMNS = """
    SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
"""


def test_every_catalogue_is_compared_or_left_out_for_a_reason(postgres_url: str) -> None:
    unread = set(unread_columns(postgres_url))
    assert unread - set(left_out(unread)) - set(OMISSIONS["older"]) == set()


def test_nothing_is_left_out_that_is_read_or_not_there(postgres18_url: str) -> None:
    unread = set(unread_columns(postgres18_url))
    assert set(left_out(unread)) - unread == set()


def test_every_omission_has_a_reason() -> None:
    assert all(reason.strip() for reason in [*OMISSIONS["tables"].values(), *OMISSIONS["columns"].values()])


def test_the_functions_that_read_columns_for_us_are_asked() -> None:
    texts = " ".join(all_queries(18))
    assert [function for function in OMISSIONS["definitions"] if function not in texts] == []


@pytest.mark.parametrize("version", range(13, 19))
def test_the_queries_for_every_version_can_be_read(version: int) -> None:
    for text in all_queries(version):
        assert len(parse_sql(text)) == 1


def test_only_superusers_are_told_where_subscriptions_connect_to() -> None:
    assert "connections" in queries(18, superuser=True).access
    assert "connections" not in queries(18, superuser=False).access


def unread_columns(url: str) -> Iterator[str]:
    """`table.column` where no query names both."""
    with psycopg.connect(url) as connection:
        words = [set(re.findall(r"\w+", text)) for text in all_queries(connection.info.server_version // 10000)]
        for table, column in connection.execute(COLUMNS):
            if not any({READ_THROUGH.get(table, table), column} <= query for query in words):
                yield f"{table}.{column}"


def all_queries(version: int) -> list[str]:
    found = queries(version, superuser=True)
    return [*found.objects.values(), *found.access.values()]


def left_out(unread: set[str]) -> Iterator[str]:
    yield from OMISSIONS["columns"]
    yield from (column for column in unread if column.partition(".")[0] in OMISSIONS["tables"])
    for text in OMISSIONS["definitions"].values():
        table, _, columns = text.partition(":")
        yield from (f"{table.strip()}.{column}" for column in columns.split())
