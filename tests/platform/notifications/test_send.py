"""Asking for a mail: in the caller's transaction, with its values sealed, to an address that is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from surefoot.db.pool import Database
from surefoot.errors import UsageError
from surefoot.jobs.queue import Queue
from surefoot.notifications.rules import one_line
from surefoot.notifications.send import send
from surefoot.platform_settings import load_platform_settings
from surefoot.vault.vault import Vault

pytestmark = pytest.mark.anyio

LINK = "https://surefoot.example/verify#token=canary-4711"


@pytest.fixture
def vault(data_dir: Path) -> Vault:
    return Vault.open(load_platform_settings({}, data_dir=data_dir))


async def test_a_mail_and_its_job_commit_together_and_hold_no_secret(database: Database, vault: Vault) -> None:
    async with database.transaction() as connection:
        await send(connection, vault, Queue(), "ada@example.com", "verify", link=LINK)
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT m.*, j.args, j.task_name FROM mails m, procrastinate_jobs j")
        [row] = await cursor.fetchall()
        cursor = await connection.execute("SELECT id, about FROM sealed")
        sealed = await cursor.fetchall()
    assert (row["recipient"], row["template"], row["state"]) == ("ada@example.com", "verify", "queued")
    assert (row["task_name"], row["args"]) == ("mail.send", {"mail": str(row["id"])})
    assert sealed == [{"id": row["sealed"], "about": f"mail/{row['id']}"}]
    assert "canary-4711" not in repr(row)


async def test_what_is_taken_back_sends_nothing(database: Database, vault: Vault) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as connection:
            await send(connection, vault, Queue(), "ada@example.com", "verify", link=LINK)
            raise ZeroDivisionError
    async with database.connection() as connection:
        cursor = await connection.execute(
            "SELECT (SELECT count(*) FROM mails) + (SELECT count(*) FROM procrastinate_jobs) AS n"
        )
        assert await cursor.fetchone() == {"n": 0}


BROKEN = [
    "",
    "ada",
    "@example.com",
    "ada@",
    "ada@example@com",
    "ada b@example.com",
    "ada@example.com, eve@example.com",
    "ada@example.com>, <eve@example.com",
    "Ada <ada@example.com>",
    "ada@example..com",
    "a" * 65 + "@example.com",
]


@pytest.mark.parametrize("address", BROKEN)
async def test_a_broken_address_is_refused(database: Database, vault: Vault, address: str) -> None:
    async with database.transaction() as connection:
        with pytest.raises(UsageError, match="no e-mail address"):
            await send(connection, vault, Queue(), address, "verify", link=LINK)


@pytest.mark.asvs("1.3.11")
@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\u2028", "\x85", "\0"])
async def test_an_address_cannot_bring_a_header_of_its_own(database: Database, vault: Vault, break_: str) -> None:
    async with database.transaction() as connection:
        with pytest.raises(UsageError, match="no e-mail address"):
            await send(connection, vault, Queue(), f"ada@example.com{break_}Bcc: eve@example.com", "verify", link=LINK)


@pytest.mark.parametrize("address", ["ada+tag@example.com", "root@localhost", "grüße@bücher.example", "ada@x.test"])
async def test_unusual_addresses_are_taken(database: Database, vault: Vault, address: str) -> None:
    async with database.transaction() as connection:
        await send(connection, vault, Queue(), address, "verify", link=LINK)


async def test_an_unknown_template_and_a_missing_value_are_told(database: Database, vault: Vault) -> None:
    async with database.transaction() as connection:
        with pytest.raises(UsageError, match="no mail named poem"):
            await send(connection, vault, Queue(), "ada@example.com", "poem")
        with pytest.raises(UsageError, match="verify needs a value: link"):
            await send(connection, vault, Queue(), "ada@example.com", "verify")


def test_words_of_others_stay_one_short_line_without_links() -> None:
    assert one_line("a\r\nb\tc\u2028d\u202ee\0f") == "a b c d e f"
    assert one_line("see https://evil.example/now") == "see https:/ /evil.example/now"
    assert one_line("x" * 500) == "x" * 199 + "…"
