"""What is at stake in one migration is at stake in the next one as well."""

from __future__ import annotations

import pytest

from surefoot.engine.dialects.shadow import Place
from surefoot.engine.model import Folder
from surefoot.engine.rehearsal.model import Verdict
from surefoot.engine.rehearsal.shadows import opened
from surefoot.engine.rehearsal.stage import Stage
from surefoot.engine.rehearsal.stakes import Stakes
from surefoot.engine.rehearsal.trial import Trial
from tests.engine.rehearsal.cases import migration

ADD, DROP = "ALTER TABLE users ADD COLUMN note {};", "ALTER TABLE users DROP COLUMN note;"


@pytest.mark.parametrize("dialect", ["postgres", "sqlite"])
@pytest.mark.parametrize("column", ["text", "text NOT NULL DEFAULT 'new'"])
def test_what_an_earlier_trial_took_away_is_there_again_for_the_next_one(dialect: str, column: str) -> None:
    with opened(dialect, Place()) as shadow:
        stage = Stage(shadow, Folder("", "native", ()))
        stage.keep()
        trial = Trial(stage, Stakes(shadow, 5))
        trial.rehearse(migration("1", "CREATE TABLE users (id integer PRIMARY KEY);", "DROP TABLE users;"))
        added = trial.rehearse(migration("2", ADD.format(column), DROP))
        dropped = trial.rehearse(migration("3", DROP, ADD.format(column)))
    assert added.verdict is Verdict.PROVEN
    assert (dropped.verdict, dropped.losses[0].columns) == (Verdict.LOSSY, ("note",))
