"""The words of mails: each template in both parts, and nothing of others that could pass for ours."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from uuid import UUID

import pytest
from jinja2 import Environment, PackageLoader, meta

from surefoot.errors import ConfigError
from surefoot.notifications.model import Mail, State
from surefoot.notifications.render import render, sender_of
from surefoot.notifications.rules import TEMPLATES, checked_values

ORIGIN = "https://surefoot.example"
LINK = f"{ORIGIN}/verify#token=" + "aZ09-_" * 8
GIVEN = {
    "link": LINK,
    "at": "2026-02-03 04:05 UTC",
    "address": "192.0.2.7",
    "agent": "Firefox on Linux",
    "workspace": "Ops & <b>Friends</b>",
    "inviter": "ada@example.com",
    "role": "operator",
    "provider": "GitHub",
    "factor": "The passkey “blue”",
    "left": "1",
    "name": "ci",
}


def message(template: str, values: dict[str, str], to: str = "ada@example.com") -> EmailMessage:
    """As who receives it reads it."""
    at = datetime(2026, 2, 3, 4, 5, tzinfo=UTC)
    mail = Mail(UUID(int=1), to, template, None, State.QUEUED, "<1@example.com>", 1, at)
    made = render(mail, checked_values(template, values), "Surefoot <surefoot@example.com>", ORIGIN)
    return message_from_bytes(made.as_bytes(), policy=policy.default)


def parts(made: EmailMessage) -> tuple[str, str]:
    text, html = made.get_body(("plain",)), made.get_body(("html",))
    assert text is not None
    assert html is not None
    return text.get_content().replace("\r\n", "\n"), html.get_content().replace("\r\n", "\n")


class Links(HTMLParser):
    """The addresses that a page links to, and its words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str | None] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value for name, value in attrs if name in {"href", "src"}]

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize("template", TEMPLATES)
def test_each_mail_says_the_same_in_both_parts(template: str) -> None:
    needed = {name: GIVEN[name] for name in TEMPLATES[template]}
    for values in (needed, {**needed, **GIVEN}):
        made = message(template, values)
        text, html = parts(made)
        page = Links(html)
        assert set(page.links) == ({LINK} if LINK in text else set())
        for paragraph in text.split("\n\n--\n")[0].split("\n\n"):
            words = paragraph.removesuffix(f":\n{LINK}") if LINK in paragraph else paragraph
            if not words.startswith("When: "):
                assert " ".join(words.split()) in " ".join(page.words.split())
        assert made["Subject"] in page.words
        assert "\n\n\n" not in text
        assert ORIGIN in text.splitlines()[-1]


@pytest.mark.parametrize("template", TEMPLATES)
def test_each_mail_names_when_from_where_and_with_what(template: str) -> None:
    text, html = parts(message(template, GIVEN))
    for value in (GIVEN["at"], GIVEN["address"], GIVEN["agent"]):
        assert value in text
        assert value in html


@pytest.mark.parametrize("template", TEMPLATES)
def test_what_a_template_needs_is_what_it_is_asked_for(template: str) -> None:
    environment = Environment(loader=PackageLoader("surefoot.notifications"))
    assert environment.loader is not None
    used: set[str] = set()
    for ending in ("txt", "html", "subject"):
        source, _, _ = environment.loader.get_source(environment, f"{template}.{ending}")
        used |= meta.find_undeclared_variables(environment.parse(source))
    assert TEMPLATES[template] <= used - {"button"} <= GIVEN.keys()


def test_words_of_others_cannot_add_to_the_page() -> None:
    _, html = parts(message("invitation", GIVEN))
    assert "Ops &amp; &lt;b&gt;Friends&lt;/b&gt;" in html


@pytest.mark.asvs("1.3.11")
def test_words_of_others_cannot_add_a_header() -> None:
    hostile = {**GIVEN, "workspace": "x\r\nBcc: eve@example.com\r\n\r\nbody", "inviter": "a\nSubject: b"}
    made = message("invitation", hostile)
    assert made["Bcc"] is None
    assert made.get_all("Subject") == ["You are invited to x Bcc: eve@example.com body"]
    assert [name for name, _ in made.items()] == [
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
    ]  # fmt: skip


def test_an_international_address_stands_as_it_is() -> None:
    assert message("verify", GIVEN, to="grüße@bücher.example")["To"] == "grüße@bücher.example"


@pytest.mark.parametrize("sender", ["", "Surefoot", "Surefoot <>", "a@b.c\r\nBcc: d@e.f", "Surefoot <@x>"])
def test_a_sender_that_is_none_is_told(sender: str) -> None:
    with pytest.raises(ConfigError, match="SUREFOOT_MAIL_FROM"):
        sender_of(sender)
