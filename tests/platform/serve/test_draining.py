"""A process that is told to stop: what is under way ends, what comes after is not taken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import APIRouter

from surefoot.api import app
from surefoot.serve.listen import listen, serve_api
from surefoot.serve.process import run_parts
from surefoot.web import access
from surefoot.web.platform import Platform

pytestmark = pytest.mark.anyio


class Gate:
    """A request that waits until it is let through."""

    def __init__(self) -> None:
        self.entered, self.open = asyncio.Event(), asyncio.Event()

    def router(self) -> APIRouter:
        router = APIRouter()
        router.add_api_route("/gate", self.pass_through, operation_id="pass_gate", **access.anyone())
        return router

    async def pass_through(self) -> str:
        self.entered.set()
        await self.open.wait()
        return "through"


@pytest.fixture
async def gate(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Gate]:
    made = Gate()
    monkeypatch.setattr(app, "ROUTERS", (made.router(),))
    yield made
    made.open.set()


async def test_a_request_that_is_under_way_is_answered_and_no_other_is_taken(platform: Platform, gate: Gate) -> None:
    stop = asyncio.Event()
    with listen("127.0.0.1", 0) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        serving = asyncio.create_task(serve_api(platform, listening, stop))
        async with httpx.AsyncClient() as client:
            under_way = asyncio.create_task(client.get(f"{url}/api/v1/gate"))
            await gate.entered.wait()
            stop.set()
            while not await _is_refused(url):
                await asyncio.sleep(0.01)
            gate.open.set()
            assert (await under_way).json() == "through"
        await serving


async def _is_refused(url: str) -> bool:
    try:
        async with httpx.AsyncClient() as other:
            await other.get(f"{url}/health/live")
    except httpx.TransportError:
        return True
    return False


async def test_where_one_part_fails_the_others_end_cleanly_and_its_error_is_told(platform: Platform) -> None:
    ended = []

    async def fails(_platform: Platform, _stop: asyncio.Event) -> None:
        raise ZeroDivisionError

    async def works(_platform: Platform, stop: asyncio.Event) -> None:
        await stop.wait()
        ended.append("cleanly")

    with pytest.raises(ZeroDivisionError):
        await run_parts(platform, [works, fails, works], asyncio.Event())
    assert ended == ["cleanly", "cleanly"]
