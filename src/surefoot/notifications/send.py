"""Mails: written in the transaction that causes them, sent by the queue, each once."""

from __future__ import annotations

from surefoot.db.pool import Connection
from surefoot.jobs.queue import Queue
from surefoot.vault.vault import Vault


async def send(connection: Connection, vault: Vault, queue: Queue, to: str, template: str, **values: str) -> None:
    """Have a mail sent when the transaction commits.

    `template` names a pair of templates (text and HTML) of this package; `values` fill it, links with their tokens
    among them: what is stored until the mail is sent is sealed. Raises UsageError for an address that is none.
    """
    raise NotImplementedError
