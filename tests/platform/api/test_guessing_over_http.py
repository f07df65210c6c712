"""Whoever guesses a password through several processes, and from a new address each time, gets no further."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from surefoot.accounts.rules import address_of
from surefoot.accounts.store import get_account, insert_account
from surefoot.calls import Call
from surefoot.limits.rules import ACCOUNT
from surefoot.web.platform import Platform
from tests.platform.accounts.conftest import PASSWORD

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

GUESSES, AT_ONCE = 2001, 96
CANARY = "canary-9e31"


@dataclass
class Api:
    """A process of the API, where it listens, and what it has logged."""

    process: Process
    client: httpx.AsyncClient
    said: list[str] = field(default_factory=list)

    async def until_listening(self) -> None:
        assert self.process.stdout is not None
        while line := (await self.process.stdout.readline()).decode():
            self.said.append(line)
            if found := re.search(r"listens on (http://\S+)", line):
                self.client.base_url = found[1]
                return
        raise AssertionError("".join(self.said))

    async def listen_on(self) -> None:
        """Take what it says, so that it never waits for a reader."""
        assert self.process.stdout is not None
        while line := await self.process.stdout.readline():
            self.said.append(line.decode())


@asynccontextmanager
async def processes(platform_url: str, data_dir: Path, count: int) -> AsyncIterator[list[Api]]:
    """So many API processes on one database, behind a proxy on this machine."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("SUREFOOT_", "DATABASE_URL"))}
    environ |= {
        "SUREFOOT_DATABASE_URL": platform_url,
        "SUREFOOT_DATA_DIR": str(data_dir),
        "SUREFOOT_PORT": "0",
        "SUREFOOT_TRUSTED_PROXIES": "127.0.0.1/32",
    }
    program = [sys.executable, "-c", "from surefoot.cli.main import main; main()", "api"]
    started = [
        Api(
            await asyncio.create_subprocess_exec(
                *program, env=environ, cwd=data_dir.parent, stdout=PIPE, stderr=STDOUT
            ),
            _client(),
        )
        for _ in range(count)
    ]
    readers: list[asyncio.Task[None]] = []
    try:
        for api in started:
            await api.until_listening()
            readers.append(asyncio.create_task(api.listen_on()))
        yield started
    finally:
        for api in started:
            if api.process.returncode is None:
                api.process.terminate()
            await api.process.wait()
            await api.client.aclose()
        await asyncio.gather(*readers)


@pytest.mark.asvs("6.3.1", "14.2.1", "15.2.2", "13.4.4", "13.4.6")
async def test_two_thousand_guesses_over_three_processes_are_verified_as_often_as_the_limit_says(
    platform: Platform, platform_url: str, data_dir: Path, call: Call
) -> None:
    hashed = await platform.hasher.hash(PASSWORD)
    async with platform.database.transaction() as connection:
        ada = await insert_account(connection, address_of("ada@example.org"), "Ada", hashed, call.at)
    async with processes(platform_url, data_dir, 3) as apis:
        statuses = await _guess(apis)
        right = await _sign_in(apis[0], "203.0.113.9", PASSWORD)
        traced = await _ask(apis[1], "TRACE", "/api/v1/account")
    assert statuses.total() == GUESSES
    assert statuses[401] == ACCOUNT.count
    assert set(statuses) <= {401, 429, 503}
    # Not even the right one is verified now; whoever is signed in already notices nothing of it.
    assert right.status_code == 429
    assert traced.status_code == 405
    assert not {"server", "x-powered-by"} & set(right.headers)
    async with platform.database.connection() as connection:
        assert (await get_account(connection, ada.id)).failures == ACCOUNT.count
    logged = "".join(line for api in apis for line in api.said)
    assert logged.count("/api/v1/sign-in") >= GUESSES
    assert CANARY not in logged
    assert PASSWORD not in logged


async def _guess(apis: list[Api]) -> Counter[int]:
    """The statuses of all guesses, each from an address of its own."""
    statuses = Counter[int]()
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with turn:
            address = f"198.18.{number // 256}.{number % 256}"
            statuses[(await _sign_in(apis[number % 3], address, f"{CANARY} guess {number}")).status_code] += 1

    await asyncio.gather(*map(one, range(GUESSES)))
    return statuses


async def _sign_in(api: Api, address: str, password: str) -> httpx.Response:
    body = {"email": "ada@example.org", "password": password}
    return await _ask(api, "POST", f"/api/v1/sign-in?said={CANARY}", body, address)


async def _ask(api: Api, method: str, path: str, body: object = None, address: str = "198.18.0.1") -> httpx.Response:
    # Each says where it comes from as a proxy would; what a client claims besides is not believed.
    headers = {"X-Surefoot": "1", "Sec-Fetch-Site": "same-origin", "X-Forwarded-For": f"10.9.8.7, {address}"}
    return await api.client.request(method, path, json=body, headers=headers)


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=120, trust_env=False)
