"""Pages of lists and their cursors."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel

from surefoot.db.ids import new_id
from surefoot.errors import Invalid
from surefoot.web.pages import Cursor, Page, Size, cursor_of, key_of, page_of


class Number(BaseModel):
    value: int


pytestmark = pytest.mark.anyio


def _numbers() -> httpx.AsyncClient:
    app = FastAPI()

    @app.get("/numbers")
    async def numbers(size: Size = 3, cursor: Cursor = None) -> Page[Number]:
        after = key_of(cursor, int)
        rows = [number for number in range(8) if after is None or number > after[0]][: size + 1]
        return page_of(rows, size, lambda row: Number(value=row), lambda row: [row])

    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


async def test_pages_follow_one_another_to_the_end() -> None:
    client, seen, cursor = _numbers(), [], None
    for _ in range(3):
        page = (await client.get("/numbers", params={"cursor": cursor} if cursor else {})).json()
        seen.append([item["value"] for item in page["items"]])
        cursor = page["next"]
    assert (seen, cursor) == ([[0, 1, 2], [3, 4, 5], [6, 7]], None)


async def test_a_list_that_ends_with_its_page_has_no_next_one() -> None:
    answer = await _numbers().get("/numbers", params={"size": 8})
    assert answer.json()["next"] is None


async def test_a_cursor_holds_times_and_identifiers_and_may_stand_in_a_url() -> None:
    at, identifier = datetime(2026, 7, 1, 12, 0, 0, 123456, UTC), new_id()
    cursor = cursor_of(at, identifier, "ü/?&", 7)
    assert cursor.replace("-", "").replace("_", "").isalnum()
    assert key_of(cursor, datetime.fromisoformat, UUID, str, int) == (at, identifier, "ü/?&", 7)


async def test_a_cursor_with_what_no_database_can_compare_is_refused() -> None:
    with pytest.raises(Invalid):
        key_of(cursor_of("a\0"), str)
    with pytest.raises(Invalid):
        key_of(cursor_of(1 << 63), int)


@pytest.mark.parametrize("cursor", ["", "?", "AAAA", "WzFd", "WzEsMl0", "eyJhIjoxfQ", "W1tbW1tbW1s", "é"])
async def test_what_is_no_cursor_of_the_list_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        key_of(cursor, datetime.fromisoformat, UUID)
