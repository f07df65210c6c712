"""Every change of a schema is seen, and nothing is seen when it was taken back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from surefoot.engine.dialects.postgres.snapshot import read
from surefoot.engine.dialects.postgres.snapshot.catalog import Memory
from surefoot.engine.dialects.postgres.snapshot.queries import queries
from surefoot.engine.snapshot import Snapshot, compare, without

Connection = psycopg.Connection[tuple[Any, ...]]
HERE = Path(__file__).parent
MUTATION = re.compile(r"^(?:(?P<since>\d+): |(?P<loose>loose): )?(?P<change>\w.*)\n    (?P<back>.*)$", re.MULTILINE)
STATEMENT = re.compile(r"(?:[^';]|'[^']*')+")
ROLES = ("mutant_a", "mutant_b", "mutant_c", "mutant_super")


@dataclass(frozen=True, slots=True)
class Mutation:
    change: str
    back: str
    since: int
    loose: bool


def mutations() -> Iterator[Mutation]:
    for found in MUTATION.finditer((HERE / "mutations.sql").read_text()):
        yield Mutation(found["change"], found["back"], int(found["since"] or 0), bool(found["loose"]))


@pytest.fixture
def rich(postgres_url: str) -> Iterator[Connection]:
    """A database with something of every kind."""
    # What is asked again is not planned again.
    with psycopg.connect(postgres_url, autocommit=True, prepare_threshold=1) as connection:
        connection.execute("SET allow_in_place_tablespaces = on")
        connection.execute("CREATE TABLESPACE mutant_space LOCATION ''")
        connection.execute("CREATE ROLE mutant_a; CREATE ROLE mutant_b; CREATE ROLE mutant_super SUPERUSER")
        connection.execute((HERE / "rich.sql").read_bytes())
        yield connection
        connection.execute("DROP SUBSCRIPTION feed")
        connection.execute("DROP OWNED BY mutant_a, mutant_b CASCADE")
        for role in ROLES:
            connection.execute(f"DROP ROLE IF EXISTS {role}".encode())
        connection.execute("DROP TABLESPACE mutant_space")


def look(connection: Connection, memory: Memory | None = None) -> Snapshot:
    """Without the roles of other tests, which come and go on the same server."""
    found = read(connection, "surefoot", memory=memory)
    return without(found, lambda key: "role" in key.kind and key.name not in ROLES)


@pytest.mark.slow
def test_every_change_is_seen_and_gone_when_it_is_taken_back(rich: Connection) -> None:
    version = rich.info.server_version // 10000
    before, memory = look(rich), Memory()
    assert "hunter2" not in repr(before)
    complaints: list[str] = []
    for mutation in mutations():
        if mutation.since <= version:
            complaints += try_out(rich, before, mutation, memory)
    assert complaints == []


def try_out(connection: Connection, before: Snapshot, mutation: Mutation, memory: Memory) -> Iterator[str]:
    run(connection, mutation.change)
    changed = look(connection, memory)
    if not compare(before, changed).differences:
        yield f"not seen: {mutation.change}"
    if (changed.fingerprint == before.fingerprint) != mutation.loose:
        yield f"fingerprint: {mutation.change}"
    run(connection, mutation.back)
    after = look(connection, memory)
    if after.fingerprint != before.fingerprint or compare(before, after).differences:
        yield f"not gone: {mutation.change}: {compare(before, after).differences}"


def run(connection: Connection, statements: str) -> None:
    for statement in STATEMENT.findall(statements):
        connection.execute(statement.encode())


def test_the_guard_names_each_rare_query_that_gives_rows_and_no_other(rich: Connection) -> None:
    asked = queries(rich.info.server_version // 10000, superuser=True)
    all_queries = {**asked.objects, **asked.access}
    assert len(asked.rare) >= 35
    found = {name for name in asked.rare if rich.execute(all_queries[name].encode()).fetchall()}
    assert len(found) >= 30
    assert rich.execute(asked.guard.encode()).fetchall() == [([name for name in all_queries if name in found],)]


def test_there_are_as_many_mutations_as_promised() -> None:
    assert len(list(mutations())) >= 250
