"""People who make workspaces over HTTP, and send again what was not acknowledged, until they are told to stop."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from threading import Event
from typing import Any

import httpx

HEADERS = {"X-Surefoot": "1", "Sec-Fetch-Site": "same-origin"}
PATIENCE = 60.0
# What an answer may be while something is broken: none, or that it does not go now.
LATER = 503


class Writers:
    """Each acknowledged creation by its name, and how often one was told to come back."""

    def __init__(self, url: str, cookies: httpx.Cookies) -> None:
        self.acknowledged: dict[str, str] = {}
        self.turned_away = 0
        self._url, self._cookies = url, cookies
        self._stop = Event()
        self._working: list[Future[None]] = []

    def until_more(self, more: int) -> None:
        """Wait until so many more creations are acknowledged."""
        wanted, deadline = len(self.acknowledged) + more, time.monotonic() + PATIENCE
        while len(self.acknowledged) < wanted:
            self._check()
            assert time.monotonic() < deadline, "nothing is acknowledged any more"
            time.sleep(0.02)

    @contextmanager
    def at_work(self, many: int = 6) -> Iterator[None]:
        """So many of them, for as long as the block; what they have begun is acknowledged by its end."""
        with ThreadPoolExecutor(many) as pool:
            self._working = [pool.submit(self._work, number) for number in range(many)]
            try:
                yield
            finally:
                self._stop.set()
        self._check()

    def _check(self) -> None:
        """Raises what a writer has failed with."""
        for each in self._working:
            if each.done():
                each.result()

    def _work(self, number: int) -> None:
        with self.client() as client:
            for turn in count():
                name = f"w{number}-{turn}"
                made = self.create(client, "/workspaces", name, {"name": name})
                self.acknowledged[name] = made["id"]
                if turn % 5 == 0:
                    again = self.create(client, "/workspaces", name, {"name": name})
                    assert again == made
                if self._stop.is_set():
                    return

    def client(self) -> httpx.Client:
        """A browser of the owner's."""
        return httpx.Client(base_url=f"{self._url}/api/v1", headers=HEADERS, cookies=self._cookies, timeout=30)

    def create(self, client: httpx.Client, path: str, key: str, asked: dict[str, str]) -> dict[str, Any]:
        """What was created, once the creation is acknowledged; sent again with the same key until then."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            status, answer = _post(client, path, key, asked)
            if status == 201:
                return answer
            assert status in {0, LATER}, (status, answer)
            self.turned_away += 1
            time.sleep(0.05)
        raise AssertionError(f"{key} was never acknowledged")


def _post(client: httpx.Client, path: str, key: str, asked: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """The answer; 0 and nothing where the connection broke."""
    try:
        answer = client.post(path, json=asked, headers={"Idempotency-Key": f"key-of-{key}"})
    except httpx.TransportError:
        return 0, {}
    return answer.status_code, answer.json()
