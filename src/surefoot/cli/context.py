"""What a command is given, and what it makes of it: the project, the target, and a yes."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from surefoot.cli.output import Output
from surefoot.engine.dialects.target import Target
from surefoot.engine.model import Timeouts
from surefoot.engine.open import make_target
from surefoot.engine.prepare import Project, Wish
from surefoot.errors import NotConfirmed, UsageError
from surefoot.settings import Settings


@dataclass(frozen=True)
class Context:
    """A command's settings, output, own flags, and what it may pass over (`allow`)."""

    settings: Settings
    output: Output
    flags: Mapping[str, Any]
    allow: frozenset[str]
    yes: bool
    cwd: Path

    @property
    def project(self) -> Project:
        """The folder of migrations."""
        settings = self.settings
        return Project(
            self.cwd / settings.dir,
            settings.project,
            settings.folder_format,
            settings.identity,
            settings.variables,
        )

    @property
    def wish(self) -> Wish:
        """What the flags ask for."""
        flags = self.flags
        return Wish(flags.get("to"), flags.get("steps"), self.allow, flags.get("use_file", False))

    @property
    def timeouts(self) -> Timeouts:
        """How long to wait."""
        settings = self.settings
        return Timeouts(
            settings.lock_timeout,
            settings.lock_wait,
            settings.statement_timeout,
            settings.runner_wait,
            settings.connect_timeout,
        )

    def target(self) -> Target:
        """The target, not connected yet. Raises UsageError."""
        settings = self.settings
        if not settings.url:
            raise UsageError(
                "There is no database to work on.",
                hint="Give --url, set DATABASE_URL, write it to .env, or write url = ... to surefoot.toml "
                "(and name the environment with --env).",
            )
        return make_target(settings.url, schema=settings.schema, preamble=settings.preamble, timeouts=self.timeouts)

    @contextmanager
    def connected(self) -> Iterator[Target]:
        """A session on the target. Raises UsageError, Unreachable."""
        target = self.target()
        target.open()
        try:
            yield target
        finally:
            target.close()

    def confirm(self, question: str) -> None:
        """Go on after a yes: from `--yes`, or from the person at the terminal. Raises NotConfirmed."""
        if self.yes:
            return
        if not sys.stdin.isatty() or self.output.as_json:
            raise NotConfirmed(f"{question} Nobody is here to say yes.", hint="Add --yes.")
        if input(f"{question} [y/N] ").strip().lower() not in ("y", "yes"):
            raise NotConfirmed("Nothing was changed.", hint="Answer y, or add --yes.")
