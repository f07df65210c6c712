"""What a command is given, and what it makes of it: the project, the target, and a yes."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from surefoot.cli.output import Output
from surefoot.engine.dialects.target import Target
from surefoot.engine.model import Timeouts
from surefoot.engine.open import make_target
from surefoot.engine.prepare import Project, Wish
from surefoot.errors import ConfigError, NotConfirmed, StatementFailed, UsageError
from surefoot.settings import ALLOWABLE, Settings

if TYPE_CHECKING:
    from surefoot.engine.dialects.shadow import Place


@dataclass(frozen=True, slots=True)
class Context:
    """A command's settings, its output, its own flags, and the directory that it was called in.

    `variables` are those of the environment and, beneath them, of `.env`.
    """

    settings: Settings
    output: Output
    flags: Mapping[str, Any]
    cwd: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def yes(self) -> bool:
        """Whether nobody is to be asked."""
        return bool(self.flags.get("yes"))

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
        given = (item for item in ALLOWABLE if flags.get(f"allow_{item.replace('-', '_')}"))
        allow = frozenset((*self.settings.allow, *given))
        return Wish(flags.get("to"), flags.get("steps"), allow, flags.get("use_file", False))

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

    def place(self) -> Place:
        """Where shadow databases are made; each begins empty, unless a command asks for more."""
        from surefoot.engine.dialects.shadow import Place  # most commands need none, and the import costs

        settings = self.settings
        return Place(
            target_url=settings.url,
            shadow_url=settings.shadow_url,
            beside=settings.shadow == "target",
            schema=settings.schema,
            preamble=settings.preamble,
            timeouts=self.timeouts,
            postgres_bin=Path(settings.postgres_bin) if settings.postgres_bin else None,
        )

    def target(self, *, patience: float | None = None) -> Target:
        """The target, not connected yet; `patience` seconds bound an attempt to connect. Raises UsageError."""
        settings = self.settings
        if not settings.url:
            raise UsageError(
                "There is no database to work on.",
                hint="Give --url, set DATABASE_URL, write it to .env, or write url = ... to surefoot.toml "
                "(and name the environment with --env).",
            )
        timeouts = self.timeouts
        if patience is not None:
            timeouts = replace(timeouts, connect=min(timeouts.connect, patience))
        return make_target(settings.url, schema=settings.schema, preamble=settings.preamble, timeouts=timeouts)

    @contextmanager
    def connected(self) -> Iterator[Target]:
        """A session on the target. Raises UsageError, Unreachable."""
        target = self.target()
        try:
            self._open(target)
            yield target
        finally:
            target.close()

    def _open(self, target: Target) -> None:
        try:
            target.open()
        except StatementFailed as error:
            # The only statements of ours that run by then.
            hint = "Correct `preamble` in surefoot.toml: its statements prepare each session."
            raise ConfigError(f"The preamble fails: {error.message}", hint=hint, **error.details) from error

    def confirm(self, question: str, **details: object) -> None:
        """Go on after a yes: from `--yes`, or from the person at the terminal.

        Raises NotConfirmed, with `details` for a program that wants to know what it would be saying yes to.
        """
        if self.yes:
            return
        if self.output.as_json or sys.stdin is None or not sys.stdin.isatty():
            raise NotConfirmed(f"{question} Nobody is here to say yes.", hint="Add --yes.", **details)
        if not self.output.ask(question):
            raise NotConfirmed("Nothing was changed.", hint="Answer y, or add --yes.")
