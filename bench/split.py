"""Splitting 50 MB of SQL: seconds, and the most memory that a process needs for it, for each database.

Each case runs in a process of its own, which makes the text first: the peak holds the text, its statements
and all that splitting takes.
"""

from __future__ import annotations

import argparse
import importlib
import multiprocessing
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass

from surefoot.engine.model import Fragment, Script

DIALECTS = ("postgres", "mysql", "sqlite")
LIMIT_SECONDS, LIMIT_TIMES = 10.0, 12


@dataclass(frozen=True, slots=True)
class Result:
    """What one case took: `peak` and `size` in bytes."""

    statements: int
    size: int
    seconds: float
    peak: int


def rows(size: int) -> str:
    """INSERT statements of one row each."""
    row = "INSERT INTO shop.customer (id, name, mail) VALUES ({}, 'O''Hara; Zoe', 'zoe@example.org');\n"
    return fill(row, size)


def bulk(size: int) -> str:
    """One INSERT of many rows."""
    row = "({}, 'O''Hara; Zoe', 'zoe@example.org', lower('X')),\n"
    return "INSERT INTO customer VALUES\n" + fill(row, size) + "(0, '', '', '');\n"


def copied(size: int) -> str:
    """One COPY with its data inline."""
    return "COPY customer FROM stdin;\n" + fill("{}\tO'Hara; Zoe\tzoe@example.org\\\\\n", size) + "\\.\n"


def fill(row: str, size: int) -> str:
    """Rows, numbered, up to a size."""
    return "".join(row.format(number) for number in range(size // len(row)))


CASES: dict[str, Callable[[int], str]] = {"rows": rows, "bulk": bulk, "copy": copied}


def measure(dialect: str, case: str, size: int) -> Result:
    """Split one text, in this process."""
    split = importlib.import_module(f"surefoot.engine.dialects.{dialect}.split").split
    script = Script("seed.sql", (Fragment(CASES[case](size)),))
    began = time.perf_counter()
    result = split(script)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Result(len(result.statements), len(script.fragments[0].text.encode()), seconds, peak)


def main() -> None:
    """Measure every case, print a table, and fail where a limit is passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=50)
    size = parser.parse_args().megabytes * 1_000_000
    print(f"{'database':10} {'text':6} {'statements':>10} {'seconds':>8} {'peak MB':>8} {'x text':>7}")
    late = []
    for dialect in DIALECTS:
        for case in CASES if dialect == "postgres" else ("rows", "bulk"):
            result = alone(dialect, case, size)
            times = result.peak / result.size
            shown = f"{result.statements:10,} {result.seconds:8.2f} {result.peak / 1e6:8.0f} {times:7.1f}"
            print(f"{dialect:10} {case:6} {shown}")
            if result.seconds > LIMIT_SECONDS or times > LIMIT_TIMES:
                late.append(f"{dialect} {case}")
    if late:
        raise SystemExit(f"over the limit: {', '.join(late)}")


def alone(dialect: str, case: str, size: int) -> Result:
    """Measure one case in a new process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(measure, (dialect, case, size))


if __name__ == "__main__":
    main()
