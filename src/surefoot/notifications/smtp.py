"""Handing a message to the operator's mail server, over TLS whose certificate is checked."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from ipaddress import ip_address
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import aiosmtplib

from surefoot.errors import ConfigError, Unavailable

# For each step of the conversation. Seconds.
_TIMEOUT = 20.0
_PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}
_VARIABLE = "SUREFOOT_SMTP_URL"


class Rejected(Exception):
    """The server will not take this message, now or later."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in. `scheme` says how it is kept private.

    `smtp`: STARTTLS, or not at all. `smtps`: TLS from the first byte. `smtp+plain`: not private, and so without a
    password, but on the machine itself.
    """

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    authorities: str = ""

    async def hand_in(self, message: EmailMessage, sender: str, recipient: str) -> None:
        """Hand a message in. Raises Rejected, or Unavailable where it may be taken later, or was taken unheard of."""
        async with self._talk() as client:
            await client.send_message(message, sender=sender, recipients=[recipient])

    async def try_out(self) -> None:
        """Connect and sign in as for a mail, and hand nothing in. Raises Unavailable, which says what was refused."""
        async with self._talk() as client:
            await client.noop()

    @asynccontextmanager
    async def _talk(self) -> AsyncIterator[aiosmtplib.SMTP]:
        try:
            async with self._client() as client:
                yield client
        except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPResponseException) as error:
            raise _answered(error) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Unavailable(
                f"The mail server {self.host}:{self.port} did not take a mail: {type(error).__name__}: {error}.",
                hint=f"It is tried again for a day. Check {_VARIABLE} and the server.",
            ) from None

    def _client(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.user or None,
            password=self.password or None,
            use_tls=self.scheme == "smtps",
            start_tls=self.scheme == "smtp",
            tls_context=self._trust() if self.scheme != "smtp+plain" else None,
            timeout=_TIMEOUT,
        )

    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.authorities or None)


def _answered(error: aiosmtplib.SMTPRecipientsRefused | aiosmtplib.SMTPResponseException) -> Exception:
    """What the server's answer means. Its text may quote the address, and is not repeated."""
    refused = isinstance(error, aiosmtplib.SMTPRecipientsRefused)
    code = error.recipients[0].code if isinstance(error, aiosmtplib.SMTPRecipientsRefused) else error.code
    # What it says of the sender, or of our name and password, is the operator's to mend, and not the mail's fault.
    final = refused or isinstance(error, aiosmtplib.SMTPDataError)
    if final and 500 <= code < 600:
        return Rejected(f"The mail server answered {code}.")
    return Unavailable(f"The mail server answered {code}.", hint="It is tried again for a day.")


def mail_server(url: str) -> MailServer:
    """The server that a URL names. Raises ConfigError, without a secret in its text."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _unusable("it is no URL") from error
    if parts.scheme not in _PORTS:
        raise _unusable("it begins with none of smtp://, smtps:// and smtp+plain://")
    if not parts.hostname:
        raise _unusable("it names no host")
    if parts.scheme == "smtp+plain" and parts.password and not _is_here(parts.hostname):
        raise _unusable("it would send a password in the open")
    return MailServer(
        parts.scheme,
        parts.hostname,
        port or _PORTS[parts.scheme],
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        _authorities(parts),
    )


def _authorities(parts: SplitResult) -> str:
    """The file named by `?ca=`, with the certificates that are trusted instead of the system's."""
    asked = parse_qs(parts.query, keep_blank_values=True)
    if unknown := asked.keys() - {"ca"}:
        raise _unusable(f"it asks for what is not known: {', '.join(sorted(unknown))}")
    return asked.get("ca", [""])[0]


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _unusable(why: str) -> ConfigError:
    return ConfigError(
        f"{_VARIABLE} cannot be used: {why}.",
        hint="It looks like smtp://user:password@mail.example.com:587.",
        variable=_VARIABLE,
    )
