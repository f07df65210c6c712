"""Requests that another site makes a browser send."""

from __future__ import annotations

import pytest

from surefoot.api.forgery import UNSAFE, check_forgery
from surefoot.errors import NotAllowed

OURS = "https://surefoot.example"
OWN = {"x-surefoot": "1", "cookie": "__Host-surefoot=x", "sec-fetch-site": "same-origin"}


def allowed(method: str, headers: dict[str, str]) -> bool:
    try:
        check_forgery(method, headers, OURS)
    except NotAllowed:
        return False
    return True


@pytest.mark.asvs("3.5.1")
@pytest.mark.parametrize("method", sorted(UNSAFE))
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, True),
        ({"x-surefoot": None}, False),
        ({"x-surefoot": "0"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"sec-fetch-site": None}, False),
        ({"sec-fetch-site": None, "origin": OURS}, True),
        ({"sec-fetch-site": None, "origin": "https://surefoot.example.evil.example"}, False),
        ({"sec-fetch-site": None, "origin": "http://surefoot.example"}, False),
        ({"sec-fetch-site": None, "origin": "https://surefoot.example:8443"}, False),
        ({"sec-fetch-site": None, "origin": "null"}, False),
        ({"sec-fetch-site": None, "cookie": None}, True),
        ({"sec-fetch-site": "cross-site", "cookie": None}, False),
        ({"sec-fetch-site": "cross-site", "origin": OURS}, False),
        ({"authorization": "Bearer sft_pat_x", "x-surefoot": None, "sec-fetch-site": "cross-site"}, True),
    ],
)
def test_a_change_comes_from_our_own_pages_or_not_from_a_browser(
    method: str, change: dict[str, str | None], expected: bool
) -> None:
    headers = {name: value for name, value in {**OWN, **change}.items() if value is not None}
    assert allowed(method, headers) is expected


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_what_only_reads_needs_nothing(method: str) -> None:
    assert allowed(method, {"cookie": "__Host-surefoot=x", "sec-fetch-site": "cross-site"})
