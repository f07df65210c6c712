"""The whole platform as a program: started, used, stopped, killed, started again."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psycopg
import pytest

from surefoot.engine.dialects.postgres.embedded import EmbeddedPostgres
from surefoot.engine.dialects.postgres.programs import find_programs
from surefoot.errors import ToolFailed, UsageError
from surefoot.serve.listen import listen

PASSWORD = "seven grey herons on a Tuesday roof"
OWNER = {"email": "ada@example.org", "name": "Ada", "password": PASSWORD, "workspace": "Shop"}
HEADERS = {"X-Surefoot": "1"}
PATIENCE = 60.0


class Served:
    """A running `surefoot serve`, and what it has said."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said: list[str] = []

    def until(self, pattern: str) -> str:
        """The first group of a line that it says."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if found := re.search(pattern, line):
                return found[1]
        raise AssertionError(f"it ended before it said {pattern}: {''.join(self.said)}")

    def end(self, number: int) -> int:
        """The exit code after a signal."""
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=PATIENCE)
        self.said.append(rest)
        return self.process.returncode


@contextmanager
def served(data: Path, command: str = "serve", **variables: str) -> Iterator[Served]:
    """The program on a data directory, at a free port."""
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("SUREFOOT_", "DATABASE_URL"))},
        "SUREFOOT_DATA_DIR": str(data),
        "SUREFOOT_PORT": "0",
        "SUREFOOT_LOG_FORMAT": "json",
        **variables,
    }
    process = subprocess.Popen(
        [sys.executable, "-c", "from surefoot.cli.main import main; main()", command],
        env=environ,
        cwd=data.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield Served(process)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def server_of(data: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(data / "postgres", find_programs(None))


@pytest.fixture
def data() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="surefoot-serve-") as directory:
        # As root the database's server is another user's, who has to get there.
        Path(directory).chmod(0o755)
        yield Path(directory) / "data"
        with suppress(ToolFailed):
            server_of(Path(directory) / "data").stop()


def begin(running: Served) -> tuple[str, str]:
    """Where it listens, and the token of its set-up link."""
    return running.until(r"listens on (\S+)"), running.until(r"/setup#token=(\S+)")


def sign_in(url: str) -> int:
    given = {"email": OWNER["email"], "password": PASSWORD}
    return httpx.post(f"{url}/api/v1/sign-in", json=given, headers=HEADERS).status_code


@pytest.mark.slow
def test_a_newcomer_gets_from_nothing_to_a_workspace_and_finds_it_again(data: Path) -> None:
    with served(data) as first:
        url, token = begin(first)
        assert httpx.get(f"{url}/health/ready").json() == {"status": "ok"}
        made = httpx.post(f"{url}/api/v1/setup", json={"token": token, **OWNER}, headers=HEADERS)
        assert made.is_success, made.text
        again = httpx.post(f"{url}/api/v1/setup", json={"token": token, **OWNER}, headers=HEADERS)
        assert again.status_code == 404
        assert first.end(signal.SIGTERM) == 0
    assert not server_of(data).running()
    assert token not in "".join(first.said[first.said.index(next(x for x in first.said if token in x)) + 1 :])
    with served(data) as second:
        url = second.until(r"listens on (\S+)")
        assert sign_in(url) == 200
        assert second.end(signal.SIGINT) == 0
    assert "setup" not in "".join(second.said)


@pytest.mark.slow
def test_what_was_killed_starts_again_on_the_database_that_still_runs(data: Path) -> None:
    with served(data) as first:
        begin(first)
        first.end(signal.SIGKILL)
    assert server_of(data).running()
    with served(data) as second:
        url, _ = begin(second)
        assert httpx.get(f"{url}/health/ready").status_code == 200
        assert second.end(signal.SIGTERM) == 0


@pytest.mark.slow
def test_it_serves_on_after_its_database_was_restarted(data: Path) -> None:
    with served(data) as running:
        url, token = begin(running)
        assert httpx.post(f"{url}/api/v1/setup", json={"token": token, **OWNER}, headers=HEADERS).is_success
        server = server_of(data)
        server.stop()
        answer = httpx.get(f"{url}/health/ready", timeout=30)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert httpx.get(f"{url}/health/live").status_code == 200
        server.start()
        eventually(lambda: httpx.get(f"{url}/health/ready", timeout=30).status_code == 200)
        assert sign_in(url) == 200
        assert running.end(signal.SIGTERM) == 0


@pytest.mark.slow
def test_a_second_one_on_the_same_directory_is_refused(data: Path) -> None:
    with served(data) as first:
        url, _ = begin(first)
        with served(data) as second:
            assert second.process.wait(PATIENCE) == 2
            assert "Another `surefoot serve` works on" in (
                second.process.stdout.read() if second.process.stdout else ""
            )
        assert httpx.get(f"{url}/health/ready").status_code == 200


@pytest.mark.slow
def test_its_processes_cannot_change_the_audit_trail(data: Path) -> None:
    with served(data) as running:
        begin(running)
        with psycopg.connect(server_of(data).url("surefoot"), autocommit=True) as connection:
            roles = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles WHERE NOT rolsuper")}
            assert "surefoot_processes" in roles
            connection.execute("SET ROLE surefoot_processes")
            for statement in ("DELETE FROM", "TRUNCATE"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(f"{statement} platform.audit_events".encode())


@pytest.mark.slow
def test_api_and_worker_share_a_database(platform_url: str, data: Path) -> None:
    with (
        served(data, "api", SUREFOOT_DATABASE_URL=platform_url) as api,
        served(data, "worker", SUREFOOT_DATABASE_URL=platform_url) as worker,
    ):
        url, token = begin(api)
        assert httpx.post(f"{url}/api/v1/setup", json={"token": token, **OWNER}, headers=HEADERS).is_success
        reset = httpx.post(f"{url}/api/v1/password/reset", json={"email": OWNER["email"]}, headers=HEADERS)
        assert reset.status_code == 202
        eventually(lambda: any((data / "outbox").glob("*.eml")))
        assert [api.end(signal.SIGTERM), worker.end(signal.SIGTERM)] == [0, 0]


@pytest.mark.slow
def test_behind_a_proxy_it_says_where_it_listens_and_where_people_reach_it(platform_url: str, data: Path) -> None:
    named = {"SUREFOOT_DATABASE_URL": platform_url, "SUREFOOT_BASE_URL": "https://surefoot.example"}
    with served(data, "api", **named) as api:
        assert api.until(r"listens on (.*)").endswith("people reach it at https://surefoot.example")
        assert api.until(r"(\S+)/setup#token=") == "https://surefoot.example"


def test_alone_a_role_needs_a_database_of_others(data: Path) -> None:
    with served(data, "worker") as worker:
        said, _ = worker.process.communicate(timeout=PATIENCE)
        assert worker.process.returncode == 2
        assert "SUREFOOT_DATABASE_URL" in said


def test_a_port_that_is_taken_is_told_by_its_number() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port}"):
            listen("127.0.0.1", port)


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until it holds; a minute is for ever."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.1)
