"""What a fingerprint is made of, and what it leaves out."""

from __future__ import annotations

import pytest

from surefoot.engine.snapshot import Facts, ObjectKey, Snapshot, compare


def snapshot(kind: str, name: str, **facts: str) -> Snapshot:
    return Snapshot("postgres 18", {ObjectKey("table", "public.t"): {}, ObjectKey(kind, name): facts})


@pytest.mark.parametrize("kind", ["role", "setting", "database", "tablespace"])
def test_what_belongs_to_the_server_is_compared_and_is_not_in_the_fingerprint(kind: str) -> None:
    before, after = snapshot(kind, "x", fact="a"), snapshot(kind, "x", fact="b")
    assert before.fingerprint == after.fingerprint
    assert len(compare(before, after).differences) == 1


@pytest.mark.parametrize("about", ["role bob", "database (this)", "tablespace fast", "parameter work_mem"])
@pytest.mark.parametrize("kind", ["comment", "privilege", "security label"])
def test_nor_is_what_is_said_about_it(kind: str, about: str) -> None:
    before, after = snapshot(kind, about, fact="a"), snapshot(kind, about, fact="b")
    assert before.fingerprint == after.fingerprint
    assert len(compare(before, after).differences) == 1


@pytest.mark.parametrize("fact", ["version", "members", "owner"])
def test_what_a_server_decides_of_an_extension_is_not_in_the_fingerprint(fact: str) -> None:
    assert (
        snapshot("extension", "x", **{fact: "a"}).fingerprint == snapshot("extension", "x", **{fact: "b"}).fingerprint
    )
    assert snapshot("server", "x", **{fact: "a"}).fingerprint != snapshot("server", "x", **{fact: "b"}).fingerprint


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": "b", "c": "d"}, {"a": "b\0c\0d"}),
        ({"a": "b"}, {"a": ""}),
        ({"a": ""}, {}),
        ({"ab": "c"}, {"a": "bc"}),
        ({"a": "1\0b"}, {"a": "1", "b": ""}),
    ],
)
def test_no_two_schemas_share_a_fingerprint(one: Facts, other: Facts) -> None:
    key = ObjectKey("table", "t")
    assert Snapshot("postgres 18", {key: one}).fingerprint != Snapshot("postgres 18", {key: other}).fingerprint


def test_the_order_of_objects_and_facts_does_not_matter() -> None:
    a, b = ObjectKey("table", "a"), ObjectKey("table", "b")
    one = Snapshot("postgres 18", {a: {"x": "1", "y": "2"}, b: {}})
    other = Snapshot("postgres 18", {b: {}, a: {"y": "2", "x": "1"}})
    assert one.fingerprint == other.fingerprint
    assert one.fingerprint != Snapshot("postgres 17", one.objects).fingerprint
