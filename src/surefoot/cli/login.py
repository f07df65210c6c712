"""Signing this machine in: a token for the command line, approved in a browser, kept in one file."""

from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path
from typing import Any

from surefoot.cli.client import Client, ask_secret, conversation, server_of
from surefoot.cli.context import Context
from surefoot.errors import DevicePending, DeviceTooFast, NotSignedIn, UsageError

# What the command line may do with its token, where nobody says otherwise.
_SCOPES = ("workspace:read", "members:read", "projects:read", "projects:write", "environments:read", "targets:read")
_SLOWER = 5


def login(context: Context) -> int:
    """Get a token by approval in a browser, or keep one that is given; it is kept for this server."""
    server, output = server_of(context), context.output
    with conversation(context) as client:
        token = ask_secret("Token") if context.flags.get("with_token") else _approved(context, client)
    with conversation(context, token=token) as client:
        found = client.call("GET", "/tokens/current")
    _keep(context, server, token)
    output.line(f"{output.paint('✓', 'green')} {server}: signed in as {found['owner']}, until {found['expires_at']}")
    output.document({"kind": "login", "server": server, "token": found})
    return 0


def logout(context: Context) -> int:
    """Revoke this machine's token for the server, and forget it, also where the server knows it no more."""
    server, said = server_of(context), "the token is revoked"
    token = kept_token(context)
    with conversation(context, token=token) as client:
        try:
            client.call("DELETE", "/tokens/current")
        except NotSignedIn:
            said = "the token was not valid any more"
    # SUREFOOT_TOKEN may name another one than is kept, which is still good.
    if _kept(context).get(server) == token:
        _keep(context, server, None)
    context.output.line(f"{server}: signed out; {said}.")
    context.output.document({"kind": "logout", "server": server})
    return 0


def kept_token(context: Context) -> str:
    """The token for the server: SUREFOOT_TOKEN, or the one that `login` kept. Raises NotSignedIn."""
    server = server_of(context)
    token = context.variables.get("SUREFOOT_TOKEN") or _kept(context).get(server)
    if not token:
        raise NotSignedIn(f"No token is known for {server}.", hint="Run `surefoot login`, or set SUREFOOT_TOKEN.")
    return str(token)


def _approved(context: Context, client: Client) -> str:
    asked = {"client": f"surefoot on {socket.gethostname()}"[:80], "scopes": list(_SCOPES)}
    begun = client.call("POST", "/device/code", asked)
    output = context.output
    output.error(f"Open {begun['verification_uri']} and type {output.paint_error(begun['user_code'], 'bold')}")
    output.error(f"or, without a browser: surefoot account approve {begun['user_code']}")
    return _waited(context, client, begun)


def _waited(context: Context, client: Client, begun: dict[str, Any]) -> str:
    """Ask until somebody has approved it. Raises DeviceDenied, DeviceExpired."""
    pause = int(begun["interval"])
    while True:
        context.output.transient("waiting for approval ...")
        time.sleep(pause)
        try:
            return str(client.call("POST", "/device/token", {"device_code": begun["device_code"]})["access_token"])
        except DeviceTooFast:
            pause += _SLOWER
        except DevicePending:
            continue


def _kept(context: Context) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(_file(context).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        file = _file(context)
        raise UsageError(f"{file} holds no tokens that can be read.", hint="Delete it, and sign in anew.") from error
    return found


def _keep(context: Context, server: str, token: str | None) -> None:
    """Write the file anew, for the person's own eyes, whole or not at all."""
    path = _file(context)
    known = {**_kept(context), server: token}
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump({name: text for name, text in known.items() if text}, file)
    part.replace(path)


def _file(context: Context) -> Path:
    """Where tokens are kept, by server."""
    home = context.variables.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "surefoot" / "tokens.json"
