"""Load on a server: as many requests as it takes, or so many a second, whether it keeps up or not.

Each request's time begins when it was due, and not when there was room to send it: a server that stands still for a
second is charged for all that should have been asked in it.
"""

from __future__ import annotations

import asyncio
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
Make = Callable[[int], bytes]
# The server ends a connection that was idle for five seconds; we leave it before that. Seconds.
_IDLE = 3.0


@dataclass(slots=True)
class Load:
    """What came of a load: each answer's time, how late each request was sent, and what sending itself took."""

    times: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0
    own_seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.times) / self.seconds

    @property
    def own_share(self) -> float:
        """How much of one core the load itself took."""
        return self.own_seconds / self.seconds

    def require(self, status: int) -> None:
        """Stop the benchmark where an answer was another: it would have measured refusals."""
        if set(self.statuses) != {status}:
            raise SystemExit(f"The answers were {dict(self.statuses)}, and not all {status}.")


def percentile(times: list[float], share: float) -> float:
    """The time that so large a share stays within."""
    return statistics.quantiles(times, n=1000, method="inclusive")[round(share * 1000) - 1]


class _Connection(asyncio.Protocol):
    """One connection that is kept; one request at a time."""

    def __init__(self) -> None:
        self.used = 0.0
        self._transport: asyncio.Transport | None = None
        self._got = b""
        self._answer: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, found, body = self._got.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if found and len(body) >= (int(length[1]) if length else 0) and self._answer and not self._answer.done():
            self._got = b""
            self._answer.set_result(int(head[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(exc or ConnectionError("The server closed the connection."))

    async def ask(self, request: bytes) -> int:
        """The status of the answer, once all of it is here."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """End it."""
        assert self._transport is not None
        self._transport.close()


class Client:
    """Connections to a server, as many as are needed at a time."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[_Connection] = []

    async def ask(self, request: bytes) -> int:
        """The status of the answer."""
        connection = self._fresh() or await self._connect()
        status = await connection.ask(request)
        connection.used = time.perf_counter()
        self._idle.append(connection)
        return status

    def _fresh(self) -> _Connection | None:
        """The connection that was used last, unless that was too long ago: then all others were, too."""
        if self._idle and self._idle[-1].used < time.perf_counter() - _IDLE:
            self.close()
        return self._idle.pop() if self._idle else None

    async def _connect(self) -> _Connection:
        return (await asyncio.get_running_loop().create_connection(_Connection, "127.0.0.1", self._port))[1]

    def close(self) -> None:
        """End all connections."""
        while self._idle:
            self._idle.pop().close()


async def at_rate(client: Client, make: Make, rate: float, seconds: float) -> Load:
    """So many requests a second, evenly, whatever the server does."""
    load, begun, own = Load(), time.perf_counter(), time.process_time()
    async with asyncio.TaskGroup() as group:
        for number in range(round(rate * seconds)):
            due = begun + number / rate
            await asyncio.sleep(due - time.perf_counter())
            load.late.append(time.perf_counter() - due)
            group.create_task(_ask(client, make(number), due, load))
    return _ended(load, begun, own)


async def at_once(client: Client, make: Make, many: int, seconds: float) -> Load:
    """As many requests as are answered by a server that always has `many` of them at once."""
    load, begun, own = Load(), time.perf_counter(), time.process_time()
    numbers = iter(range(10**9))

    async def ask_on() -> None:
        while (due := time.perf_counter()) < begun + seconds:
            await _ask(client, make(next(numbers)), due, load)

    await asyncio.gather(*(ask_on() for _ in range(many)))
    return _ended(load, begun, own)


async def in_turn(ways: dict[str, tuple[Client, Make]], times: int) -> dict[str, Load]:
    """One request after the other, each way in turn and in changing order, so that all see the same machine."""
    loads = {name: Load() for name in ways}
    names = list(ways)
    begun, own = time.perf_counter(), time.process_time()
    for number in range(times):
        for name in names if number % 2 else reversed(names):
            client, make = ways[name]
            await _ask(client, make(number), time.perf_counter(), loads[name])
    return {name: _ended(load, begun, own) for name, load in loads.items()}


async def _ask(client: Client, request: bytes, due: float, load: Load) -> None:
    status = await client.ask(request)
    load.times.append(time.perf_counter() - due)
    load.statuses[status] += 1


def _ended(load: Load, begun: float, own: float) -> Load:
    load.seconds, load.own_seconds = time.perf_counter() - begun, time.process_time() - own
    return load
