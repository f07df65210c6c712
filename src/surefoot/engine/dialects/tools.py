"""What the dialects share beside SQL: running a database's own programs, and comparing clocks."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from surefoot.engine.dialects.target import Check
from surefoot.errors import ToolFailed

_DUMP_SECONDS = 600
_CLOCK_LIMIT = 5.0


def output_of(command: Sequence[str], environment: Mapping[str, str]) -> str:
    """What a program writes, run with these variables on top of ours. Raises ToolFailed with its own words."""
    try:
        done = subprocess.run(
            command,
            env={**os.environ, "LC_ALL": "C", **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=_DUMP_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolFailed(f"{command[0]} did not run: {error}", hint="Run it by hand to see why.") from None
    if done.returncode != 0:
        raise ToolFailed(f"{command[0]} failed: {done.stderr.strip()}", hint="Run it by hand to see why.")
    return done.stdout


def check_clock(server_time: Callable[[], datetime]) -> Check:
    """The server's clock beside this machine's; `server_time` asks for it as an aware datetime."""
    before = datetime.now(UTC)
    server = server_time()
    after = datetime.now(UTC)
    skew = (server - before - (after - before) / 2).total_seconds()
    finding = f"the server's differs by {abs(skew):.1f} s from this machine's"
    if abs(skew) > _CLOCK_LIMIT:
        return Check("clock", "warning", finding, "Times in the history are the server's; check NTP on both.")
    return Check("clock", "ok", finding)


def check_dump(program: Callable[[], Path]) -> Check:
    """Whether the program that dumps this server's schema is there; only who wants dumps needs it."""
    try:
        return Check("dump", "ok", f"{program().name} is there for `surefoot dump`")
    except ToolFailed as error:
        return Check("dump", "info", error.message, error.hint)
