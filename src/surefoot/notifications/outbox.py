"""Where mails go without a mail server: files in `data_dir/outbox`, for whoever runs Surefoot on their own machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from surefoot.errors import NotFound
from surefoot.notifications.model import Mail


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail in the outbox; `name` is its file's."""

    name: str
    to: str
    subject: str
    date: datetime
    text: str


def write_outgoing(data_dir: Path, mail: Mail, message: EmailMessage) -> Path:
    """Write a mail for its owner's eyes only, whole or not at all; writing it again changes nothing. Raises OSError."""
    directory = data_dir / "outbox"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / f"{mail.created_at:%Y%m%dT%H%M%SZ}-{mail.template}-{mail.id}.eml"
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(message.as_bytes())
    return part.replace(path)


def list_outbox(data_dir: Path) -> list[Outgoing]:
    """The mails in the outbox, the newest first."""
    return [_read(path) for path in sorted(_paths(data_dir), reverse=True)]


def read_outbox(data_dir: Path, name: str) -> Outgoing:
    """One mail. Raises NotFound."""
    for path in _paths(data_dir):
        if path.name == name:
            return _read(path)
    raise NotFound(f"There is no mail named {name} in the outbox.", hint="`surefoot mail` lists them.", name=name)


def _paths(data_dir: Path) -> Iterator[Path]:
    return (data_dir / "outbox").glob("*.eml")


def _read(path: Path) -> Outgoing:
    message = message_from_bytes(path.read_bytes(), policy=default)
    body = message.get_body(("plain",))
    text = body.get_content().replace("\r\n", "\n") if body else ""
    return Outgoing(path.name, message["To"], message["Subject"], message["Date"].datetime, text)
