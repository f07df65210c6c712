"""A process that guesses: `python -m tests.platform.limits.guesser URL COUNT SIZE NAME[,NAME...]`.

It takes COUNT times at once, through SIZE connections, each time one of every limit that NAME names,
and prints who was let through.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from dataclasses import replace

from surefoot.db.pool import Database
from surefoot.errors import SurefootError
from surefoot.limits.limiter import Limiter
from surefoot.limits.rules import LIMITS

BY_NAME = {limit.name: replace(limit, seconds=1e9) for limit in LIMITS}


async def guess(limiter: Limiter, names: list[str], subject: str) -> str:
    try:
        await limiter.take(*((BY_NAME[name], subject) for name in names))
    except SurefootError as error:
        return error.code
    return subject


async def main(url: str, count: str, size: str, names: str) -> None:
    async with Database(url, size=int(size)) as database:
        limiter = Limiter(database, bytes(32))
        sys.stdin.read()
        guesses = (guess(limiter, names.split(","), f"account{number % 3}") for number in range(int(count)))
        for outcome, times in Counter(await asyncio.gather(*guesses)).items():
            print(outcome, times)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
