"""`dump`, `wait` and `doctor`."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator

import psycopg
import pytest

from surefoot.engine.dialects.postgres.embedded import EmbeddedPostgres
from surefoot.engine.open import connect
from surefoot.errors import Unreachable
from tests.cli.shell import Shell
from tests.databases import SETTINGS, Databases, postgres_bin

CLOSED = "postgresql://nobody@127.0.0.1:1/shop"


def test_a_dump_is_the_schema_and_nothing_of_ours(any_shop: Shell) -> None:
    any_shop.ok("up")
    said = any_shop.ok("dump")
    assert re.search(r"CREATE TABLE .*orders", said.out)
    assert "surefoot_history" not in said.out
    document = any_shop.ok("dump", "--json").json
    assert document == {"kind": "dump", "schema": said.out}


def test_two_dumps_are_the_same_whatever_happened_in_between(any_shop: Shell) -> None:
    any_shop.ok("up")
    assert any_shop.ok("dump", "--output", "one.sql").out == "schema written to one.sql\n"
    any_shop.ok("down", "--to", "0", "--yes")
    any_shop.ok("up")
    assert any_shop.ok("dump", "--output", "db/two.sql", "--json").json == {"kind": "dump", "file": "db/two.sql"}
    assert (any_shop.cwd / "one.sql").read_bytes() == (any_shop.cwd / "db/two.sql").read_bytes()


def test_a_dump_keeps_mode_and_link_of_the_file_that_it_replaces(shop: Shell) -> None:
    real = shop.cwd / "real.sql"
    real.write_text("old")
    real.chmod(0o600)
    (shop.cwd / "schema.sql").symlink_to(real)
    shop.ok("dump", "--output", "schema.sql")
    assert "PostgreSQL database dump" in real.read_text()
    assert real.stat().st_mode & 0o777 == 0o600
    assert (shop.cwd / "schema.sql").is_symlink()
    assert sorted(path.name for path in shop.cwd.iterdir()) == ["migrations", "real.sql", "schema.sql"]


@pytest.mark.parametrize("output", ["migrations", "file/below.sql"])
def test_a_dump_that_cannot_be_written_leaves_nothing_behind(output: str, shop: Shell) -> None:
    (shop.cwd / "file").write_text("")
    said = shop("dump", "--output", output, "--json")
    assert (said.code, said.error["code"]) == (2, "usage")
    assert sorted(path.name for path in shop.cwd.iterdir()) == ["file", "migrations"]


def test_a_dump_without_the_tool_says_what_to_install(shop: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.fspath(shop.cwd))
    monkeypatch.setattr("surefoot.engine.dialects.postgres.dump.WHEELS", ())
    said = shop("dump", "--json")
    assert (said.code, said.error["code"]) == (1, "tool-failed")
    assert "Install" in said.error["hint"]
    found = {check["name"]: check for check in shop.ok("doctor", "--json").json["checks"]}
    assert found["dump"]["status"] == "info"
    assert "Install" in found["dump"]["hint"]


def test_wait_returns_once_the_database_answers(any_shop: Shell) -> None:
    assert " answers: " in any_shop.ok("wait").out
    document = any_shop.ok("wait", "--json").json
    assert list(document) == ["kind", "target", "server"]


def test_wait_gives_up_after_its_time_and_says_what_was_in_the_way(bare: Shell) -> None:
    said = bare("wait", "--url", CLOSED, "--timeout", "600ms")
    assert (said.code, said.out) == (6, "")
    # Said once, however often it was tried.
    assert len(re.findall("^waiting: ", said.err, re.MULTILINE)) == 1
    assert "error[unreachable] postgresql://127.0.0.1:1/shop does not answer" in said.err
    said = bare("wait", "--url", CLOSED, "--timeout", "10ms", "--json")
    assert (said.code, said.error["code"]) == (6, "unreachable")


@pytest.fixture
def later_url(databases: Databases) -> Iterator[str]:
    """A server that nobody reaches yet, and that is being started."""
    server = EmbeddedPostgres(databases.root / f"later-{os.getpid()}", postgres_bin("pg18"), SETTINGS)
    server.start()
    url = server.url()
    server.stop()
    starter = threading.Timer(0.5, server.start)
    starter.start()
    try:
        yield url
    finally:
        starter.join()
        server.stop()


def test_wait_waits_for_a_server_that_starts_later(bare: Shell, later_url: str) -> None:
    said = bare.ok("wait", "--url", later_url, "--timeout", "60s")
    assert said.out.startswith("postgresql:///postgres answers: PostgreSQL 18")
    assert said.err.startswith("waiting: ")


def test_an_application_waits_for_a_server_that_starts_later_if_it_wants_to(later_url: str) -> None:
    with pytest.raises(Unreachable), connect(later_url):
        raise AssertionError("nobody answers yet")
    with connect(later_url, wait=60) as target:
        assert target.server.startswith("PostgreSQL 18")


@pytest.mark.parametrize("time", ["soon", "-1s"])
def test_wait_refuses_what_is_no_time(time: str, bare: Shell) -> None:
    said = bare("wait", "--url", CLOSED, f"--timeout={time}", "--json")
    assert (said.code, said.error["code"]) == (2, "config")


def test_doctor_finds_a_sound_database_sound(any_shop: Shell) -> None:
    said = any_shop.ok("doctor")
    assert "✗" not in said.out
    document = any_shop.ok("doctor", "--json").json
    assert [list(check) for check in document["checks"]] == [["name", "status", "finding", "hint"]] * len(
        document["checks"]
    )
    assert {check["status"] for check in document["checks"]} <= {"ok", "info", "warning"}


def test_doctor_checks_connection_version_permissions_pooler_and_clock(shop: Shell) -> None:
    names = [check["name"] for check in shop.ok("doctor", "--json").json["checks"]]
    assert names == ["connection", "version", "permissions", "pooler", "clock", "dump"]


def test_doctor_finds_a_pooler_that_no_lock_can_hold_behind(bare: Shell, pgbouncer_url: str) -> None:
    bare.environ["DATABASE_URL"] = pgbouncer_url
    said = bare("doctor")
    assert said.code == 1
    assert re.search(r"^✗ pooler       a proxy lends server sessions by the transaction$", said.out, re.MULTILINE)
    assert "pool_mode = session" in said.out
    bare.write({"001_x.up.sql": "SELECT 1;"})
    said = bare("up", "--json")
    assert (said.code, said.error["code"]) == (6, "pooler")


def test_doctor_accepts_a_pooler_that_keeps_sessions(bare: Shell, pgbouncer_session_url: str) -> None:
    bare.environ["DATABASE_URL"] = pgbouncer_session_url
    assert "it keeps sessions" in bare.ok("doctor").out


def test_doctor_names_an_invalid_index(shop: Shell) -> None:
    shop.ok("up")
    with psycopg.connect(shop.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("INSERT INTO orders VALUES (1, 1), (2, 1)")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("CREATE UNIQUE INDEX CONCURRENTLY one_order ON orders (user_id)")
    said = shop.ok("doctor")
    assert "! indexes      invalid: one_order" in said.out
