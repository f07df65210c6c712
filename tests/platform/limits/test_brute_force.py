"""However many guess at once, and on however many processes, the limits hold exactly."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from pathlib import Path

import pytest

from surefoot.limits.limiter import Limit
from surefoot.limits.rules import ACCOUNT, ACCOUNT_AND_ADDRESS, ADDRESS

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

ROOT = Path(__file__).parents[3]


async def guesses(url: str, count: int, *limits: Limit) -> Counter[str]:
    """What came of so many guesses by each of three processes, which begin together and have 8 connections each."""
    arguments = [url, str(count), "8", ",".join(limit.name for limit in limits)]
    started = [await _guesser(arguments) for _ in range(3)]
    outputs = await asyncio.gather(*(process.communicate(b"") for process in started))
    assert [process.returncode for process in started] == [0, 0, 0]
    outcomes = Counter[str]()
    for line in b"".join(output for output, _ in outputs).decode().splitlines():
        outcome, times = line.split()
        outcomes[outcome] += int(times)
    return outcomes


async def _guesser(arguments: list[str]) -> Process:
    program = [sys.executable, "-m", "tests.platform.limits.guesser", *arguments]
    return await asyncio.create_subprocess_exec(*program, cwd=ROOT, stdin=PIPE, stdout=PIPE)


@pytest.mark.asvs("6.3.1")
async def test_two_thousand_guesses_at_once_get_no_more_than_the_limit(platform_url: str) -> None:
    outcomes = await guesses(platform_url, 667, ACCOUNT_AND_ADDRESS, ACCOUNT, ADDRESS)
    assert outcomes.total() == 2001
    assert [outcomes[f"account{number}"] for number in range(3)] == [5, 5, 5]
    assert outcomes["too-many"] == 1986


async def test_admission_is_exact_under_24_connections(platform_url: str) -> None:
    outcomes = await guesses(platform_url, 60, ADDRESS)
    assert outcomes == {"account0": 30, "account1": 30, "account2": 30, "too-many": 90}
