"""The benchmark's figures as a page: a table with ratios, the spread, and whether the aims are reached."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import psycopg

from bench.installed import output
from bench.peers import Peer

NOTHING = "nothing to do"
SETTINGS = ("server_version", "fsync", "synchronous_commit", "wal_sync_method", "shared_buffers")

Times = dict[tuple[str, str], list[float]]
"""Tool and column → the seconds of each run."""


def report(
    times: Times, tools: tuple[Peer, ...], imported: str, connection: psycopg.Connection, repetitions: int
) -> str:
    """The whole page, in Markdown."""
    columns = [*dict.fromkeys(column for _, column in times if column != NOTHING), NOTHING]
    names = [*(tool.name for tool in tools), imported]
    floor = tools[0].name
    largest = columns[-2]
    return "\n".join(
        [
            f"# Applying trivial migrations: {datetime.now(UTC):%Y-%m-%d}",
            "",
            about(repetitions, floor, largest),
            "",
            *table(columns, names, lambda name, column: cell(times, name, column, floor)),
            "",
            *aims(times, tools, imported, largest),
            "",
            "## Spread (fastest – slowest, ms)",
            "",
            *table(columns, names, lambda name, column: spread(times.get((name, column), []))),
            "",
            "## Where",
            "",
            *place(connection),
            "",
        ]
    )


def about(repetitions: int, floor: str, largest: str) -> str:
    """What the figures are."""
    return (
        f"Medians of {repetitions} interleaved runs of a whole process, each on a fresh database; in "
        f"brackets the median ratio to {floor} in the same round. {floor} runs the same statements, one "
        f"transaction each, and keeps no history. *{NOTHING.capitalize()}*: after the {largest} were "
        f"applied ({floor}: `SELECT 1`)."
    )


def table(columns: list[str], names: list[str], fill: Callable[[str, str], str]) -> list[str]:
    """The lines of a Markdown table."""
    rows = [["", *columns], ["---", *("---:" for _ in columns)]]
    rows += [[name, *(fill(name, column) for column in columns)] for name in names]
    return ["| " + " | ".join(row) + " |" for row in rows]


def cell(times: Times, name: str, column: str, floor: str) -> str:
    """A median with its ratio to the floor."""
    if (name, column) not in times:
        return ""
    return f"{milliseconds(median(times[name, column]))} ms ({ratio(times, name, floor, column):.2f} ×)"


def ratio(times: Times, name: str, other: str, column: str) -> float:
    """The median of the ratios within each round: what slows a whole round down drops out."""
    return median(ours / theirs for ours, theirs in zip(times[name, column], times[other, column], strict=True))


def spread(seconds: list[float]) -> str:
    """The fastest and the slowest run."""
    return f"{milliseconds(min(seconds))} – {milliseconds(max(seconds))}" if seconds else ""


def milliseconds(seconds: float) -> str:
    """Seconds as whole milliseconds, with thousands apart."""
    return f"{seconds * 1000:,.0f}"


def aims(times: Times, tools: tuple[Peer, ...], imported: str, largest: str) -> list[str]:
    """One line for each aim, with the figure and whether it is reached."""
    floor, ours, *others = tools
    idle, allowed = median(times[ours.name, NOTHING]), median(times[imported, NOTHING]) + 0.1
    return [
        aim(f"{largest} within 1.5 × {floor.name}", ratio(times, ours.name, floor.name, largest), 1.5),
        *(aim(f"{largest} ahead of {it.name}", ratio(times, ours.name, it.name, largest), 1) for it in others),
        aim(f"nothing to do within `{imported}` + 100 ms ({milliseconds(allowed)} ms)", idle / allowed, 1),
        *(
            aim(f"nothing to do ahead of {it.name}", ratio(times, ours.name, it.name, NOTHING), 1)
            for it in others
            if it.interpreted
        ),
    ]


def aim(what: str, share: float, limit: float) -> str:
    """An aim, reached or not."""
    return f"- {what}: {'reached' if share <= limit else '**not reached**'} ({share:.2f} ×)"


def place(connection: psycopg.Connection) -> list[str]:
    """The machine, the server with its settings, and the commit."""
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    return [
        f"- {processor()}, {machine}, Python {platform.python_version()}",
        f"- embedded PostgreSQL: {', '.join(setting(connection, name) for name in SETTINGS)}",
        f"- commit {output('git', 'rev-parse', '--short', 'HEAD')}",
    ]


def setting(connection: psycopg.Connection, name: str) -> str:
    """A setting of the server, with its name."""
    row = connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
    return f"{name} {row[0] if row else '?'}"


def processor() -> str:
    """The processor's name where the system tells it."""
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())
