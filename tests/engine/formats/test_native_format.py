"""The native format: golang-migrate's files."""

from __future__ import annotations

import pytest

from surefoot.engine.model import Fragment, Migration, Note, Script
from surefoot.errors import DuplicateVersion, MalformedFile
from tests.engine.formats.conftest import Read


def test_a_pair_becomes_a_migration(read: Read) -> None:
    folder = read({"1_users.up.sql": "CREATE TABLE users ();\n", "1_users.down.sql": "DROP TABLE users;\n"})
    assert folder.format == "native"
    assert folder.migrations == (
        Migration(
            "1",
            "users",
            (Script("1_users.up.sql", (Fragment("CREATE TABLE users ();\n"),)),),
            (Script("1_users.down.sql", (Fragment("DROP TABLE users;\n"),)),),
        ),
    )
    assert folder.notes == ()


def test_order_is_that_of_the_numbers(read: Read) -> None:
    folder = read({f"{v}_x.up.sql": "SELECT 1;" for v in ("10", "9", "0002", "20240101000000")})
    assert [m.version for m in folder.migrations] == ["0002", "9", "10", "20240101000000"]


def test_pairs_go_by_version_even_when_titles_and_widths_differ(read: Read) -> None:
    (migration,) = read({"007_add_a.up.sql": "A", "7_remove_a.down.sql": "B"}).migrations
    assert (migration.version, migration.name) == ("007", "add_a")
    assert migration.down is not None
    assert migration.down[0].path == "7_remove_a.down.sql"


def test_without_a_down_file_there_is_no_way_back(read: Read) -> None:
    (migration,) = read({"1_x.up.sql": "A"}).migrations
    assert migration.down is None


@pytest.mark.parametrize("text", ["", "\n\n", "-- nothing to do\n"])
def test_an_empty_down_file_stays_a_script(read: Read, text: str) -> None:
    (migration,) = read({"1_x.up.sql": "A", "1_x.down.sql": text}).migrations
    assert migration.down is not None
    assert migration.down[0].text.strip() == text.strip()


def test_a_down_without_an_up_is_refused(read: Read) -> None:
    with pytest.raises(MalformedFile, match=r"2_y\.down\.sql") as caught:
        read({"1_x.up.sql": "A", "2_y.down.sql": "B"})
    assert caught.value.details == {"file": "2_y.down.sql", "line": 1}
    assert caught.value.hint


@pytest.mark.parametrize("other", ["1_y.up.sql", "01_x.up.sql"])
def test_two_ups_of_one_version_are_refused(read: Read, other: str) -> None:
    with pytest.raises(DuplicateVersion) as caught:
        read({"1_x.up.sql": "A", other: "B"})
    assert set(caught.value.details["files"]) == {"1_x.up.sql", other}  # type: ignore[call-overload]  # a list in JSON
    assert ('identity = "name"' in caught.value.hint) == (other == "1_y.up.sql")


def test_identity_by_name_lets_versions_be_used_again(read: Read) -> None:
    files = {f"{v}_{n}.{d}.sql": n + d for v, n in (("1", "a"), ("1", "b"), ("2", "a")) for d in ("up", "down")}
    folder = read(files, identity="name")
    assert [m.version for m in folder.migrations] == ["1_a", "1_b", "2_a"]
    assert [m.down[0].text for m in folder.migrations if m.down] == ["adown", "bdown", "adown"]


def test_identity_by_name_still_refuses_one_name_twice(read: Read) -> None:
    with pytest.raises(DuplicateVersion):
        read({"1_x.up.sql": "A", "01_x.up.sql": "B"}, identity="name")


@pytest.mark.parametrize(
    "head",
    [
        "-- surefoot: no-transaction\n",
        "\n-- about this\n  --surefoot:no-transaction  \n\n",
        "-- about this\n-- surefoot: no-transaction",
    ],
)
def test_the_directive_switches_the_transaction_off(read: Read, head: str) -> None:
    (migration,) = read({"1_x.up.sql": f"{head}\nVACUUM;\n", "1_x.down.sql": "SELECT 1;"}).migrations
    assert migration.down is not None
    assert (migration.up[0].transaction, migration.down[0].transaction) == (False, True)
    assert migration.up[0].text.startswith(head)


def test_a_directive_below_a_statement_is_passed_over_with_a_note(read: Read) -> None:
    folder = read({"1_x.up.sql": "SELECT 1;\n\n-- surefoot: no-transaction\n"})
    assert folder.migrations[0].up[0].transaction
    assert folder.notes == (Note("1_x.up.sql", 3, "passed over: a directive stands above the first statement"),)


def test_an_unknown_directive_is_refused(read: Read) -> None:
    with pytest.raises(MalformedFile, match="no-transactions") as caught:
        read({"1_x.up.sql": "-- a\n-- surefoot: no-transactions\nSELECT 1;"})
    assert caught.value.details["line"] == 2
