"""A transaction that was prepared and forgotten holds its locks without a session: nobody waits for it for ever."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from surefoot.engine.dialects.postgres.embedded import EmbeddedPostgres
from surefoot.engine.model import Timeouts
from surefoot.errors import OutcomeUnknown
from tests.databases import SETTINGS, postgres_bin
from tests.engine.crash.bed import Aside, Bed

pytestmark = pytest.mark.slow


@pytest.fixture
def bed(tmp_path: Path) -> Iterator[Bed]:
    with tempfile.TemporaryDirectory(prefix="surefoot-p-", ignore_cleanup_errors=True) as directory:
        Path(directory).chmod(0o755)
        settings = {**SETTINGS, "max_prepared_transactions": "2"}
        with EmbeddedPostgres(Path(directory) / "data", postgres_bin("pg18"), settings) as server:
            yield Bed(server.url(), tmp_path / "m", timeouts=Timeouts(lock=0.3, lock_wait=1))


def test_an_index_build_behind_a_prepared_transaction_is_ended_and_looked_up(bed: Bed) -> None:
    bed.write({"1_base.up": "CREATE TABLE t (n int);"})
    bed.up()
    with bed.session() as somebody:
        somebody.execute("INSERT INTO t VALUES (1)")
        somebody.execute("PREPARE TRANSACTION 'forgotten'")
    bed.write({"2_index.up": "CREATE INDEX CONCURRENTLY i ON t (n);"})
    with pytest.raises(OutcomeUnknown, match="prepared transaction"):
        Aside(bed.up).result()
    bed.ask("ROLLBACK PREPARED 'forgotten'")
    assert bed.up() == ("2",)
