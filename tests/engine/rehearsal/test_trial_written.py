"""Rows that are lost in a way which no statement of the migration names: only tables that were touched are read again.

Each way takes rows of the table `victim` away, or changes them: once in an up whose down does nothing about it, and
once in a down whose up has nothing to do with it.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from surefoot.engine.rehearsal.model import Rehearsed
from tests.engine.rehearsal.beds import Bed
from tests.engine.rehearsal.cases import migration
from tests.engine.rehearsal.conftest import MakeBed

pytestmark = pytest.mark.slow

WAYS = Path(__file__).parent / "ways"
Ways = dict[str, tuple[str, str]]


def read_ways(*files: str) -> Ways:
    """What is there before, and what takes rows away, by the name of the way."""
    ways: Ways = {}
    for file in files:
        for part in (WAYS / f"{file}.sql").read_text(encoding="utf-8").split("-- way: ")[1:]:
            name, rest = part.split("\n", 1)
            before, takes = rest.split("-- takes\n")
            ways[name] = before, takes
    return ways


def expect_losses(bed: Bed, ways: Ways) -> None:
    """Each way loses rows, in an up and in a down, and the rehearsal says so."""
    for name, (before, takes) in ways.items():
        with bed.trial() as (_, trial):
            trial.rehearse(migration("1", before, None))
            by_up = trial.rehearse(migration("2", takes, "SELECT 1;"))
            harmless, back = "CREATE TABLE harmless (id integer PRIMARY KEY);", "DROP TABLE harmless;"
            by_down = trial.rehearse(migration("3", harmless, f"{takes}\n{back}"))
            assert {name: (told(by_up), told(by_down))} == {name: ("lossy: victim",) * 2}


def told(rehearsed: Rehearsed) -> str:
    """The verdict, and whether rows of the right table are lost."""
    if rehearsed.failure:
        return rehearsed.failure.message
    names = {loss.table.rpartition(".")[2].partition("_")[0] for loss in rehearsed.losses}
    return f"{rehearsed.verdict}: {'victim' if 'victim' in names else names}"


def in_schemas(ways: Ways) -> Ways:
    """The same, each in a schema of its own."""
    found = {}
    for number, (name, (before, takes)) in enumerate(ways.items(), 1):
        schema, path = f"w{number}", f"SET LOCAL search_path = w{number};\n"
        found[name] = f"CREATE SCHEMA {schema};\n{path}{before}", path + re.sub(r"\bpublic\b", schema, takes)
    return found


@pytest.mark.parametrize("kind", [pytest.param("pg16", marks=pytest.mark.slow), "pg18"])
def test_on_postgres(kind: str, make_bed: MakeBed) -> None:
    ways = in_schemas(read_ways("anywhere", "keys", "postgres"))
    found = {}
    with make_bed(kind).trial() as (_, trial):
        trial.rehearse(migration("base", "".join(before for before, _ in ways.values()), "SELECT 1;"))
        for name, (_, takes) in ways.items():
            by_up = trial.rehearse(migration(f"up {name}", takes, "SELECT 1;"))
            by_down = trial.rehearse(migration(f"down {name}", "SELECT 1;", takes))
            found[name] = told(by_up), told(by_down)
    assert found == dict.fromkeys(ways, ("lossy: victim",) * 2)


def test_on_mariadb(mariadb_bed: Bed) -> None:
    expect_losses(mariadb_bed, read_ways("anywhere", "keys", "mariadb"))


def test_on_sqlite(sqlite_bed: Bed) -> None:
    expect_losses(sqlite_bed, read_ways("anywhere", "sqlite"))
