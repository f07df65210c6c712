"""Diesel's format."""

from __future__ import annotations

import pytest

from surefoot.engine.model import Fragment, Migration, Script
from surefoot.errors import DuplicateVersion, MalformedFile
from tests.engine.formats.conftest import Read


def test_a_directory_becomes_a_migration(read: Read) -> None:
    folder = read({"2017-09-23-000000_users/up.sql": "A;", "2017-09-23-000000_users/down.sql": "B;"})
    assert folder.format == "diesel"
    assert folder.migrations == (
        Migration(
            "20170923000000",
            "users",
            (Script("2017-09-23-000000_users/up.sql", (Fragment("A;"),)),),
            (Script("2017-09-23-000000_users/down.sql", (Fragment("B;"),)),),
        ),
    )


def test_dashes_do_not_count_in_the_order(read: Read) -> None:
    folder = read({f"{v}_x/up.sql": "A;" for v in ("2017-09-23-0000", "20170308000000", "00000000000000")})
    assert [m.version for m in folder.migrations] == ["00000000000000", "20170308000000", "201709230000"]


def test_directories_that_differ_in_dashes_only_are_duplicates(read: Read) -> None:
    with pytest.raises(DuplicateVersion):
        read({"2017-01-01_a/up.sql": "A;", "20170101_b/up.sql": "B;"})


def test_a_missing_down_is_none_and_a_missing_up_is_refused(read: Read) -> None:
    assert read({"1_a/up.sql": "A;"}).migrations[0].down is None
    with pytest.raises(MalformedFile, match=r"2_b/down\.sql"):
        read({"2_b/down.sql": "B;"})


@pytest.mark.parametrize(
    ("metadata", "transaction"),
    [("run_in_transaction = false\n", False), ("run_in_transaction = true\n", True), ("other = 1\n", False)],
)
def test_metadata_decides_on_the_transaction(read: Read, metadata: str, transaction: bool) -> None:
    folder = read({"1_a/up.sql": "A;", "1_a/down.sql": "B;", "1_a/metadata.toml": metadata})
    (migration,) = folder.migrations
    assert migration.down is not None
    assert {migration.up[0].transaction, migration.down[0].transaction} == {transaction}
    assert [note.path for note in folder.notes] == ["1_a/metadata.toml"] * ("other" in metadata)


@pytest.mark.parametrize("metadata", ["run_in_transaction = ", "run_in_transaction = 'no'"])
def test_metadata_that_cannot_be_understood_is_refused(read: Read, metadata: str) -> None:
    with pytest.raises(MalformedFile, match=r"1_a/metadata\.toml"):
        read({"1_a/up.sql": "A;", "1_a/metadata.toml": metadata})
