"""Proofs: what they are bound to, what makes them void, and the file that holds them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from surefoot.engine.checksum import checksum
from surefoot.engine.model import Folder, Fragment, Migration, Script
from surefoot.engine.rehearsal.model import Rehearsed, Report, Verdict
from surefoot.engine.rehearsal.proof import Proof, chains, facts_of, look_up, merge, proofs_of, void
from surefoot.engine.rehearsal.prooffile import as_text, read, write
from surefoot.errors import NotProven, SurefootError, UsageError

ENGINE = "postgres 18"


def script(name: str, text: str) -> tuple[Script, ...]:
    return (Script(name, (Fragment(text),)),)


def migration(version: str, up: str = "SELECT 1;", down: str | None = "SELECT 2;") -> Migration:
    back = None if down is None else script(f"{version}.down.sql", down)
    return Migration(version, f"name_{version}", script(f"{version}.up.sql", up), back)


def folder(*migrations: Migration) -> Folder:
    return Folder("migrations", "native", migrations)


THREE = folder(migration("001"), migration("002"), migration("003"))


def report(of: Folder, verdict: Verdict = Verdict.PROVEN, engine: str = ENGINE) -> Report:
    """A rehearsal of a folder: each migration turns the schema s<n> into s<n+1>."""
    rehearsed = tuple(
        Rehearsed(
            item.version,
            item.name,
            verdict,
            checksum(item.up),
            None if item.down is None else checksum(item.down),
            f"s1:{number}",
            f"s1:{number + 1}",
        )
        for number, item in enumerate(of.migrations)
    )
    return Report(engine, "shadow", "an empty database", datetime.now(UTC), 5, rehearsed)


def proofs(of: Folder = THREE, engine: str = ENGINE) -> tuple[Proof, ...]:
    return proofs_of(report(of, engine=engine), of)


def reasons(known: Sequence[Proof], of: Folder, engine: str = "", base: str = "") -> list[str | None]:
    facts = facts_of(of, known)
    return [void(proof, replace(facts[proof.version], engine=engine, base=base)) for proof in known]


def test_a_proof_holds_as_long_as_nothing_changes() -> None:
    assert reasons(proofs(), THREE, ENGINE) == [None, None, None]


def test_an_edited_up_voids_its_proof_and_those_after_it() -> None:
    edited = folder(migration("001"), migration("002", up="SELECT 3;"), migration("003"))
    assert reasons(proofs(), edited) == [
        None,
        "the up was edited since",
        "002 name_002 before it: the up was edited since",
    ]


def test_an_edited_down_voids_its_proof_and_those_after_it() -> None:
    edited = folder(migration("001", down="SELECT 3;"), migration("002"), migration("003"))
    assert reasons(proofs(), edited) == [
        "the down was edited since",
        "001 name_001 before it: the down was edited since",
        "001 name_001 before it: the down was edited since",
    ]


@pytest.mark.parametrize(
    ("then", "now", "reason"),
    [(None, "SELECT 2;", "the down came since"), ("SELECT 2;", None, "the down is gone")],
)
def test_a_down_that_comes_or_goes_voids_the_proof(then: str | None, now: str | None, reason: str) -> None:
    before, after = folder(migration("001", down=then)), folder(migration("001", down=now))
    assert reasons(proofs(before), after) == [reason]


@pytest.mark.parametrize(
    "changed",
    [
        folder(migration("000"), *THREE.migrations),
        folder(migration("002"), migration("001"), migration("003")),
        folder(migration("002"), migration("003")),
    ],
    ids=["added", "moved", "removed"],
)
def test_a_migration_that_comes_goes_or_moves_voids_those_after_it(changed: Folder) -> None:
    last = proofs()[-1:]
    assert reasons(last, changed) == ["a migration before it was edited, added, removed or moved since"]


def test_an_edit_that_means_nothing_to_the_checksum_voids_nothing() -> None:
    same = folder(migration("001", up="\r\n\r\nSELECT 1;\r\n"), migration("002"), migration("003"))
    assert reasons(proofs(), same) == [None, None, None]


def test_another_engine_voids_a_proof() -> None:
    (first, *_) = proofs(engine="postgres 16")
    assert reasons([first], THREE, "postgres 18") == ["proven on PostgreSQL 16, and this is PostgreSQL 18"]
    assert reasons([first], THREE, "mariadb 10.11") == ["proven on PostgreSQL 16, and this is MariaDB 10.11"]


def test_another_schema_before_it_voids_a_proof() -> None:
    first, second, _ = proofs()
    assert reasons([first], THREE, ENGINE, "s1:0") == [None]
    (reason,) = reasons([second], THREE, ENGINE, "s1:0")
    assert reason is not None
    assert reason.startswith("the schema before it is not the one of the proof: the target drifted")


@pytest.mark.parametrize(("version", "age"), [(0, "an older"), (99, "a newer")])
def test_another_comparison_voids_a_proof(version: int, age: str) -> None:
    (reason,) = reasons([replace(proofs()[0], comparison=version)], THREE)
    assert reason == f"it was made by {age} comparison of schemas than this Surefoot's"


def test_the_chain_tells_apart_what_only_looks_alike() -> None:
    texts = [
        folder(migration("001", "SELECT 1;", "SELECT 2;"), migration("009")),
        folder(migration("001", "SELECT 1;", None), migration("009")),
        folder(migration("001", "SELECT 2;", "SELECT 1;"), migration("009")),
        folder(migration("01", "SELECT 1;", "SELECT 2;"), migration("009")),
        folder(migration("009")),
    ]
    assert len({chains(item.migrations)["009"] for item in texts}) == len(texts)


def test_a_migration_that_was_edited_while_it_was_rehearsed_gets_no_proof() -> None:
    edited = folder(migration("001"), migration("002", up="SELECT 3;"), migration("003"))
    assert [proof.version for proof in proofs_of(report(THREE), edited)] == ["001", "003"]


def test_a_proof_of_this_engine_is_preferred_to_one_of_another() -> None:
    both = (*proofs(engine="postgres 16"), *proofs(engine="postgres 18"))
    assert look_up(both, "002", "postgres 18") == both[4]
    assert look_up(both, "002", "postgres 17") == both[1]
    assert look_up(both, "004", "postgres 18") is None


def test_a_rehearsal_replaces_its_own_proofs_and_leaves_the_others() -> None:
    lossy = proofs_of(report(folder(*THREE.migrations[:2]), Verdict.LOSSY), THREE)
    merged = merge((*proofs(), *proofs(engine="postgres 16")), lossy, THREE)
    assert [(proof.version, proof.engine, proof.verdict.value) for proof in merged] == [
        ("001", "postgres 16", "proven"),
        ("001", "postgres 18", "lossy"),
        ("002", "postgres 16", "proven"),
        ("002", "postgres 18", "lossy"),
        ("003", "postgres 16", "proven"),
        ("003", "postgres 18", "proven"),
    ]


def test_proofs_that_do_not_fit_the_folder_go() -> None:
    now = folder(migration("001"), migration("002", up="SELECT 3;"))
    assert [proof.version for proof in merge(proofs(), (), now)] == ["001"]


def test_proofs_stand_in_the_order_of_the_folder() -> None:
    numbers = folder(migration("2"), migration("10"))
    assert [proof.version for proof in merge(proofs(numbers)[::-1], (), numbers)] == ["2", "10"]


def test_the_file_gives_back_what_was_written(tmp_path: Path) -> None:
    place = tmp_path / "deep" / "proof.json"
    known = (*proofs(), *proofs(folder(migration("001", down=None)), "mariadb 10.11"))
    write(place, known)
    assert read(place) == known
    assert json.loads(place.read_text())["format"] == 1
    write(place, ())
    assert read(place) == ()


def test_the_same_proofs_leave_the_file_alone(tmp_path: Path) -> None:
    place = tmp_path / "proof.json"
    write(place, proofs())
    before = place.stat()
    write(place, proofs())
    assert place.stat().st_ino == before.st_ino
    assert place.stat().st_mtime_ns == before.st_mtime_ns


def test_two_branches_that_add_a_migration_each_touch_different_lines(tmp_path: Path) -> None:
    lines = as_text(proofs()).splitlines()
    fewer = as_text(proofs()[:2]).splitlines()
    assert lines[: len(fewer) - 3] == fewer[:-3]
    assert max(map(len, lines)) < 130


def test_no_file_is_no_proof(tmp_path: Path) -> None:
    assert read(tmp_path / "proof.json") == ()


GOOD = as_text(proofs())


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "is not JSON"),
        ("[]", "holds no list of proofs"),
        ('{"format": 1, "proofs": {}}', "holds no list of proofs"),
        ('{"proofs": []}', "does not say in which format"),
        ('{"format": "1", "proofs": []}', "does not say in which format"),
        ('{"format": 1, "proofs": [{}]}', "holds a record that is no proof"),
        (GOOD.replace('"verdict": "proven"', '"verdict": "splendid"'), "001 with a verdict that means nothing"),
        (GOOD.replace('"comparison": 1', '"comparison": true'), "001 with a comparison that means nothing"),
        (GOOD.replace('"base": "s1:1"', '"base": null'), "002 with a base that means nothing"),
        (GOOD.replace('"version": "002"', '"version": "001"'), "holds more than one proof of 001 on postgres 18"),
        (f"<<<<<<< ours\n{GOOD}", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
    ],
)
def test_a_file_that_is_none_is_refused_with_the_way_out(text: str, what: str, tmp_path: Path) -> None:
    place = tmp_path / "proof.json"
    place.write_text(text)
    with pytest.raises(UsageError, match=what) as caught:
        read(place)
    assert "surefoot rehearse" in caught.value.hint


def test_a_file_of_a_newer_surefoot_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "proof.json"
    place.write_text('{"format": 2, "proofs": [], "more": 1}')
    with pytest.raises(NotProven, match="its format is 2, this one reads 1"):
        read(place)


def test_a_place_that_cannot_be_read_or_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"\xff")
    for attempt in (lambda: read(tmp_path), lambda: read(tmp_path / "file"), lambda: write(tmp_path, proofs())):
        with pytest.raises(SurefootError) as caught:
            attempt()
        assert isinstance(caught.value, UsageError)
    with pytest.raises(UsageError, match="cannot be written"):
        write(tmp_path / "file" / "proof.json", proofs())
