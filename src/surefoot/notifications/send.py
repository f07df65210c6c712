"""Mails: written in the transaction that causes them, sent by the queue, each once."""

from __future__ import annotations

import json

from surefoot.db.ids import new_id
from surefoot.db.pool import Connection
from surefoot.jobs.queue import Queue
from surefoot.notifications import rules, store
from surefoot.vault.vault import Vault

TASK = "mail.send"


async def send(connection: Connection, vault: Vault, queue: Queue, to: str, template: str, **values: str) -> None:
    """Have a mail sent when the transaction commits.

    `template` names a mail of this package (`rules.TEMPLATES`); `values` fill it, links with their tokens among them:
    what is stored until the mail is sent is sealed. Raises UsageError for an address that is none, for a template that
    is not there, and for a value that it needs.
    """
    recipient, filled = rules.checked_recipient(to), rules.checked_values(template, values)
    mail = new_id()
    sealed = await vault.seal(connection, json.dumps(filled).encode(), about=about(str(mail)))
    await store.insert_mail(connection, mail, recipient, template, sealed)
    await queue.defer(connection, TASK, mail=str(mail))


def about(mail: str) -> str:
    """What the sealed values of a mail are bound to."""
    return f"mail/{mail}"
