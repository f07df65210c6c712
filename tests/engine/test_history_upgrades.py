"""The history's own format on every database: an older one is brought up to date, a newer one is left alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from surefoot.engine import api
from surefoot.engine.dialects.target import Target
from surefoot.errors import HistoryTooNew


def write(folder: Path, version: int) -> api.Project:
    (folder / f"{version}_t.up.sql").write_text(f"CREATE TABLE t{version} (n int);")
    return api.Project(folder)


def with_a_further_column(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a Surefoot whose history has one format more."""
    today = type(target).history_ddl

    def tomorrow(self: Target) -> Sequence[Sequence[str]]:
        return (*today(self), (f"ALTER TABLE {self.table('history')} ADD COLUMN further varchar(9)",))

    monkeypatch.setattr(type(target), "history_ddl", tomorrow)


def test_an_older_history_is_upgraded_by_the_next_run_and_a_newer_one_refused(
    any_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with api.connect(any_url) as target:
        api.up(target, write(tmp_path, 1))
        before = api.read_state(target, api.Project(tmp_path)).rows
        with monkeypatch.context() as newer:
            with_a_further_column(target, newer)
            assert api.read_state(target, api.Project(tmp_path)).rows == before
            assert api.up(target, write(tmp_path, 2)).versions == ("2",)
            assert api.read_state(target, api.Project(tmp_path)).rows[: len(before)] == before
            assert target.query(f"SELECT further FROM {target.table('history')}") == [(None,), (None,)]
        with pytest.raises(HistoryTooNew):
            api.read_state(target, api.Project(tmp_path))
