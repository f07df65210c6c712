"""Measure the platform under load: sign-ins, reads, what audit and limits cost, and what time tells: `make bench`.

Real `surefoot api` processes on the embedded PostgreSQL with its default durability; the load comes from this process,
on the same machine. What a part costs is the difference of two processes, with it and without, asked in turn.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import statistics
import subprocess
import sys
import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import httpx
import psycopg
import uvloop

from bench.apply import scratch
from bench.installed import ROOT
from bench.load import Client, Load, Make, at_once, at_rate, in_turn, percentile
from surefoot.db.pool import SCHEMA
from surefoot.serve.postgres import ROLE, own_postgres
from surefoot.vault.hashing import Hasher

PASSWORD = "seven grey herons on a Tuesday roof"
ACCOUNTS = 4000
RATE, REACH = 200, "p99 50 ms"
ROUNDS = 3
MANY = 16
HASHES = 4
BROWSER = "X-Surefoot: 1\r\nSec-Fetch-Site: same-origin\r\n"
PARTS = {"audit of a change": "audit", "limiter": "limiter", "log of reads": "reads"}


@dataclass(frozen=True, slots=True)
class Api:
    """A running `surefoot api`."""

    port: int
    said: str


@dataclass(frozen=True, slots=True)
class Signed:
    """Who asks: the head of their requests, and their workspace."""

    cookie: str
    workspace: str


@dataclass(frozen=True, slots=True)
class Costs:
    """Medians of the same request with a part and without it, in seconds."""

    whole: float
    without: float


@dataclass(frozen=True, slots=True)
class Measured:
    """All figures of one run."""

    hashes: float
    sign_ins: Load
    reads: Load
    steady: Load
    costs: dict[str, Costs]
    known: list[float]
    unknown: list[float]


def main() -> None:
    """Measure, print the report and keep it in `bench/results`."""
    arguments = _arguments()
    begun = os.getloadavg()[0]
    with scratch() as folder, own_postgres(folder / "data") as url:
        measured = measure(folder, url, arguments.seconds, arguments.times)
    text = report(measured, begun)
    path = ROOT / "bench" / "results" / f"{datetime.now(UTC):%Y-%m-%d}-platform.md"
    path.write_text(text)
    sys.stdout.write(f"\n{text}\nKept in {path.relative_to(ROOT)}\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="for each load")
    parser.add_argument("--times", type=int, default=300, help="requests for each comparison")
    return parser.parse_args()


def measure(folder: Path, url: str, seconds: float, times: int) -> Measured:
    """All figures. The processes that lack a part run only while they are compared."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner, api(folder, url, "nothing") as whole:
        signed = sign_up(whole, url)
        client = Client(whole.port)
        runner.run(at_once(client, read(signed), MANY, 2))
        reads = runner.run(at_once(client, read(signed), MANY, seconds))
        steady = middle([runner.run(at_rate(client, read(signed), RATE, seconds)) for _ in range(ROUNDS)])
        hashes, sign_ins = runner.run(beside_hashes(client, seconds))
        known = sign_in("not the password, but as long", range(ACCOUNTS // 2, ACCOUNTS))
        unknown = sign_in("not the password, but as long", range(ACCOUNTS, 2 * ACCOUNTS))
        loads = runner.run(in_turn({"known": (client, known), "unknown": (client, unknown)}, times))
        costs = {part: runner.run(cost(folder, url, client, part, signed, times)) for part in PARTS.values()}
        runner.run(close(client))
    for load, status in ((reads, 200), (steady, 200), (sign_ins, 200), *((load, 401) for load in loads.values())):
        load.require(status)
    return Measured(hashes, sign_ins, reads, steady, costs, loads["known"].times, loads["unknown"].times)


def middle(rounds: list[Load]) -> Load:
    """The round that is neither the best nor the worst: one that a neighbour disturbed tells of the neighbour."""
    return sorted(rounds, key=lambda each: percentile(each.times, 0.99))[len(rounds) // 2]


async def close(client: Client) -> None:
    """End a client's connections, where its loop runs."""
    client.close()


@contextmanager
def api(folder: Path, url: str, part: str) -> Iterator[Api]:
    """A process of the API that lacks a part. Its log goes to a file, as a supervisor would have it."""
    environ = {
        "PATH": os.defpath,
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "SUREFOOT_DATABASE_URL": url,
        "SUREFOOT_DATABASE_ROLE": ROLE,
        "SUREFOOT_DATA_DIR": str(folder / "data"),
        "SUREFOOT_PORT": "0",
        "SUREFOOT_LOG_FORMAT": "json",
        # Each made-up person asks from an address of their own, or one address's limit would be all that is measured.
        "SUREFOOT_TRUSTED_PROXIES": "127.0.0.1/32",
    }
    command = [sys.executable, "-m", "bench.without", part, "api"]
    with ExitStack() as stack:
        log = stack.enter_context((folder / f"{part}.log").open("w"))
        out = folder / f"{part}.out"
        said = stack.enter_context(out.open("w"))
        process = stack.enter_context(subprocess.Popen(command, env=environ, cwd=ROOT, stdout=said, stderr=log))
        stack.callback(process.terminate)
        yield _listening(process, out)


def _listening(process: subprocess.Popen[bytes], out: Path) -> Api:
    while process.poll() is None:
        said = out.read_text()
        with httpx.Client() as client:
            found = re.search(r"listens on \S+:(\d+)", said)
            if found and _answers(client, found[1]):
                return Api(int(found[1]), out.read_text())
        time.sleep(0.1)
    raise SystemExit(f"The API did not start; see {out}.")


def _answers(client: httpx.Client, port: str) -> bool:
    try:
        return client.get(f"http://127.0.0.1:{port}/health/ready", timeout=10).is_success
    except httpx.TransportError:
        return False


def sign_up(running: Api, url: str) -> Signed:
    """The first account with its workspace, and as many others as are asked for, all with one password."""
    found = re.search(r"/setup#token=(\S+)", running.said)
    assert found is not None
    owner = {"email": "ada@example.org", "name": "Ada", "password": PASSWORD, "workspace": "Shop"}
    with httpx.Client(base_url=f"http://127.0.0.1:{running.port}/api/v1", headers={"X-Surefoot": "1"}) as client:
        client.post("/setup", json={"token": found[1], **owner}).raise_for_status()
        workspace = client.get("/workspaces").raise_for_status().json()["items"][0]["id"]
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    with psycopg.connect(url) as connection:
        connection.execute(
            f"""
            INSERT INTO {SCHEMA}.accounts (id, email, email_key, name, password_hash, verified_at, created_at)
            SELECT gen_random_uuid(), mail, mail, 'Person', password_hash, now(), now()
            FROM {SCHEMA}.accounts, generate_series(0, %s) AS number, format('p%%s@example.org', number) AS mail
            """.encode(),
            (ACCOUNTS - 1,),
        )
    return Signed(cookie, workspace)


def request(method: str, path: str, headers: str = "", body: str = "", person: int = 0) -> bytes:
    """A request as bytes, from a made-up person's address."""
    address = f"10.{person >> 16 & 255}.{person >> 8 & 255}.{person & 255}"
    more = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    head = f"{method} /api/v1{path} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {address}\r\n"
    return f"{head}{BROWSER}{headers}{more}\r\n{body}".encode()


def read(signed: Signed) -> Make:
    """Read the workspace, signed in."""
    asked = request("GET", f"/workspaces/{signed.workspace}", f"Cookie: {signed.cookie}\r\n")
    return lambda _number: asked


def rename(signed: Signed) -> Make:
    """Give the workspace a name: a change, which the audit trail tells. Each names the version that the last made."""
    cookie, path, versions = f"Cookie: {signed.cookie}\r\n", f"/workspaces/{signed.workspace}", count(1)

    def make(number: int) -> bytes:
        return request("PATCH", path, f'{cookie}If-Match: "{next(versions)}"\r\n', f'{{"name": "Shop {number}"}}')

    return make


def bad_token(first: int) -> Make:
    """Ask with a token that is none: the limiter counts it, and there is little else to do."""
    return lambda number: request("GET", "/account", "Authorization: Bearer none\r\n", person=first + number)


def sign_in(password: str, people: range) -> Make:
    """Sign in, each request as the next person, from their own address."""

    def make(number: int) -> bytes:
        person = people[number % len(people)]
        return request(
            "POST", "/sign-in", body=f'{{"email": "p{person}@example.org", "password": "{password}"}}', person=person
        )

    return make


async def beside_hashes(client: Client, seconds: float) -> tuple[float, Load]:
    """Hashes a second, and the sign-ins of right after them: of the rounds, the one of the middle ratio."""
    make = sign_in(PASSWORD, range(ACCOUNTS // 2))
    rounds = []
    for number in range(ROUNDS):
        hashes = await bare_hashes(seconds / 2)
        rounds.append((hashes, await at_once(client, _after(make, number * ACCOUNTS // 8), HASHES, seconds / 2)))
    return sorted(rounds, key=lambda each: each[1].rate / each[0])[ROUNDS // 2]


async def bare_hashes(seconds: float) -> float:
    """Passwords verified a second by the Hasher alone, with as many at work as in a process of the API."""
    with closing(Hasher(2, 20)) as hasher:
        stored, done = await hasher.hash(PASSWORD), 0
        begun = time.perf_counter()

        async def verify_on() -> None:
            nonlocal done
            while time.perf_counter() < begun + seconds:
                await hasher.verify(stored, PASSWORD)
                done += 1

        await asyncio.gather(*(verify_on() for _ in range(HASHES)))
        return done / (time.perf_counter() - begun)


async def cost(folder: Path, url: str, whole: Client, part: str, signed: Signed, times: int) -> Costs:
    """What a part costs: medians of one request to a process with it and to one without."""
    renaming = rename(signed)
    ways: dict[str, tuple[Make, Make, int]] = {
        "audit": (renaming, renaming, 200),
        "limiter": (bad_token(1 << 20), bad_token(1 << 21), 401),
        "reads": (read(signed), read(signed), 200),
    }
    one, other, status = ways[part]
    with api(folder, url, part) as lacking, closing(Client(lacking.port)) as client:
        await in_turn({"whole": (whole, one), "without": (client, other)}, 20)
        loads = await in_turn({"whole": (whole, _after(one, 20)), "without": (client, _after(other, 20))}, times)
    for load in loads.values():
        load.require(status)
    return Costs(statistics.median(loads["whole"].times), statistics.median(loads["without"].times))


def _after(make: Make, first: int) -> Make:
    return lambda number: make(first + number)


def slower(these: list[float], those: list[float]) -> float:
    """How probably one of these took longer than one of those: 0.5 where time tells nothing."""
    ordered = sorted(those)
    return statistics.mean((bisect_left(ordered, one) + bisect_right(ordered, one)) / 2 / len(ordered) for one in these)


def report(measured: Measured, begun: float) -> str:
    """The figures, with what they are held against."""
    reads, steady, sign_ins, hashes = measured.reads, measured.steady, measured.sign_ins, measured.hashes
    known, unknown = statistics.median(measured.known), statistics.median(measured.unknown)
    table = "\n".join(
        (
            row("sign-ins", f"{sign_ins.rate:.1f}/s", f"{hashes:.1f} hashes/s (bare)", sign_ins.rate / hashes),
            row(f"reads, signed in, {MANY} at once", f"{reads.rate:.0f}/s", f"p99 {ms(percentile(reads.times, 0.99))}"),
            row(
                f"reads, signed in, {RATE} each second",
                f"p99 {ms(percentile(steady.times, 0.99))}",
                f"median {ms(percentile(steady.times, 0.5))}",
                reach=REACH,
            ),
            *(cost_row(what, measured.costs[part]) for what, part in PARTS.items()),
            row("wrong password, known address", ms(known), f"{ms(unknown)} (unknown)", known / unknown),
        )
    )
    return f"""# The platform, {datetime.now(UTC):%Y-%m-%d}

| what | Surefoot | beside | ratio | reach |
|---|---|---|---|---|
{table}

One process of the API, PostgreSQL with its default durability, and the load: all on {os.cpu_count()} cores, with a
load average of {begun:.1f} before.

- Sign-ins are right ones, of accounts without a second factor; of {ROUNDS} rounds, the middle one.
- At {RATE} each second a request's time begins when it was due; of {ROUNDS} rounds, the middle one. The load sent 99
  of 100 within {ms(percentile(steady.late, 0.99))} of that. At {MANY} at once it took {reads.own_share:.0%} of a core.
- What a part costs is the difference of medians, of two processes asked in turn, one request at a time.
- A known address took longer than an unknown one in {slower(measured.known, measured.unknown):.0%} of pairs
  (50 %: time tells nothing), over {len(measured.known)} requests of each.
"""


def cost_row(what: str, costs: Costs) -> str:
    """A row of what a part costs."""
    more = f"{(costs.whole - costs.without) * 1000:.2f} ms more"
    return row(what, more, f"{ms(costs.without)} (without it)", costs.whole / costs.without)


def row(what: str, measured: str, beside: str, ratio: float | None = None, reach: str = "") -> str:
    """A row of the table."""
    return f"| {what} | {measured} | {beside} | {'' if ratio is None else f'{ratio:.2f}'} | {reach} |"


def ms(seconds: float) -> str:
    """A time as people read it."""
    return f"{seconds * 1000:.2f} ms"


if __name__ == "__main__":
    main()
