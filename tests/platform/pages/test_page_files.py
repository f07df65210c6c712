"""How the pages are sent: what browsers may keep, what they may run, and that nothing is missing."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from surefoot.accounts.links import url_of
from surefoot.accounts.model import Purpose
from surefoot.accounts.social.service import return_address
from surefoot.api.app import make_app
from surefoot.api.pages.routes import PAGES, assets, document
from surefoot.web.platform import Platform

pytestmark = pytest.mark.anyio
PATHS = sorted(path.replace("{provider}", "google") for path in PAGES)


@pytest.fixture
async def browser(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    app = make_app(platform)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=platform.settings.origin) as opened:
        yield opened


@pytest.mark.parametrize("path", sorted(PAGES))
def test_a_page_runs_nothing_but_its_files(path: str) -> None:
    text = document(path)
    assert re.findall(r"<script\b[^>]*>([^<]*)</script>", text) == [""]
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text)
    assert not re.search(r"https?://", text)
    assert "{" not in text


@pytest.mark.parametrize("path", sorted(PAGES))
def test_a_page_says_its_language_its_title_and_one_heading(path: str) -> None:
    text, title = document(path), PAGES[path][1]
    assert '<html lang="en">' in text
    assert f"<title>{title} · Surefoot</title>" in text
    assert re.findall(r"<h1[^>]*>([^<]*)</h1>", text) == [title]
    assert "width=device-width" in text


@pytest.mark.asvs("3.4.3", "3.4.6")
async def test_a_page_is_served_under_a_policy_without_exceptions(browser: httpx.AsyncClient) -> None:
    for path in PATHS:
        answer = await browser.get(path)
        policy = answer.headers["content-security-policy"]
        assert answer.status_code == 200, path
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "trusted-types 'none'" in policy
        assert "unsafe" not in policy


async def test_each_file_of_a_page_is_there_and_may_be_kept_for_ever(browser: httpx.AsyncClient) -> None:
    named = set(re.findall(r'(?:href|src)="(/pages/[^"]+)"', (await browser.get("/verify")).text))
    script = next(name for name in named if name.endswith(".js"))
    named |= set(re.findall(r'from "(/pages/[^"]+)"', (await browser.get(script)).text))
    assert named == {f"/pages/{one.name}" for one in assets().values()}
    for name in named:
        answer = await browser.get(name)
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_page_is_asked_for_again_and_sent_once(browser: httpx.AsyncClient) -> None:
    first = await browser.get("/verify")
    assert first.headers["cache-control"] == "no-cache"
    again = await browser.get("/verify", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["content-security-policy"] == first.headers["content-security-policy"]


@pytest.mark.asvs("14.2.2")
async def test_a_page_whose_address_holds_a_code_is_not_kept(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/signed-in-with/google?code=c&state=s")
    assert answer.headers["cache-control"] == "no-store"
    assert "c&state" not in answer.text


@pytest.mark.parametrize("name", ["page.js", "page-0000000000000000.js", "..%2froutes.py", "routes.py"])
async def test_only_the_files_of_pages_are_served(browser: httpx.AsyncClient, name: str) -> None:
    assert (await browser.get(f"/pages/{name}")).status_code == 404


async def test_each_mailed_link_and_each_return_has_its_page(browser: httpx.AsyncClient, platform: Platform) -> None:
    links = [url_of(platform.settings, purpose, "token") for purpose in Purpose]
    for url in (*links, return_address(platform.settings, "google"), f"{platform.settings.origin}/invitation"):
        assert (await browser.get(url)).status_code == 200, url
