"""The history is read the same whatever the database's encoding is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.databases import Databases
from tests.engine.crash.bed import Bed

BASE = {"1_base.up": "CREATE TABLE t (n int);", "1_base.down": "DROP TABLE t;"}


@pytest.fixture
def without_encoding(databases: Databases, postgres18_url: str) -> Iterator[str]:
    """The URL of a database with the encoding SQL_ASCII, as a server has them that was set up under LANG=C."""
    name = psycopg.conninfo.conninfo_to_dict(postgres18_url)["dbname"]
    with psycopg.connect(postgres18_url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}_c ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0".encode())
        try:
            yield databases.postgres_server("pg18").url(f"{name}_c")
        finally:
            admin.execute(f"DROP DATABASE {name}_c WITH (FORCE)".encode())


def test_the_history_of_a_database_without_an_encoding_is_recognised(without_encoding: str, tmp_path: Path) -> None:
    bed = Bed(without_encoding, tmp_path / "m").write(
        {**BASE, "2_größe.up": "SELECT 'größe';", "2_größe.down": "SELECT 2"}
    )
    assert bed.up() == ("1", "2")
    assert bed.up() == ()
    assert bed.applied() == ["1", "2"]
    assert bed.down() == ("2",)
