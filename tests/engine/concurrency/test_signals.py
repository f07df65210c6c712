"""Ctrl-C and SIGTERM to a real `surefoot up` cancel its statement on the server; a second one leaves at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.engine.crash.bed import Bed, until
from tests.engine.crash.postgres import snapshot

MAIN = "from surefoot.cli.main import main; main()"


@pytest.fixture
def bed(postgres18_url: str, tmp_path: Path) -> Bed:
    bed = Bed(postgres18_url, tmp_path / "migrations").write({"1_base.up": "CREATE TABLE t (n int);"})
    bed.up()
    return bed.write({"2_slow.up": "INSERT INTO t VALUES (2); SELECT pg_sleep(600);"})


@contextmanager
def surefoot_up(bed: Bed) -> Iterator[subprocess.Popen[str]]:
    """`surefoot up` in a process of its own, in the middle of its work."""
    environment = {**os.environ, "DATABASE_URL": bed.url, "NO_COLOR": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", MAIN, "up"],
        cwd=bed.folder.parent,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_cancels_the_statement_and_leaves_nothing_behind(bed: Bed, number: signal.Signals) -> None:
    before = snapshot(bed.url)
    with surefoot_up(bed) as process:
        bed.await_busy("SELECT pg_sleep(600)%")
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "cancelled" in said
    assert snapshot(bed.url) == before
    assert bed.busy("SELECT pg_sleep(600)%") is None
    bed.write({"2_slow.up": "INSERT INTO t VALUES (2);"})
    assert bed.up() == ("2",)


def test_a_signal_while_another_runner_works_ends_the_wait(bed: Bed) -> None:
    with bed.target() as other:
        assert other.lock("default")
        with surefoot_up(bed) as process:
            ours = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'surefoot %:{}'"
            until(lambda: bed.value(ours.format(process.pid)))
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
    assert process.returncode == 130


def test_a_second_signal_leaves_at_once(bed: Bed) -> None:
    # A statement that takes no notice of a cancel, for the server is not told of it: its process is stopped.
    with surefoot_up(bed) as process:
        pid = bed.await_busy("SELECT pg_sleep(600)%")
        os.kill(pid, signal.SIGSTOP)
        try:
            process.send_signal(signal.SIGINT)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=60) == 130
        finally:
            os.kill(pid, signal.SIGCONT)
    until(lambda: bed.busy("SELECT pg_sleep(600)%") is None)
    assert bed.applied() == ["1"]
