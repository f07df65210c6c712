"""What SUREFOOT_SMTP_URL may say."""

from __future__ import annotations

import pytest

from surefoot.errors import ConfigError
from surefoot.notifications.smtp import MailServer, mail_server

URLS = {
    "smtp://mail.example.com": MailServer("smtp", "mail.example.com", 587),
    "smtps://u%40x:p%2Fw@mail.example.com": MailServer("smtps", "mail.example.com", 465, "u@x", "p/w"),
    "smtp://u:p@[2001:db8::1]:2525?ca=/etc/ca.pem": MailServer("smtp", "2001:db8::1", 2525, "u", "p", "/etc/ca.pem"),
    "smtp+plain://localhost:1025": MailServer("smtp+plain", "localhost", 1025),
    "smtp+plain://u:p@127.0.0.1": MailServer("smtp+plain", "127.0.0.1", 25, "u", "p"),
}


@pytest.mark.parametrize("url", URLS)
def test_a_url_names_a_server(url: str) -> None:
    assert mail_server(url) == URLS[url]


UNUSABLE = [
    "",
    "mail.example.com:587",
    "http://u:canary@mail.example.com",
    "smtp://u:canary@",
    "smtp://u:canary@host:port",
    "smtp://u:canary@host:99999",
    "smtp+plain://u:canary@mail.example.com",
    "smtp://u:canary@host?verify=no",
]


@pytest.mark.parametrize("url", UNUSABLE)
def test_a_url_that_cannot_be_used_is_told_without_its_password(url: str) -> None:
    with pytest.raises(ConfigError, match="SUREFOOT_SMTP_URL cannot be used") as error:
        mail_server(url)
    assert "canary" not in str(error.value.to_dict())


def test_a_server_shows_no_password() -> None:
    assert "canary" not in repr(mail_server("smtp://u:canary@host"))
