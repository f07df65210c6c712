"""What folders of public projects taught: each of these once went wrong, or said too little."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from surefoot.engine.dialects.postgres.dump import address
from surefoot.errors import StatementFailed, TransactionRefused
from tests.engine.crash.bed import Bed

MARKED = "-- +goose Up\n-- +goose StatementBegin\n{}\n-- +goose StatementEnd\n"


@pytest.fixture
def bed(postgres18_url: str, tmp_path: Path) -> Bed:
    return Bed(postgres18_url, tmp_path / "m")


def test_a_commit_inside_a_marked_statement_is_refused_before_anything_runs(bed: Bed) -> None:
    bed.write({"1_a": MARKED.format("CREATE TABLE a (x int);\nCOMMIT;\nCREATE TABLE b (x int);")})
    with pytest.raises(TransactionRefused) as caught:
        bed.up()
    assert caught.value.details["line"] == 4
    assert bed.ask("SELECT to_regclass('a')") == [(None,)]


def test_an_error_inside_a_marked_statement_has_the_line_of_its_own_statement(bed: Bed) -> None:
    bed.write({"1_a": MARKED.format("CREATE TABLE a (x int);\n\nDROP TABLE nowhere;")})
    with pytest.raises(StatementFailed) as caught:
        bed.up()
    assert caught.value.details["line"] == 5


def test_a_marked_enum_value_that_is_used_further_on_is_committed_first(bed: Bed) -> None:
    added = "ALTER TYPE mood ADD VALUE 'glad';\nCREATE TABLE t (m mood DEFAULT 'glad');"
    bed.write({"1_a": "-- +goose Up\nCREATE TYPE mood AS ENUM ('sad');\n", "2_b": MARKED.format(added)})
    bed.up()
    assert bed.ask("SELECT to_regclass('t') IS NOT NULL") == [(True,)]


def test_outside_of_a_transaction_a_marked_statement_goes_to_the_server_at_once(bed: Bed) -> None:
    bed.write({"1_a": "-- +goose NO TRANSACTION\n" + MARKED.format("CREATE TABLE a (x int);\nSELECT 1 / 0;")})
    with pytest.raises(StatementFailed):
        bed.up()
    assert bed.ask("SELECT to_regclass('a')") == [(None,)]


@pytest.mark.parametrize("table", ["schema_migrations", "__diesel_schema_migrations"])
def test_a_statement_on_another_tools_history_table_is_told_so(bed: Bed, table: str) -> None:
    bed.write({"1_a.up": f"GRANT SELECT ON {table} TO public;"})
    with pytest.raises(StatementFailed) as caught:
        bed.up()
    assert caught.value.hint.startswith(f"{table} is the history table of the tool")


def test_pg_dump_is_not_told_what_an_older_one_would_refuse(postgres18_url: str) -> None:
    with psycopg.connect(postgres18_url) as connection:
        assert "sslcertmode=allow" in connection.info.dsn
        assert "sslcertmode" not in address(connection)
