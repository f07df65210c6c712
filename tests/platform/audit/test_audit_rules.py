"""The bytes that are hashed: one way to write a record, whatever stored it in between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import psycopg
import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from surefoot.audit.model import Event, Outcome
from surefoot.audit.rules import canonical, cut, plain, record_bytes, record_of
from tests.databases import Databases

_TEXT = st.text(max_size=20)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)


def _event(values: dict[str, Any], text: str = "") -> Event:
    return Event(
        id=UUID(int=7),
        at=datetime(2026, 7, 1, 14, 0, tzinfo=timezone(timedelta(hours=2))),
        workspace=None,
        actor_kind="person",
        actor_id=UUID(int=1),
        actor_label=cut(text, 320),
        session=None,
        token=None,
        methods=("password", "totp"),
        action="member.change",
        about="account/1",
        outcome="done",
        reason="",
        before=None,
        after=plain(values),
        address="192.0.2.1",
        agent='curl "7" \\ ü',
        request_id="r-1",
        trace_id="",
        node="api-1",
    )


def test_the_bytes_of_a_record_never_change() -> None:
    assert record_bytes(_event({"role": "ädmin", "share": 1.0, "large": 1e21})).decode() == (
        '{"about":"account/1","action":"member.change","actor_id":"00000000-0000-0000-0000-000000000001",'
        '"actor_kind":"person","actor_label":"","address":"192.0.2.1",'
        '"after":{"large":1e+21,"role":"ädmin","share":1},"agent":"curl \\"7\\" \\\\ ü",'
        '"at":"2026-07-01T12:00:00.000000Z","before":null,"id":"00000000-0000-0000-0000-000000000007",'
        '"methods":["password","totp"],"node":"api-1","outcome":"done","reason":"","request_id":"r-1",'
        '"schema_version":1,"session":null,"token":null,"trace_id":"","workspace":null}'
    )


@given(st.dictionaries(_TEXT, _VALUES, max_size=4), st.text(st.characters(), max_size=40))
def test_a_record_is_written_as_rfc_8785_says(values: dict[str, Any], text: str) -> None:
    event = _event(values, text)
    assert record_bytes(event) == rfc8785.dumps(record_of(event))  # type: ignore[arg-type]  # a narrow union


@pytest.fixture(scope="module")
def store(databases: Databases) -> Iterator[psycopg.Connection]:
    with databases.postgres("pg18") as url, psycopg.connect(url) as connection:
        yield connection


@given(values=st.dictionaries(_TEXT, _VALUES, max_size=4))
@settings(max_examples=200, deadline=None)
def test_values_that_a_database_gave_back_are_written_the_same(
    store: psycopg.Connection, values: dict[str, Any]
) -> None:
    written = canonical(plain(values)).decode()
    assert [(canonical(row[0]).decode()) for row in store.execute("SELECT %s::jsonb", (written,))] == [written]


def test_identifiers_times_words_and_sets_are_written_as_text() -> None:
    values = {"id": UUID(int=1), "at": datetime(2026, 7, 1, tzinfo=UTC), "outcome": Outcome.DONE, "scopes": {"b", "a"}}
    assert plain({**values, "path": PurePosixPath("/a"), "large": 1 << 60, "nan": float("nan"), "pair": (1, None)}) == {
        "id": "00000000-0000-0000-0000-000000000001",
        "at": "2026-07-01T00:00:00.000000Z",
        "outcome": "done",
        "scopes": ["a", "b"],
        "path": "/a",
        "large": "1152921504606846976",
        "nan": "nan",
        "pair": [1, None],
    }


def test_bytes_are_no_value() -> None:
    with pytest.raises(TypeError, match="bytes"):
        plain({"digest": b""})
