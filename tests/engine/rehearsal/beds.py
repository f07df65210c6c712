"""Folders of migrations, and shadow databases of each kind to rehearse them on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from surefoot.engine.dialects.shadow import Place, Shadow
from surefoot.engine.model import Folder
from surefoot.engine.prepare import Project
from surefoot.engine.rehearsal.model import Report
from surefoot.engine.rehearsal.rehearse import RehearsalOptions, rehearse
from surefoot.engine.rehearsal.shadows import opened
from surefoot.engine.rehearsal.stage import Stage
from surefoot.engine.rehearsal.stakes import Stakes
from surefoot.engine.rehearsal.trial import Trial
from tests.cli.shell import write

DIALECTS = {"pg16": "postgres", "pg18": "postgres", "mariadb": "mysql", "sqlite": "sqlite"}
Pairs = Mapping[str, tuple[str, str | None]]


@dataclass(frozen=True, slots=True)
class Bed:
    """A kind of database, a server for shadows of it, and a directory for folders."""

    kind: str
    place: Place
    path: Path

    @property
    def dialect(self) -> str:
        """The dialect of the kind."""
        return DIALECTS[self.kind]

    def folder(self, pairs: Pairs) -> Project:
        """A folder of migrations `001`, `002`, ... with these ups and downs, by name."""
        directory = self.path / "migrations"
        for number, (name, (up, down)) in enumerate(pairs.items(), 1):
            files = {f"{number:03}_{name}.up.sql": up}
            write(directory, files if down is None else {**files, f"{number:03}_{name}.down.sql": down})
        return Project(directory)

    def options(self, **given: Any) -> RehearsalOptions:
        """What to rehearse, on this kind."""
        return replace(RehearsalOptions(self.dialect, self.place), **given)

    def rehearse(self, pairs: Pairs, **given: Any) -> Report:
        """Rehearse a folder of these migrations."""
        return rehearse(self.folder(pairs), self.options(**given))

    @contextmanager
    def trial(self, rows: int = 5, between: int = 3) -> Iterator[tuple[Shadow, Trial]]:
        """A shadow, and a trial that begins on it."""
        with opened(self.dialect, self.place) as shadow:
            stage = Stage(shadow, Folder("", "native", ()))
            stage.keep()
            yield shadow, Trial(stage, Stakes(shadow, rows, between))


def verdicts(report: Report) -> dict[str, str]:
    """The verdict of each migration, by name."""
    return {rehearsed.name: rehearsed.verdict.value for rehearsed in report.migrations}
