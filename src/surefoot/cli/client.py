"""The platform as the command line talks to it: JSON over HTTP, and problems as Surefoot's own errors."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx

from surefoot import __version__, errors
from surefoot.cli.context import Context
from surefoot.errors import NotConfirmed, SurefootError, Unreachable, UsageError

DEFAULT_SERVER = "http://localhost:8000"
# An answer takes no longer, a password's hash included. Seconds.
_PATIENCE = 30.0


class Client:
    """A conversation with one server. A session lasts as long as it; a token is sent with each request."""

    def __init__(self, server: str, token: str | None = None) -> None:
        """`server` is its base URL, such as `https://surefoot.example.org`. Raises UsageError."""
        parts = urlsplit(server)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise UsageError(f"{server} is not the address of a server.", hint="Give --server https://HOST.")
        self.server = server.rstrip("/")
        origin = f"{parts.scheme}://{parts.netloc}"
        headers = {"User-Agent": f"surefoot/{__version__}", "X-Surefoot": "1", "Origin": origin}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(base_url=f"{self.server}/api/v1", headers=headers, timeout=_PATIENCE)

    def close(self) -> None:
        """End the conversation."""
        self._http.close()

    def call(self, method: str, path: str, body: Mapping[str, object] | None = None) -> dict[str, Any]:
        """Ask for something; the answer's JSON, or nothing. Raises Unreachable, and what the server refused with."""
        try:
            answer = self._http.request(method, path, json=body)
        except httpx.HTTPError as error:
            hint = "Is it running? Give --server, or set SUREFOOT_SERVER."
            raise Unreachable(f"{self.server} does not answer: {error}.", hint=hint) from error
        # A redirection is no success: what was asked for was not done.
        if not answer.is_success:
            raise _problem(answer)
        return _object(answer) if answer.content else {}


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise _strange(answer)
    return found


def _problem(answer: httpx.Response) -> SurefootError:
    """The server's problem details as the error that it is."""
    try:
        found = answer.json()
        code, text = str(found["code"]), str(found.get("detail") or found.get("title"))
    except (ValueError, KeyError, TypeError):
        return _strange(answer)
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, SurefootError)]
    kind = next((kind for kind in kinds if kind.code == code), SurefootError)
    return kind(_with_fields(text, found), hint=str(found.get("hint") or ""))


def _strange(answer: httpx.Response) -> SurefootError:
    where = answer.headers.get("location")
    said = f"{answer.status_code} {answer.reason_phrase}" + (f", and points to {where}" if where else "")
    text = f"The server answered {said}: that is none of Surefoot's answers."
    return SurefootError(text, hint="Is --server, or SUREFOOT_SERVER, the address of Surefoot's own server?")


def _with_fields(text: str, found: dict[str, Any]) -> str:
    fields = [f"{each.get('pointer', '')} {each.get('detail', '')}".strip() for each in found.get("errors") or ()]
    return f"{text} ({'; '.join(fields)})" if fields else text


@contextmanager
def conversation(context: Context, token: str | None = None, server: str | None = None) -> Iterator[Client]:
    """A conversation with the server of `--server`, SUREFOOT_SERVER, or this machine."""
    client = Client(server or server_of(context), token)
    try:
        yield client
    finally:
        client.close()


def server_of(context: Context) -> str:
    """The address of the server that is meant."""
    given = context.flags.get("server") or context.variables.get("SUREFOOT_SERVER") or DEFAULT_SERVER
    return str(given).rstrip("/")


def ask(label: str) -> str:
    """Something that the person types: at the terminal, or the next line of standard input."""
    return _line(label) if _at_terminal() else _next_line(label)


def ask_secret(label: str) -> str:
    """A secret, which is not shown as it is typed."""
    return getpass.getpass(f"{label}: ", stream=sys.stderr) if _at_terminal() else _next_line(label)


def _at_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _line(label: str) -> str:
    print(f"{label}: ", end="", file=sys.stderr, flush=True)  # noqa: T201  # a question, and no output
    return sys.stdin.readline().strip()


def _next_line(label: str) -> str:
    line = sys.stdin.readline() if sys.stdin is not None else ""
    if not line:
        raise NotConfirmed(f"{label} is needed.", hint="Type it at a terminal, or give it as a line of standard input.")
    return line.strip()
