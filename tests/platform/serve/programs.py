"""The program under load: what it says goes to a file, since nobody reads along."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Program:
    """A running `surefoot`, and the file of what it says."""

    process: subprocess.Popen[bytes]
    said: Path

    def until(self, pattern: str) -> str:
        """The first group of what it says, once it has said it."""
        deadline = time.monotonic() + PATIENCE
        while (found := re.search(pattern, self.said.read_text())) is None:
            assert self.process.poll() is None, self.said.read_text()
            assert time.monotonic() < deadline, self.said.read_text()
            time.sleep(0.05)
        return found[1]

    def end(self, number: int) -> int:
        """The exit code after a signal."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@contextmanager
def program(place: Path, *command: str, **variables: str) -> Iterator[Program]:
    """The program with its data in `place/data`; killed at the end of the block where it still runs."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("SUREFOOT_", "DATABASE_URL"))}
    given = {"SUREFOOT_DATA_DIR": str(place / "data"), "SUREFOOT_PORT": "0", "SUREFOOT_LOG_FORMAT": "json", **variables}
    said = place / f"said-{len(list(place.glob('said-*')))}"
    with said.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", "from surefoot.cli.main import main; main()", *command],
            env={**environ, **given},
            cwd=place,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Program(process, said)
    finally:
        process.kill()
        process.wait()
