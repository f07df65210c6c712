"""From a template and its values to the words of a mail: a subject, a text and an HTML part."""

from __future__ import annotations

from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, parseaddr

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from surefoot.errors import ConfigError
from surefoot.notifications.model import Mail
from surefoot.notifications.rules import one_line

_OPTIONAL = {"at": "", "address": "", "agent": ""}
_TEMPLATES = Environment(
    loader=PackageLoader("surefoot.notifications"),
    autoescape=select_autoescape(["html"], default=False),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(mail: Mail, values: Mapping[str, str], sender: str, base_url: str) -> EmailMessage:
    """The message that is sent. The same mail gives the same message, but for the boundary between its parts.

    Raises ConfigError where `sender` (SUREFOOT_MAIL_FROM) is no address.
    """
    filled = {**_OPTIONAL, **values, "base_url": base_url}
    subject = one_line(_words(f"{mail.template}.subject", filled))
    message = EmailMessage(policy=SMTP if mail.recipient.isascii() else SMTPUTF8)
    message["From"] = sender_of(sender)
    local, _, domain = mail.recipient.rpartition("@")
    message["To"] = Address(username=local, domain=domain)
    message["Subject"] = subject
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = mail.message_id
    # RFC 3834: nobody's holiday notice is to answer.
    message["Auto-Submitted"] = "auto-generated"
    text = _paragraphs(_words(f"{mail.template}.txt", filled))
    # Lines of any length, and servers that know seven bits only.
    message.set_content(text, cte="quoted-printable")
    html = _words(f"{mail.template}.html", {**filled, "subject": subject})
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    return message


def sender_of(given: str) -> Address:
    """The sender's name and address. Raises ConfigError."""
    name, address = parseaddr(given)
    local, _, domain = address.rpartition("@")
    if not (local and domain and given.isprintable()):
        raise ConfigError(
            "SUREFOOT_MAIL_FROM is no sender.",
            hint="It looks like: Surefoot <surefoot@example.com>",
            variable="SUREFOOT_MAIL_FROM",
        )
    return Address(display_name=name, username=local, domain=domain)


def _words(template: str, values: Mapping[str, str]) -> str:
    return _TEMPLATES.get_template(template).render(values)


def _paragraphs(text: str) -> str:
    """One empty line between paragraphs, however many the template's conditions have left."""
    lines = [line.rstrip() for line in text.splitlines()]
    kept = [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]
    return "\n".join(kept).strip() + "\n"
