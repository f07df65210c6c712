"""What cannot be rehearsed as it was asked for is said before anything is made, with the way out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import psycopg
import pymysql
import pytest
from pymysql.constants import CLIENT

from surefoot.engine.dialects.mysql.connect import read_url
from surefoot.engine.dialects.shadow import Place
from surefoot.engine.rehearsal.model import Phase
from surefoot.engine.rehearsal.rehearse import RehearsalOptions, rehearse
from surefoot.errors import ShadowFailed, SurefootError, ToolFailed, Unreachable, UsageError
from tests.engine.rehearsal.beds import Bed, Pairs, verdicts

USERS: Pairs = {"users": ("CREATE TABLE users (id integer PRIMARY KEY);", "DROP TABLE users;")}
CLOSED = "127.0.0.1:1"


@pytest.mark.parametrize(
    ("dialect", "place", "error", "text", "hint"),
    [
        ("postgres", {"beside": True}, UsageError, "no target beside which", "shadow_url"),
        ("postgres", {"shadow_url": f"mysql://u@{CLOSED}/x"}, UsageError, "shadow_url is a database of mysql", "kind"),
        ("mysql", {"shadow_url": f"postgresql://{CLOSED}/x"}, UsageError, "a database of postgres", "same kind"),
        ("sqlite", {"target_url": f"postgresql://{CLOSED}/x"}, UsageError, "the target is a database of", "dialect"),
        ("postgres", {"shadow_url": f"postgresql://u@{CLOSED}/x"}, Unreachable, "does not answer", "shadow_url"),
        ("mysql", {"shadow_url": f"mysql://u@{CLOSED}/x"}, Unreachable, "does not answer", "shadow databases"),
        ("mysql", {}, ShadowFailed, "nowhere to make a shadow", "shadow_url"),
        ("sqlite", {"target_url": "sqlite:////nowhere/x.db", "copy_schema": True}, Unreachable, "no directory", "path"),
    ],
)
def test_a_place_where_no_shadow_can_be(
    dialect: str, place: dict[str, Any], error: type[SurefootError], text: str, hint: str, sqlite_bed: Bed
) -> None:
    with pytest.raises(error, match=text) as caught:
        rehearse(sqlite_bed.folder(USERS), RehearsalOptions(dialect, Place(**place)))
    assert hint in caught.value.hint


def test_programs_that_are_not_there(sqlite_bed: Bed) -> None:
    place = Place(postgres_bin=sqlite_bed.path)
    with pytest.raises(ToolFailed, match="does not hold initdb"):
        rehearse(sqlite_bed.folder(USERS), RehearsalOptions("postgres", place))


@pytest.mark.parametrize("seed", [f"postgresql://{CLOSED}/x", f"mysql://u@{CLOSED}/x", "oracle://x"])
def test_rows_of_another_kind_of_database(seed: str, sqlite_bed: Bed) -> None:
    with pytest.raises(UsageError):
        sqlite_bed.rehearse(USERS, seed=seed)


def test_rows_that_do_not_fit(bed: Bed) -> None:
    seed = bed.path / "seed.sql"
    seed.write_text("INSERT INTO nix VALUES (1);")
    with pytest.raises(SurefootError, match="nix") as caught:
        bed.rehearse(USERS, seed=str(seed))
    assert "seed.sql:1" in caught.value.message
    assert caught.value.hint


def test_a_role_that_may_not_make_databases(postgres18_url: str, sqlite_bed: Bed) -> None:
    role = f"weak_{psycopg.conninfo.conninfo_to_dict(postgres18_url)['dbname']}"
    with psycopg.connect(postgres18_url, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {role} LOGIN".encode())
        url = postgres18_url.replace("//postgres@", f"//{role}@")
        try:
            with pytest.raises(ShadowFailed, match="may not create databases") as caught:
                rehearse(sqlite_bed.folder(USERS), RehearsalOptions("postgres", Place(shadow_url=url)))
        finally:
            admin.execute(f"DROP ROLE {role}".encode())
    assert f'ALTER ROLE "{role}" CREATEDB' in caught.value.hint


def test_a_user_of_mariadb_who_may_not_make_databases(mariadb_url: str, mariadb_bed: Bed) -> None:
    address = read_url(mariadb_url)
    user = f"weak_{address.database[-8:]}"
    with pymysql.connect(
        host="127.0.0.1",
        port=int(mariadb_url.rpartition(":")[2].partition("/")[0]),
        user="surefoot",
        password="surefoot",
        client_flag=CLIENT.MULTI_STATEMENTS,
    ) as admin:
        admin.cursor().execute(f"CREATE USER {user}@'127.0.0.1' IDENTIFIED BY 'pass'")
        admin.cursor().execute(f"GRANT ALL ON {address.database}.* TO {user}@'127.0.0.1'")
        url = mariadb_url.replace("surefoot:surefoot", f"{user}:pass")
        try:
            with pytest.raises(ShadowFailed, match="No shadow database can be made") as caught:
                mariadb_bed.rehearse(USERS, place=replace(mariadb_bed.place, shadow_url=None, target_url=url))
        finally:
            admin.cursor().execute(f"DROP USER {user}@'127.0.0.1'")
    assert "GRANT ALL PRIVILEGES ON" in caught.value.hint
    assert "pass'" not in caught.value.message


@pytest.mark.parametrize(
    ("broken", "failures"),
    [("CREATE TABLE x ('", "auto"), ("SELECT 1;\n\\copy x from y", "auto"), ("BEGIN;\nSELECT 1;", "all")],
)
def test_a_file_that_cannot_be_cut_into_statements_fails_by_itself(broken: str, failures: str, bed: Bed) -> None:
    if bed.dialect == "sqlite" and broken.startswith("SELECT"):
        broken = ".read x"
    pairs = {
        **USERS,
        "bad": ("CREATE TABLE y (id integer);", broken),
        "worse": (broken, None),
        "last": ("SELECT 1;", None),
    }
    report = bed.rehearse(pairs, failures=failures)
    assert verdicts(report) == {"users": "proven", "bad": "failing", "worse": "failing"}
    failures_found = [one.failure for one in report.migrations if one.failure]
    assert [(failure.phase, failure.path) for failure in failures_found] == [
        (Phase.DOWN, "002_bad.down.sql"),
        (Phase.UP, "003_worse.up.sql"),
    ]
    assert [finding.version for finding in report.unreached] == ["004"]
