"""Which PostgreSQL runs a server of our own: a chosen one, an installed one of a version, or the embedded one."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from surefoot.engine.dialects.postgres.programs import WHEELS, find_programs, wheel_programs

_NEEDED = ("initdb", "pg_ctl", "postgres")
# Where packages of the systems we know put the programs of one major version.
_PLACES = (
    "/usr/lib/postgresql/{major}/bin",
    "/usr/pgsql-{major}/bin",
    "/usr/local/pgsql-{major}/bin",
    "/opt/homebrew/opt/postgresql@{major}/bin",
    "/usr/local/opt/postgresql@{major}/bin",
    "/home/linuxbrew/.linuxbrew/opt/postgresql@{major}/bin",
    "/opt/local/lib/postgresql{major}/bin",
    "/Library/PostgreSQL/{major}/bin",
    "/Applications/Postgres.app/Contents/Versions/{major}/bin",
)


def find_installation(chosen: Path | None, major: int | None) -> Path:
    """The directory of the programs to run: `chosen`, else one of this major version, else the embedded one.

    Raises ToolFailed where there is none at all.
    """
    if chosen is None and major is not None:
        fitting = (path for path in _candidates(major) if _holds(path) and major_of(path) == major)
        chosen = next(fitting, None)
    return find_programs(chosen)


def major_of(directory: Path) -> int:
    """The major version of the programs in a directory; 0 where they do not say."""
    try:
        answer = subprocess.run(
            [str(directory / "postgres"), "--version"], capture_output=True, text=True, check=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError):
        return 0
    version = re.search(r"\) (\d+)", answer.stdout)
    return int(version[1]) if version else 0


def _candidates(major: int) -> Iterator[Path]:
    config = shutil.which("pg_config")
    if config:
        yield from _told(config)
    for program in ("pg_ctl", "postgres"):
        if found := shutil.which(program):
            yield Path(found).resolve().parent
    yield from (Path(place.format(major=major)) for place in _PLACES)
    for wheel in WHEELS:
        if directory := wheel_programs(*wheel):
            yield directory


def _told(config: str) -> Iterator[Path]:
    try:
        answer = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return
    yield Path(answer.stdout.strip())


def _holds(directory: Path) -> bool:
    return all((directory / program).is_file() for program in _NEEDED)
