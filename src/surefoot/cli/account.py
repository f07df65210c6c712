"""What a person does about their account from a terminal: the same flows as in a browser."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import segno

from surefoot.cli.client import Client, ask, ask_secret, conversation
from surefoot.cli.context import Context
from surefoot.cli.output import moment
from surefoot.errors import NotConfirmed, UsageError


def account_sign_up(context: Context) -> int:
    """Ask for an account; the rest is done from the mail."""
    return _mailed(context, "/sign-up", "Open the link of the mail, or finish here: surefoot account open LINK")


def account_reset(context: Context) -> int:
    """Ask for a new password; the rest is done from the mail."""
    return _mailed(
        context, "/password/reset", "If there is such an account, its mail has a link: surefoot account open LINK"
    )


def _mailed(context: Context, path: str, said: str) -> int:
    with conversation(context) as client:
        client.call("POST", path, {"email": context.flags["email"]})
    context.output.line("A mail is on its way.")
    context.output.line(context.output.paint(said, "cyan"))
    context.output.document({"kind": "account", "mailed": True})
    return 0


def account_open(context: Context) -> int:
    """Finish what the link of a mail began."""
    parts = urlsplit(context.flags["link"])
    token = parse_qs(parts.fragment).get("token", [""])[0]
    finish = _LINKS.get(parts.path.rstrip("/").rpartition("/")[2])
    if finish is None or not token:
        raise UsageError("This is not a link of one of Surefoot's mails.", hint="Give the whole link, in quotes.")
    server = context.flags.get("server") or f"{parts.scheme}://{parts.netloc}"
    with conversation(context, server=server) as client:
        done = finish(client, token)
    context.output.line(f"{context.output.paint('✓', 'green')} {done}")
    context.output.document({"kind": "account", "done": done})
    return 0


def _verify(client: Client, token: str) -> str:
    name, password = ask("Your name"), _new_password()
    client.call("POST", "/sign-up/complete", {"token": token, "name": name, "password": password})
    _leave(client)
    return "The account is ready. A second factor protects it: surefoot account second-factor"


def _reset(client: Client, token: str) -> str:
    client.call("POST", "/password/reset/complete", {"token": token, "password": _new_password()})
    return "The password is changed, and every session has ended."


def _confirm_email(client: Client, token: str) -> str:
    with _signed_in(client):
        client.call("POST", "/account/email/confirm", {"token": token})
    return "The new address is confirmed."


def _accept(client: Client, token: str) -> str:
    with _signed_in(client):
        client.call("POST", "/invitations/accept", {"token": token})
    return "You are a member."


def _set_up(client: Client, token: str) -> str:
    email, name, workspace = ask("Your e-mail address"), ask("Your name"), ask("Name of the first workspace")
    known = {"email": email, "name": name, "workspace": workspace}
    client.call("POST", "/setup", {"token": token, "password": _new_password(), **known})
    _leave(client)
    return f"{workspace} is ready, and you are its owner. Next: surefoot account second-factor"


_LINKS = {"verify": _verify, "reset": _reset, "email": _confirm_email, "invitation": _accept, "setup": _set_up}


def _new_password() -> str:
    """A new password, typed twice where nobody sees it."""
    password = ask_secret("New password (15 characters or more)")
    if ask_secret("The same again") != password:
        raise NotConfirmed("The two passwords are not the same.", hint="Run it again.")
    return password


@contextmanager
def _signed_in(client: Client) -> Iterator[None]:
    """A session for what has to be proven by a person; it ends with the block."""
    answer = client.call("POST", "/sign-in", {"email": ask("E-mail address"), "password": ask_secret("Password")})
    if answer["status"] == "second-factor":
        # A terminal cannot ask a passkey, and what is dangerous asks for the strongest factor or a recovery code.
        method = "recovery" if "passkey" in answer["factors"] else "totp"
        label = "Code of your app" if method == "totp" else "A recovery code"
        proof = {"challenge": answer["challenge"], "method": method, "code": ask_secret(label)}
        client.call("POST", "/sign-in/second-factor", proof)
    try:
        yield
    finally:
        _leave(client)


def _leave(client: Client) -> None:
    client.call("POST", "/sign-out")


def account_second_factor(context: Context) -> int:
    """Set up codes of an authenticator app."""
    output = context.output
    with conversation(context) as client, _signed_in(client):
        begun = client.call("POST", "/account/factors/totp")
        if not output.as_json:
            output.error(_qr(begun["uri"]))
            output.error(f"Scan it with an authenticator app, or type the key: {begun['secret']}")
        codes = client.call("POST", "/account/factors/totp/confirm", {"code": ask("Code of the app")})["recovery_codes"]
    output.line(f"{output.paint('✓', 'green')} Signing in asks for a code of the app from now on.")
    if codes:
        output.line("Recovery codes, each for one time. Keep them where you keep no passwords:")
    for code in codes:
        output.line(f"  {code}")
    output.document({"kind": "account", "second_factor": "totp", "recovery_codes": codes})
    return 0


def _qr(text: str) -> str:
    drawn = io.StringIO()
    segno.make(text, micro=False).terminal(out=drawn, compact=True)
    return drawn.getvalue()


def account_sessions(context: Context) -> int:
    """List where one is signed in; with --end-others, end all of them."""
    output = context.output
    with conversation(context) as client, _signed_in(client):
        if context.flags.get("end_others"):
            client.call("DELETE", "/account/sessions")
        found = client.call("GET", "/account/sessions")["items"]
    for each in found:
        mark = output.paint("● this one", "green") if each["current"] else "●"
        began, seen = (moment(datetime.fromisoformat(each[name])) for name in ("began_at", "seen_at"))
        output.line(f"{mark} {each['device']}  {each['address']}  since {began}, last seen {seen}")
    output.document({"kind": "account", "sessions": found})
    return 0


def account_approve(context: Context) -> int:
    """Give a waiting device its token, after a yes."""
    code, output = context.flags["code"], context.output
    with conversation(context) as client, _signed_in(client):
        found = client.call("GET", f"/device/{code}")
        output.error(f"{found['client']}, from {found['address']}, asks for: {', '.join(found['scopes'])}")
        context.confirm("Give it a token?")
        client.call("POST", f"/device/{code}/approve")
    output.line(f"{output.paint('✓', 'green')} {found['client']} has its token.")
    output.document({"kind": "account", "approved": found})
    return 0
