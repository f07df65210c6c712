"""What the command line makes of answers that are none of Surefoot's, and of tokens that are good no more."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.cli.shell import Shell


class Strange(ThreadingHTTPServer):
    """A server that gives every request the same answer."""

    status, body, fields = 200, b"", dict[str, str]()


class _Handler(BaseHTTPRequestHandler):
    server: Strange

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(self.server.status)
        for name, value in {**self.server.fields, "Content-Length": str(len(self.server.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.server.body)

    do_DELETE = do_POST  # noqa: N815 - the names are the library's

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def strange() -> Iterator[Strange]:
    with Strange(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], tmp_path: Path, strange: Strange) -> Shell:
    shell = Shell(capsys, tmp_path)
    shell.environ |= {
        "SUREFOOT_SERVER": f"http://127.0.0.1:{strange.server_port}",
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
    }
    return shell


def keep(shell: Shell, tmp_path: Path, token: str) -> Path:
    path = tmp_path / "config" / "surefoot" / "tokens.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({shell.environ["SUREFOOT_SERVER"]: token}))
    return path


def test_a_redirection_is_no_success(shell: Shell, strange: Strange) -> None:
    strange.status, strange.fields = 308, {"Location": "https://surefoot.example.org/"}
    said = shell("account", "sign-up", "ada@example.org")
    assert said.code != 0
    assert "308 Permanent Redirect, and points to https://surefoot.example.org/" in said.err


def test_a_token_is_kept_where_a_redirection_kept_it_from_being_revoked(
    shell: Shell, strange: Strange, tmp_path: Path
) -> None:
    path = keep(shell, tmp_path, "sft_pat_kept")
    strange.status, strange.fields = 301, {"Location": "https://surefoot.example.org/"}
    assert shell("logout").code != 0
    assert "sft_pat_kept" in path.read_text()


@pytest.mark.parametrize("body", [b"<html>welcome</html>", b"[1]", b"\xff"])
def test_another_programs_page_is_no_success(shell: Shell, strange: Strange, body: bytes) -> None:
    strange.body = body
    said = shell("account", "sign-up", "ada@example.org")
    assert said.code != 0
    assert "none of Surefoot's answers" in said.err


def test_a_token_that_is_good_no_more_is_forgotten(shell: Shell, strange: Strange, tmp_path: Path) -> None:
    path = keep(shell, tmp_path, "sft_pat_kept")
    strange.status, strange.body = 401, json.dumps({"code": "not-signed-in", "detail": "It expired."}).encode()
    assert "was not valid any more" in shell.ok("logout").out
    assert json.loads(path.read_text()) == {}


def test_a_file_of_tokens_that_is_broken_is_told(shell: Shell, tmp_path: Path) -> None:
    path = keep(shell, tmp_path, "sft_pat_kept")
    path.write_text("{")
    said = shell("logout")
    assert said.code == 2
    assert f"{path} holds no tokens that can be read" in said.err


def test_signing_the_variables_token_out_keeps_the_machines_own(shell: Shell, strange: Strange, tmp_path: Path) -> None:
    path = keep(shell, tmp_path, "sft_pat_kept")
    shell.environ["SUREFOOT_TOKEN"] = "sft_pat_other"
    strange.status = 204
    shell.ok("logout")
    assert "sft_pat_kept" in path.read_text()
