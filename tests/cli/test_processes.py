"""The command as a process: at a terminal, in a pipe, and when it is told to stop."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.cli.shell import SHOP, write

pytestmark = pytest.mark.slow

PROGRAM = str(Path(sys.executable).with_name("surefoot"))
SLEEP = {"003_sleep.up.sql": "CREATE TABLE half (x int);\nSELECT pg_sleep(300);\n"}


class Project:
    """A directory and a database, and the program that works on them."""

    def __init__(self, cwd: Path, url: str) -> None:
        self.cwd = cwd
        self.url = url
        self.environ = {"PATH": os.environ["PATH"], "DATABASE_URL": url, "TERM": "xterm", "COLUMNS": "100"}
        write(cwd / "migrations", SHOP)

    def start(self, *argv: str, stdout: int = subprocess.PIPE) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [PROGRAM, *argv],
            cwd=self.cwd,
            env=self.environ,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
        )

    def run(self, *argv: str) -> tuple[int, str, str]:
        process = self.start(*argv)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    def at_a_terminal(self, *argv: str, answer: bytes = b"") -> tuple[int, str]:
        """Run at a terminal of its own, and answer the question that comes; exit code and all that was shown."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.cwd)
            os.execve(PROGRAM, [PROGRAM, *argv], self.environ)
        shown = b""
        while chunk := read(terminal):
            shown += chunk
            if answer and shown.rstrip().endswith(b"[y/N]"):
                os.write(terminal, answer)
                answer = b""
        _, status = os.waitpid(pid, 0)
        os.close(terminal)
        return os.waitstatus_to_exitcode(status), shown.decode().replace("\r\n", "\n")

    def wait_for(self, query: str) -> None:
        """Wait until another session runs a query that contains this."""
        looking = "SELECT 1 FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND state = 'active' AND query LIKE %s"
        with psycopg.connect(self.url, autocommit=True) as connection:
            for _ in range(600):
                if connection.execute(looking, (f"%{query}%",)).fetchone():
                    return
                time.sleep(0.05)
        raise AssertionError(f"nobody runs {query}")

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(query.encode()).fetchall()


def read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:
        # Linux says so where the other end is closed.
        return b""


@pytest.fixture
def project(tmp_path: Path, postgres18_url: str) -> Project:
    return Project(tmp_path, postgres18_url)


def test_without_a_command_the_help_comes_through_a_pipe(project: Project) -> None:
    code, out, err = project.run()
    assert (code, err) == (2, "")
    assert "commands:" in out


def test_the_program_runs_and_in_a_pipe_it_has_no_colours(project: Project) -> None:
    code, out, err = project.run("up")
    assert (code, err) == (0, "")
    assert "✓ 2 migrations applied" in out
    assert "\033" not in out


def test_colour_can_be_forced_and_refused(project: Project) -> None:
    project.environ["FORCE_COLOR"] = "1"
    assert "\033[" in project.run("status")[1]
    project.environ["NO_COLOR"] = "1"
    assert "\033[" not in project.run("status")[1]


def test_a_terminal_has_colours_unless_it_is_told_otherwise(project: Project) -> None:
    assert "\033[34mpending" in project.at_a_terminal("status")[1]
    project.environ["NO_COLOR"] = "1"
    assert "\033" not in project.at_a_terminal("status")[1]


@pytest.mark.parametrize(
    ("answer", "code", "left"), [(b"y\n", 0, 1), (b"YES\n", 0, 1), (b"n\n", 3, 2), (b"\n", 3, 2), (b"\x04", 3, 2)]
)
def test_a_person_at_the_terminal_is_asked(answer: bytes, code: int, left: int, project: Project) -> None:
    project.run("up")
    ended, shown = project.at_a_terminal("down", answer=answer)
    assert ended == code
    assert re.search(r"Roll back on postgresql:///t_\w+: 002 orders\? \[y/N\]", shown)
    assert ("Nothing was changed." in shown) is (code == 3)
    assert project.rows("SELECT count(*) FROM surefoot.surefoot_history WHERE rolled_back_at IS NULL") == [(left,)]


def test_ctrl_c_at_the_question_changes_nothing(project: Project) -> None:
    project.run("up")
    code, shown = project.at_a_terminal("down", answer=b"\x03")
    assert code == 130
    assert "Traceback" not in shown


def test_yes_asks_nobody(project: Project) -> None:
    project.run("up")
    code, shown = project.at_a_terminal("down", "--yes")
    assert code == 0
    assert "[y/N]" not in shown


def test_what_came_up_after_the_answer_was_given_is_refused(project: Project) -> None:
    project.run("up", "--steps", "1")
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(project.cwd)
        os.execve(PROGRAM, [PROGRAM, "down"], project.environ)
    shown = b""
    while not shown.rstrip().endswith(b"[y/N]"):
        shown += read(terminal)
    project.run("up")
    os.write(terminal, b"y\n")
    while chunk := read(terminal):
        shown += chunk
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3
    os.close(terminal)
    assert b"[hook-refused]" in shown
    assert project.rows("SELECT count(*) FROM surefoot.surefoot_history WHERE rolled_back_at IS NULL") == [(2,)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_cancels_the_statement_and_leaves_a_clean_state(number: signal.Signals, project: Project) -> None:
    write(project.cwd / "migrations", SLEEP)
    process = project.start("up", "--json")
    project.wait_for("pg_sleep")
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
    events = [json.loads(line) for line in out.splitlines()]
    assert (events[-2]["kind"], events[-2]["outcome"]) == ("run_finished", "cancelled")
    assert events[-1]["error"]["code"] == "cancelled"
    assert project.rows("SELECT to_regclass('half')") == [(None,)]
    assert project.rows("SELECT count(*) FROM surefoot.surefoot_history") == [(2,)]
    assert project.rows("SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sl' || 'eep%'") == []


def test_a_signal_cancels_the_statement_although_nobody_reads_what_is_said_of_it(project: Project) -> None:
    write(project.cwd / "migrations", SLEEP)
    with project.start("up") as process:
        project.wait_for("pg_sleep")
        assert process.stderr is not None
        process.stderr.close()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
    assert project.rows("SELECT to_regclass('half')") == [(None,)]
    assert project.rows("SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sl' || 'eep%'") == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_waiting_can_be_ended(number: signal.Signals, project: Project) -> None:
    process = project.start("wait", "--url", "postgresql://nobody@127.0.0.1:1/x")
    assert process.stderr is not None
    assert process.stderr.readline().startswith("waiting: ")
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.startswith("error[cancelled] Cancelled.")


def test_a_server_that_ends_the_session_is_told_without_a_traceback(project: Project) -> None:
    write(project.cwd / "migrations", SLEEP)
    process = project.start("up")
    project.wait_for("pg_sleep")
    project.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 6
    assert "error[connection-lost]" in err
    assert "Traceback" not in err
    assert project.run("status", "--json")[0] == 0


@pytest.mark.parametrize("argv", [["up"], ["plan"], ["--help"], ["status", "--json"], ["up", "--json"]])
def test_a_reader_who_goes_away_stops_nothing(argv: list[str], project: Project) -> None:
    inner, outer = os.pipe()
    os.close(inner)
    process = project.start(*argv, stdout=outer)
    os.close(outer)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    if argv[0] == "up":
        assert project.rows("SELECT count(*) FROM surefoot.surefoot_history") == [(2,)]


def test_a_closed_output_is_no_reason_to_fail(project: Project) -> None:
    done = subprocess.run(
        f"{PROGRAM} up >&- 2>&-", shell=True, cwd=project.cwd, env=project.environ, check=False, timeout=60
    )
    assert done.returncode == 0
    assert project.rows("SELECT count(*) FROM surefoot.surefoot_history") == [(2,)]


def test_a_terminal_that_knows_few_letters_gets_them_all_in_some_form(project: Project) -> None:
    project.environ["PYTHONIOENCODING"] = "ascii"
    code, out, err = project.run("up")
    assert (code, err) == (0, "")
    assert "\\u2191 001 users" in out


def test_a_long_statement_shows_its_progress_in_one_line_of_the_terminal(project: Project) -> None:
    write(project.cwd / "migrations", {"003_sleep.up.sql": "SELECT pg_sleep(2.5);"})
    code, shown = project.at_a_terminal("up")
    assert code == 0
    assert re.search(r"003 sleep  \x1b\[2mstatement 1: running, \d", shown)
    assert len(shown.splitlines()) < 12
