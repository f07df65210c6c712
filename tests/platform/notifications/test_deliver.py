"""Mails on their way: a real server, a real queue, and what goes wrong between them."""

from __future__ import annotations

import asyncio
import ssl
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from surefoot.db.pool import Database, Row
from surefoot.errors import NotFound, Unavailable
from surefoot.jobs.runner import run_jobs
from surefoot.notifications.deliver import send_mail, sweep_mails
from surefoot.notifications.outbox import list_outbox, read_outbox
from surefoot.notifications.send import send
from surefoot.notifications.smtp import mail_server
from surefoot.web.platform import Platform
from tests.platform.notifications.conftest import Inbox, platform_with, smtp_server

pytestmark = pytest.mark.anyio

LINK = "https://surefoot.example/verify#token=canary-4711"
TO = "ada@example.com"


async def rows(database: Database, query: str) -> list[Row]:
    async with database.connection() as connection:
        return await (await connection.execute(query.encode())).fetchall()


async def ask(platform: Platform, to: str = TO) -> str:
    """Ask for a mail; returns its id."""
    async with platform.database.transaction() as connection:
        await send(connection, platform.vault, platform.queue, to, "verify", link=LINK)
    [newest] = await rows(platform.database, "SELECT id FROM mails ORDER BY id DESC LIMIT 1")
    return str(newest["id"])


async def make_due(database: Database) -> None:
    """Let the time pass that a job waits for its next attempt."""
    await rows(database, "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo' RETURNING id")


async def state(database: Database) -> list[tuple[object, ...]]:
    found = await rows(database, "SELECT state, attempts, reason, sealed FROM mails ORDER BY id")
    return [tuple(row.values()) for row in found]


@asynccontextmanager
async def worker(platform: Platform) -> AsyncIterator[None]:
    stop = asyncio.Event()
    running = asyncio.create_task(run_jobs(platform.database.url, platform, stop))
    try:
        yield
    finally:
        stop.set()
        await running


async def until_ended(database: Database) -> None:
    while [one for one in await state(database) if one[0] == "queued"]:
        await asyncio.sleep(0.02)


async def test_a_mail_arrives_with_both_parts_and_leaves_no_secret(
    database: Database, data_dir: Path, inbox: Inbox
) -> None:
    with smtp_server(inbox) as port:
        platform = platform_with(database, data_dir, f"smtp+plain://127.0.0.1:{port}")
        mail = await ask(platform)
        async with worker(platform):
            await until_ended(database)
    [message] = inbox.messages
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert LINK in text.get_content()
    assert LINK in html.get_content()
    assert (message["To"], message["From"]) == (TO, "Söürefoot <a@example.com>")
    assert message["Message-ID"] == f"<{mail}@example.com>"
    assert inbox.recipients == [TO]
    assert await state(database) == [("sent", 1, "", None)]
    assert await rows(database, "SELECT * FROM sealed") == []


async def test_a_server_that_is_down_gets_the_mail_later_and_once(
    database: Database, data_dir: Path, inbox: Inbox
) -> None:
    with smtp_server(inbox) as port:
        pass
    platform = platform_with(database, data_dir, f"smtp+plain://127.0.0.1:{port}")
    await ask(platform)
    async with worker(platform):
        while (await state(database))[0][2] == "":
            await asyncio.sleep(0.02)
        [(queued, attempts, reason, sealed)] = await state(database)
        assert (queued, attempts) == ("queued", 1)
        assert f"127.0.0.1:{port} did not take a mail" in str(reason)
        assert sealed is not None
        with smtp_server(inbox, port):
            while inbox.messages == []:
                await make_due(database)
                await asyncio.sleep(0.1)
            await until_ended(database)
    assert len(inbox.messages) == 1
    assert await rows(database, "SELECT status::text FROM procrastinate_jobs") == [{"status": "succeeded"}]


async def test_a_mail_whose_answer_got_lost_is_the_same_message_again(
    database: Database, data_dir: Path, inbox: Inbox
) -> None:
    inbox.lose_answers = 1
    with smtp_server(inbox) as port:
        platform = platform_with(database, data_dir, f"smtp+plain://127.0.0.1:{port}")
        mail = await ask(platform)
        with pytest.raises(Unavailable):
            await send_mail(platform, mail)
        await send_mail(platform, mail)
    first, second = inbox.messages
    assert (first["Message-ID"], first["Date"]) == (second["Message-ID"], second["Date"])


async def test_a_job_that_runs_again_after_its_end_sends_nothing(
    database: Database, data_dir: Path, inbox: Inbox
) -> None:
    with smtp_server(inbox) as port:
        platform = platform_with(database, data_dir, f"smtp+plain://127.0.0.1:{port}")
        mail = await ask(platform)
        await send_mail(platform, mail)
        await send_mail(platform, mail)
    assert len(inbox.messages) == 1
    assert await state(database) == [("sent", 1, "", None)]


@pytest.mark.slow
async def test_a_database_that_is_away_when_the_mail_was_taken_causes_no_second_one(
    database: Database, data_dir: Path, inbox: Inbox, platform_url: str, platform_template: str
) -> None:
    name = psycopg.conninfo.conninfo_to_dict(platform_url)["dbname"]

    def let_in(yes: bool) -> None:
        with psycopg.connect(platform_template, autocommit=True) as admin:
            admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {yes}".encode())
            if not yes:
                admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))

    with smtp_server(inbox) as port:
        platform = platform_with(database, data_dir, f"smtp+plain://127.0.0.1:{port}")
        mail = await ask(platform)
        inbox.taken = lambda: let_in(False)
        sending = asyncio.create_task(send_mail(platform, mail))
        # Longer than the pool's own patience.
        await asyncio.wait([sending], timeout=7)
        await asyncio.to_thread(let_in, True)
        await sending
    assert len(inbox.messages) == 1
    assert await state(database) == [("sent", 1, "", None)]


async def test_an_address_that_is_refused_for_good_is_not_tried_again(
    database: Database, data_dir: Path, inbox: Inbox
) -> None:
    inbox.refused[TO] = "550 no such user"
    with smtp_server(inbox) as port:
        platform = platform_with(database, data_dir, f"smtp+plain://127.0.0.1:{port}")
        await send_mail(platform, await ask(platform))
    assert await state(database) == [("failed", 1, "The mail server answered 550.", None)]
    assert await rows(database, "SELECT * FROM sealed") == []


@pytest.mark.parametrize("answer", ["451 come back later", "421 too busy"])
async def test_a_server_that_says_later_is_believed(
    database: Database, data_dir: Path, inbox: Inbox, answer: str
) -> None:
    inbox.answers = [answer]
    with smtp_server(inbox) as port:
        platform = platform_with(database, data_dir, f"smtp+plain://127.0.0.1:{port}")
        mail = await ask(platform)
        with pytest.raises(Unavailable):
            await send_mail(platform, mail)
        await send_mail(platform, mail)
    assert len(inbox.messages) == 1
    assert await state(database) == [("sent", 2, "", None)]


async def test_a_mail_is_given_up_after_a_day(database: Database, data_dir: Path, inbox: Inbox) -> None:
    inbox.answers = ["451 come back later"]
    with smtp_server(inbox) as port:
        platform = platform_with(database, data_dir, f"smtp+plain://127.0.0.1:{port}")
        mail = await ask(platform)
        await rows(database, "UPDATE mails SET created_at = created_at - interval '1 day' RETURNING id")
        await send_mail(platform, mail)
    assert await state(database) == [("failed", 1, "The mail server answered 451.", None)]


async def test_what_no_job_will_send_is_given_up_and_old_mails_are_forgotten(
    database: Database, data_dir: Path
) -> None:
    platform = platform_with(database, data_dir)
    await ask(platform)
    await rows(database, "UPDATE mails SET created_at = now() - interval '49 hours' RETURNING id")
    await ask(platform)
    await sweep_mails(platform)
    assert [one[0] for one in await state(database)] == ["failed", "queued"]
    assert len(await rows(database, "SELECT * FROM sealed")) == 1
    await rows(database, "UPDATE mails SET ended_at = now() - interval '31 days' WHERE state = 'failed' RETURNING id")
    await sweep_mails(platform)
    assert [one[0] for one in await state(database)] == ["queued"]


async def test_a_server_without_starttls_gets_nothing(database: Database, data_dir: Path, inbox: Inbox) -> None:
    with smtp_server(inbox) as port:
        platform = platform_with(database, data_dir, f"smtp://127.0.0.1:{port}")
        with pytest.raises(Unavailable, match="STARTTLS"):
            await send_mail(platform, await ask(platform))
    assert inbox.messages == []


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_mail_goes_over_tls_to_a_server_whose_certificate_is_known(
    database: Database, data_dir: Path, inbox: Inbox, certificate: tuple[Path, ssl.SSLContext], scheme: str
) -> None:
    authority, context = certificate
    options: dict[str, Any] = {"tls_context": context} if scheme == "smtp" else {"ssl_context": context}
    with smtp_server(inbox, **options) as port:
        platform = platform_with(database, data_dir, f"{scheme}://127.0.0.1:{port}?ca={authority}")
        await send_mail(platform, await ask(platform))
    assert inbox.private == [True]


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_certificate_that_nobody_vouches_for_is_refused(
    database: Database, data_dir: Path, inbox: Inbox, certificate: tuple[Path, ssl.SSLContext], scheme: str
) -> None:
    options: dict[str, Any] = {"tls_context": certificate[1]} if scheme == "smtp" else {"ssl_context": certificate[1]}
    with smtp_server(inbox, **options) as port:
        platform = platform_with(database, data_dir, f"{scheme}://127.0.0.1:{port}")
        with pytest.raises(Unavailable, match="certificate"):
            await send_mail(platform, await ask(platform))
    assert inbox.messages == []


def ada_only(_server: object, _session: object, _envelope: object, _mechanism: str, given: LoginPassword) -> AuthResult:
    return AuthResult(success=(given.login, given.password) == (b"ada@x", b"p/w:1"), handled=False)


async def test_a_server_that_wants_a_password_gets_it_over_tls(
    database: Database, data_dir: Path, inbox: Inbox, certificate: tuple[Path, ssl.SSLContext]
) -> None:
    wants: dict[str, Any] = {"tls_context": certificate[1], "authenticator": ada_only, "auth_required": True}
    with smtp_server(inbox, **wants) as port:
        url = f"smtp://ada%40x:p%2Fw%3A1@127.0.0.1:{port}?ca={certificate[0]}"
        await mail_server(url).try_out()
        assert inbox.messages == []
        platform = platform_with(database, data_dir, url)
        await send_mail(platform, await ask(platform))
    assert len(inbox.messages) == 1


async def test_a_wrong_password_is_the_operators_to_mend(
    database: Database, data_dir: Path, inbox: Inbox, certificate: tuple[Path, ssl.SSLContext]
) -> None:
    wants: dict[str, Any] = {"tls_context": certificate[1], "authenticator": ada_only, "auth_required": True}
    with smtp_server(inbox, **wants) as port:
        url = f"smtp://ada%40x:canary@127.0.0.1:{port}?ca={certificate[0]}"
        with pytest.raises(Unavailable, match="535"):
            await mail_server(url).try_out()
        platform = platform_with(database, data_dir, url)
        with pytest.raises(Unavailable):
            await send_mail(platform, await ask(platform))
    [(queued, _, reason, sealed)] = await state(database)
    assert queued == "queued"
    assert sealed is not None
    assert "canary" not in str(reason)


async def test_without_a_server_mails_go_to_an_outbox_that_only_its_owner_reads(
    database: Database, data_dir: Path
) -> None:
    platform = platform_with(database, data_dir)
    for to in (TO, "grüße@bücher.example"):
        await send_mail(platform, await ask(platform, to))
    second, first = list_outbox(data_dir)
    assert (first.to, second.to) == (TO, "grüße@bücher.example")
    assert first.subject == "Confirm your e-mail address"
    assert LINK in first.text
    assert read_outbox(data_dir, first.name) == first
    path = data_dir / "outbox" / first.name
    assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)) == (0o600, 0o700)
    assert [one[0] for one in await state(database)] == ["sent", "sent"]


async def test_only_the_outbox_is_read(data_dir: Path) -> None:
    (data_dir / "outbox").mkdir(parents=True)
    (data_dir / "secret.eml").write_text("Subject: x\n\n")
    with pytest.raises(NotFound):
        read_outbox(data_dir, "../secret.eml")
    assert list_outbox(data_dir / "nowhere") == []
