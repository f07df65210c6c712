"""A newcomer's way in a terminal: from nothing to accounts, a second factor, a token, and what the operator sees."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest

from surefoot.engine.dialects.postgres.embedded import EmbeddedPostgres
from surefoot.engine.dialects.postgres.programs import find_programs

PROGRAM = (sys.executable, "-c", "from surefoot.cli.main import main; main()")
PASSWORD = "seven grey herons on a Tuesday roof"
PATIENCE = 60.0
MARKED = pytest.mark.slow
pytestmark = MARKED


class Terminal:
    """A terminal in a directory, with a platform that runs there."""

    def __init__(self, cwd: Path, environ: dict[str, str]) -> None:
        self.cwd = cwd
        self.environ = environ

    def start(self, *argv: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*PROGRAM, *argv],
            cwd=self.cwd,
            env=self.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __call__(self, *argv: str, typed: tuple[str, ...] = (), code: int = 0) -> str:
        """Run a command to its end; what it said."""
        process = self.start(*argv)
        said, _ = process.communicate("".join(f"{line}\n" for line in typed), timeout=PATIENCE)
        assert process.returncode == code, said
        return said

    def json(self, *argv: str, typed: tuple[str, ...] = ()) -> dict[str, Any]:
        said = self(*argv, "--json", typed=typed)
        found: dict[str, Any] = json.loads(said)
        return found


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    with tempfile.TemporaryDirectory(prefix="surefoot-terminal-") as directory:
        # As root the database's server is another user's, who has to get there.
        Path(directory).chmod(0o755)
        known = {name: text for name, text in os.environ.items() if not name.startswith(("SUREFOOT_", "DATABASE_URL"))}
        own = {"SUREFOOT_PORT": "0", "XDG_CONFIG_HOME": f"{directory}/config", "NO_COLOR": "1"}
        yield Terminal(Path(directory), known | own)
        server = EmbeddedPostgres(Path(directory) / "surefoot-data" / "postgres", find_programs(None))
        if server.running():
            server.stop()


@pytest.fixture
def setup_link(terminal: Terminal) -> Iterator[str]:
    """A platform that runs, and its set-up link."""
    serving = terminal.start("serve")
    try:
        link = said_by(serving, r"(http://\S+/setup#token=\S+)")
        terminal.environ["SUREFOOT_SERVER"] = link.partition("/setup")[0]
        yield link
    finally:
        serving.terminate()
        serving.communicate(timeout=PATIENCE)


def said_by(process: subprocess.Popen[str], pattern: str) -> str:
    """The first group of a line that a program says."""
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line)
        if found := re.search(pattern, line):
            return found[1]
    raise AssertionError(f"it ended before it said {pattern}: {''.join(seen)}")


@pytest.fixture
def owner(terminal: Terminal, setup_link: str) -> str:
    """The address of the first account."""
    said = terminal("account", "open", setup_link, typed=("ada@example.org", "Ada", "Engines", PASSWORD, PASSWORD))
    assert "Engines is ready, and you are its owner" in said
    return "ada@example.org"


def second_factor(terminal: Terminal, email: str) -> str:
    """The secret of an authenticator app that was set up."""
    process = terminal.start("account", "second-factor")
    assert process.stdin is not None
    process.stdin.write(f"{email}\n{PASSWORD}\n")
    process.stdin.flush()
    secret = said_by(process, r"type the key: (\S+)")
    said, _ = process.communicate(f"{pyotp.TOTP(secret).now()}\n", timeout=PATIENCE)
    assert process.returncode == 0, said
    assert len(re.findall(r"^  \S+$", said, re.MULTILINE)) == 10
    return secret


def newest_link(terminal: Terminal) -> str:
    """The link of the newest mail; a worker writes it a moment after it was asked for."""
    for _ in range(600):
        mails = terminal.json("mail", "list")["mails"]
        if mails:
            text = terminal.json("mail", "show")["mail"]["text"]
            return str(re.findall(r"http://\S+#token=\S+", text)[0])
    raise AssertionError("no mail came")


def test_the_first_account_gets_a_second_factor(terminal: Terminal, owner: str) -> None:
    second_factor(terminal, owner)
    said = terminal("account", "sessions", typed=(owner, PASSWORD, "000000"), code=3)
    assert "error[sign-in-failed]" in said
    (factor,) = [event for event in terminal.json("audit", "list")["events"] if event["action"] == "totp.add"]
    assert factor["actor_label"] == owner


def test_somebody_signs_up_by_the_mail_in_the_outbox(terminal: Terminal, owner: str) -> None:
    terminal("account", "sign-up", "bob@example.net")
    link = newest_link(terminal)
    said = terminal("account", "open", link, typed=("Bob", "too short", "too short"), code=3)
    assert "error[invalid] A password has 15 to 256 characters" in said
    assert "The account is ready" in terminal("account", "open", link, typed=("Bob", PASSWORD, PASSWORD))
    assert "error[not-found]" in terminal("account", "open", link, typed=("Bob", PASSWORD, PASSWORD), code=3)
    sessions = terminal.json("account", "sessions", typed=("bob@example.net", PASSWORD))["sessions"]
    assert [each["current"] for each in sessions] == [True]
    assert [each["email"] for each in terminal.json("accounts", "list")["accounts"]] == [owner, "bob@example.net"]


def test_a_machine_is_signed_in_by_approval_elsewhere(terminal: Terminal, owner: str) -> None:
    waiting = terminal.start("login")
    code = said_by(waiting, r"surefoot account approve (\S+)")
    terminal("account", "approve", code, "--yes", typed=(owner, PASSWORD))
    said, _ = waiting.communicate(timeout=PATIENCE)
    assert waiting.returncode == 0, said
    assert f"signed in as {owner}" in said
    kept = terminal.cwd / "config" / "surefoot" / "tokens.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    terminal("logout")
    assert json.loads(kept.read_text()) == {}
    assert "error[not-signed-in]" in terminal("logout", code=3)


def test_the_operator_lifts_a_lockout_and_sees_that_the_trail_is_whole(terminal: Terminal, owner: str) -> None:
    for _ in range(5):
        terminal("account", "sessions", typed=(owner, "a wrong password, again"), code=3)
    assert "error[too-many]" in terminal("account", "sessions", typed=(owner, PASSWORD), code=5)
    assert f"{owner} may try" in terminal("accounts", "unlock", owner)
    assert "● this one" in terminal("account", "sessions", typed=(owner, PASSWORD))
    assert terminal("accounts", "unlock", "nobody@example.org", code=3).startswith("error[not-found]")
    assert f"{owner} is disabled" in terminal("accounts", "disable", owner)
    assert "error[sign-in-failed]" in terminal("account", "sessions", typed=(owner, PASSWORD), code=3)
    assert [each["lockouts"][0][:14] for each in terminal.json("accounts", "list")["accounts"]] == ["disabled since"]
    assert f"{owner} is enabled" in terminal("accounts", "enable", owner)
    assert terminal.json("keys", "rotate")["damaged"] == []
    actions = {event["action"] for event in terminal.json("audit", "list")["events"]}
    assert {"account.create", "session.begin", "account.unlock", "account.disable", "keys.rotate"} <= actions
    said = terminal("audit", "export", "out.csv", "--form", "csv")
    assert "out.csv" in said
    assert "account.unlock" in (terminal.cwd / "out.csv").read_text()
    assert terminal("audit", "export", "out.csv", code=2).startswith("error[usage] ")


@pytest.mark.parametrize("argv", [("account", "sessions"), ("logout",), ("login", "--with-token")])
def test_a_server_that_is_not_there_is_told(terminal: Terminal, argv: tuple[str, ...]) -> None:
    terminal.environ |= {"SUREFOOT_SERVER": "http://localhost:1", "SUREFOOT_TOKEN": "sft_pat_x"}
    said = terminal(*argv, typed=("a@example.org", PASSWORD), code=6)
    assert said.startswith("error[unreachable] http://localhost:1 does not answer")


def test_the_operators_commands_want_a_platform(terminal: Terminal) -> None:
    said = terminal("accounts", "list", code=2)
    assert said.startswith("error[usage] There is no platform in surefoot-data.")
