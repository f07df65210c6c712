"""The platform's settings, from the environment."""

from __future__ import annotations

import pytest

from surefoot.errors import ConfigError
from surefoot.platform_settings import load_platform_settings


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("https://surefoot.example.org", "https://surefoot.example.org"),
        ("https://Surefoot.Example.org:443/", "https://surefoot.example.org"),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
    ],
)
def test_the_origin_is_as_browsers_send_it(given: str, origin: str) -> None:
    assert load_platform_settings({"SUREFOOT_BASE_URL": given}).origin == origin


@pytest.mark.parametrize(
    "given",
    [
        "https://example.org/surefoot",
        "https://example.org/?a=b",
        "https://example.org/#a",
        "https://ada@example.org",
        "ftp://example.org",
        "example.org",
    ],
)
def test_an_address_that_is_more_than_a_host_is_refused(given: str) -> None:
    with pytest.raises(ConfigError, match="SUREFOOT_BASE_URL cannot be used"):
        load_platform_settings({"SUREFOOT_BASE_URL": given})


def test_a_value_that_cannot_be_used_is_not_repeated() -> None:
    with pytest.raises(ConfigError) as refused:
        load_platform_settings({"SUREFOOT_PORT": "canary-5a"})
    assert "canary" not in str(refused.value.to_dict())
