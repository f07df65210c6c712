"""What breaks while people work: the database goes away, the mail server is not there, an API process is killed."""

from __future__ import annotations

import os
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import psycopg
import pytest

from surefoot.engine.dialects.postgres.embedded import EmbeddedPostgres
from surefoot.engine.dialects.postgres.programs import find_programs
from tests.platform.notifications.conftest import Inbox, smtp_server
from tests.platform.serve.programs import PATIENCE, Program, program
from tests.platform.serve.writers import HEADERS, Writers

pytestmark = pytest.mark.slow
# As PostgreSQL names the ways to end it: at once with its sessions, and at once with nothing written down.
FAST, IMMEDIATE = signal.SIGINT, signal.SIGQUIT
OWNER = {"email": "ada@example.org", "name": "Ada", "password": "seven grey herons on a roof", "workspace": "Shop"}


@pytest.fixture
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="surefoot-faults-") as directory:
        # As root the database's server is another user's, who has to get there.
        Path(directory).chmod(0o755)
        yield Path(directory)


@pytest.fixture
def server(place: Path) -> Iterator[EmbeddedPostgres]:
    """A database's server that may be broken: no other test uses it."""
    with EmbeddedPostgres(place / "postgres", find_programs(None), {"fsync": "off"}) as running:
        yield running


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def set_up(running: Program) -> tuple[Writers, str]:
    """Somebody signed in, and their first workspace."""
    url, token = running.until(r"listens on (\S+)"), running.until(r"/setup#token=(\S+)")
    with httpx.Client(base_url=f"{url}/api/v1", headers=HEADERS) as client:
        client.post("/setup", json={"token": token, **OWNER}).raise_for_status()
        workspace = client.get("/workspaces").raise_for_status().json()["items"][0]["id"]
        return Writers(url, client.cookies), workspace


def end(server: EmbeddedPostgres, how: signal.Signals) -> None:
    """End the server in one of its ways."""
    os.kill(int((server.data / "postmaster.pid").read_text().splitlines()[0]), how)
    eventually(lambda: not server.running())


def check_creations(url: str, writers: Writers) -> None:
    """What was acknowledged is there, once, with one event of the audit trail each; and nothing else is."""
    with psycopg.connect(url) as connection:
        made = connection.execute(
            "SELECT name, id::text FROM platform.workspaces WHERE name <> %s", (OWNER["workspace"],)
        )
        assert sorted(made.fetchall()) == sorted(writers.acknowledged.items())
        told = connection.execute(
            "SELECT about FROM platform.audit_events WHERE action = 'workspace.create' AND after->>'name' <> %s",
            (OWNER["workspace"],),
        )
        about = [f"workspace/{workspace}" for workspace in writers.acknowledged.values()]
        assert sorted(row[0] for row in told) == sorted(about)


def verify_audit(place: Path, url: str) -> str:
    """What `surefoot audit verify` says, which must find the trail whole."""
    with program(place, "audit", "verify", SUREFOOT_DATABASE_URL=url) as verifying:
        assert verifying.process.wait(PATIENCE) == 0, verifying.said.read_text()
        return verifying.said.read_text()


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until it holds; a minute is for ever."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.1)


@pytest.mark.parametrize("how", [FAST, IMMEDIATE], ids=["restarted", "crashed"])
def test_no_write_is_lost_or_doubled_when_the_database_goes_away(
    server: EmbeddedPostgres, place: Path, how: signal.Signals
) -> None:
    inbox, url, port = Inbox(), server.url(), free_port()
    variables = {"SUREFOOT_DATABASE_URL": url, "SUREFOOT_SMTP_URL": f"smtp+plain://127.0.0.1:{port}"}
    people = [f"person{number}@example.org" for number in range(12)]
    with program(place, "api", **variables) as api, program(place, "worker", **variables) as worker:
        writers, workspace = set_up(api)
        path = f"/workspaces/{workspace}/invitations"
        with writers.at_work(), writers.client() as owner:
            for person in people[:6]:
                writers.create(owner, path, person, {"email": person, "role": "viewer"})
            writers.until_more(50)
            end(server, how)
            refused = owner.post(
                path, json={"email": people[6], "role": "viewer"}, headers={"Idempotency-Key": "asked-in-vain"}
            )
            assert refused.status_code == 503
            server.start()
            for person in people[6:]:
                writers.create(owner, path, person, {"email": person, "role": "viewer"})
            writers.until_more(50)
        assert not inbox.messages
        with smtp_server(inbox, port):
            eventually(lambda: set(inbox.recipients) >= set(people))
            # The queue is empty: nothing is on its way a second time.
            eventually(lambda: not unsent(url))
        assert sorted(inbox.recipients) == sorted(people)
        assert writers.turned_away > 0
        check_creations(url, writers)
        assert [api.process.poll(), worker.process.poll()] == [None, None]
        assert [worker.end(signal.SIGTERM), api.end(signal.SIGTERM)] == [0, 0]
    verify_audit(place, url)


def unsent(url: str) -> int:
    """Jobs and mails that have not ended."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM platform.procrastinate_jobs WHERE status IN ('todo', 'doing'))"
            " + (SELECT count(*) FROM platform.mails WHERE sealed IS NOT NULL)"
        ).fetchone()
    assert row is not None
    return int(row[0])


def test_each_change_has_one_event_when_api_processes_are_killed(server: EmbeddedPostgres, place: Path) -> None:
    url, port = server.url(), free_port()
    variables = {"SUREFOOT_DATABASE_URL": url, "SUREFOOT_PORT": str(port)}
    with ExitStack() as stack:
        worker = stack.enter_context(program(place, "worker", **variables))
        running = stack.enter_context(program(place, "api", **variables))
        writers, _ = set_up(running)
        with writers.at_work():
            for more in (40, 55, 70):
                writers.until_more(more)
                running.process.kill()
                running.process.wait()
                running = stack.enter_context(program(place, "api", **variables))
            writers.until_more(40)
        assert [worker.end(signal.SIGTERM), running.end(signal.SIGTERM)] == [0, 0]
    assert writers.turned_away > 0
    check_creations(url, writers)
    verify_audit(place, url)
