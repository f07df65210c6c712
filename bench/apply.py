"""Apply 1, 100 and 500 trivial migrations, and none, with Surefoot and its peers side by side: `make bench`.

All run on one embedded PostgreSQL with its default durability, each on a fresh database, interleaved. Every
run is checked: a tool that did not make all the tables fails the benchmark.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import sql

from bench.installed import ROOT, Installed, install
from bench.peers import Peer, peers, with_driver
from bench.report import NOTHING, Times, report
from surefoot.engine.dialects.postgres.embedded import EmbeddedPostgres
from surefoot.engine.dialects.postgres.programs import find_programs

TABLES = r"SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'item\_%'"
IMPORT = "import psycopg"


def main() -> None:
    """Measure, print the report and keep it in `bench/results`."""
    arguments = _arguments()
    installed = install(ROOT / "bench" / ".cache")
    with scratch() as folder, EmbeddedPostgres(folder / "data", find_programs()) as server:
        tools = peers(installed, server.bin / "psql")
        times = measure(server, tools, installed, folder, arguments.sizes, arguments.repetitions)
        with psycopg.connect(server.url()) as connection:
            text = report(times, tools, IMPORT, connection, arguments.repetitions)
    path = ROOT / "bench" / "results" / f"{datetime.now(UTC):%Y-%m-%d}-apply.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    sys.stdout.write(f"\n{text}\nKept in {path.relative_to(ROOT)}\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 100, 500])
    return parser.parse_args()


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder on a real disk, which the user that the server runs as may enter."""
    with tempfile.TemporaryDirectory(prefix="surefoot-bench-", dir="/var/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def measure(
    server: EmbeddedPostgres,
    tools: tuple[Peer, ...],
    installed: Installed,
    folder: Path,
    sizes: list[int],
    repetitions: int,
) -> Times:
    """All the times, in seconds. A first round, which is not counted, warms every cache."""
    projects = {(tool.name, size): write_project(tool, size, folder) for tool in tools for size in sizes}
    times: Times = defaultdict(list)
    for repetition in range(repetitions + 1):
        counted: Times = times if repetition else defaultdict(list)
        counted[IMPORT, NOTHING].append(timed((installed.surefoot / "python", "-c", IMPORT), folder, ""))
        for size in sizes:
            for tool in rotated(tools, repetition):
                one_run(server, tool, size, projects[tool.name, size], counted, last=size == sizes[-1])
        sys.stderr.write(f"round {repetition} of {repetitions}\n")
    return times


def write_project(tool: Peer, size: int, folder: Path) -> Path:
    """The tool's own folder of so many migrations."""
    project = folder / f"{tool.name.replace(' ', '-').replace(',', '')}-{size}"
    project.mkdir()
    tool.write(project, size)
    return project


def rotated(tools: tuple[Peer, ...], by: int) -> tuple[Peer, ...]:
    """The tools in another order each round: none is always the one after a slow one."""
    by %= len(tools)
    return tools[by:] + tools[:by]


def one_run(server: EmbeddedPostgres, tool: Peer, size: int, project: Path, times: Times, *, last: bool) -> None:
    """Apply the project to a fresh database; after the last size, once more with nothing left to do."""
    with database(server) as url:
        times[tool.name, str(size)].append(timed(tool.command(project, url), project, url))
        require_tables(url, tool, size)
        if last:
            times[tool.name, NOTHING].append(timed((tool.nothing or tool.command)(project, url), project, url))
            require_tables(url, tool, size)


@contextmanager
def database(server: EmbeddedPostgres) -> Iterator[str]:
    """A fresh database. The checkpoint keeps the writing of the last one out of the next one's time."""
    name = sql.Identifier("bench")
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
        connection.execute("CHECKPOINT")
        try:
            yield server.url("bench")
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def timed(command: tuple[str | Path, ...], folder: Path, url: str) -> float:
    """The seconds from the start of the process to its end; its environment lets Python keep byte code."""
    environment = {
        "PATH": os.defpath,
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "DATABASE_URL": with_driver(url),
    }
    began = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    if done.returncode != 0:
        raise SystemExit(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
    return seconds


def require_tables(url: str, tool: Peer, size: int) -> None:
    """Stop the benchmark where a tool has not made all the tables."""
    with psycopg.connect(url) as connection:
        found = connection.execute(TABLES).fetchone()
    if found != (size,):
        raise SystemExit(f"{tool.name} made {found} tables, not {size}.")


if __name__ == "__main__":
    main()
