"""What holds for every route: headers, forged requests, sizes, request ids, and errors that nobody expected."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
import structlog
from fastapi import APIRouter
from pydantic import BaseModel

from surefoot.api.app import make_app
from surefoot.api.edge import BODY_BYTES, CSP
from surefoot.api.reference import describe
from surefoot.platform_settings import PlatformSettings
from surefoot.web import access
from surefoot.web.platform import Platform

pytestmark = pytest.mark.anyio

CANARY = "canary-77aa"
OURS = "http://localhost:8000"
router = APIRouter()


class Named(BaseModel):
    name: str


@router.post("/broken", operation_id="break", **access.anyone())
async def _break() -> None:
    raise RuntimeError(f"secret detail {CANARY}")


@router.post("/echo", operation_id="echo", **access.anyone())
async def _echo(body: Named) -> Named:
    return body


@pytest.fixture
async def browser(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    async with _browser(platform) as opened:
        yield opened


def _browser(platform: Platform) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(make_app(platform, more=(router,)), client=("192.0.2.1", 40000))
    headers = {"X-Surefoot": "1", "Sec-Fetch-Site": "same-origin"}
    return httpx.AsyncClient(transport=transport, base_url=OURS, headers=headers)


def operations(platform: Platform) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each operation of the API: its method, a path of it, and its description."""
    for path, item in describe(make_app(platform))["paths"].items():
        for method, operation in item.items():
            yield method.upper(), re.sub(r"\{[^}]+\}", str(uuid4()), path), operation


UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


@pytest.mark.asvs("3.4.3", "3.4.4", "3.4.5", "3.4.6", "3.4.8", "14.2.2", "14.3.2")
async def test_every_answer_has_the_headers_of_security(platform: Platform, browser: httpx.AsyncClient) -> None:
    wanted = {
        "content-security-policy": CSP,
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "no-store",
    }
    asked = [*((m, p) for m, p, _ in operations(platform)), ("GET", "/health/live"), ("GET", "/nowhere")]
    for method, path in asked:
        answer = await browser.request(method, path)
        assert wanted.items() <= dict(answer.headers).items(), (method, path)
        assert "server" not in answer.headers
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.asvs("3.4.1")
async def test_over_tls_browsers_are_told_to_stay_there(platform: Platform) -> None:
    settings = PlatformSettings(**{**dict(platform.settings), "base_url": "https://surefoot.example"})
    secure = Platform(settings, platform.database, platform.vault, platform.hasher, platform.limiter, platform.queue)
    async with _browser(secure) as browser:
        for method, path in [*((m, p) for m, p, _ in operations(platform)), ("GET", "/"), ("GET", "/nowhere")]:
            told = (await browser.request(method, path)).headers["strict-transport-security"]
            assert told == "max-age=31536000; includeSubDomains", path
    async with _browser(platform) as browser:
        assert "strict-transport-security" not in (await browser.get("/health/live")).headers


@pytest.mark.asvs("3.5.1", "3.5.2", "3.5.3")
async def test_no_operation_that_changes_something_can_be_forged(platform: Platform) -> None:
    forged: list[dict[str, str]] = [
        {},
        {"X-Surefoot": "1", "Sec-Fetch-Site": "cross-site"},
        {"X-Surefoot": "1", "Sec-Fetch-Site": "same-site", "Origin": OURS},
        {"X-Surefoot": "1", "Origin": "https://evil.example"},
        {"X-Surefoot": "1", "Cookie": "surefoot-plain-http=x"},
        {"Sec-Fetch-Site": "same-origin"},
    ]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(make_app(platform)), base_url=OURS) as anybody:
        for method, path, _ in operations(platform):
            for headers in forged if method in UNSAFE else []:
                answer = await anybody.request(method, path, headers=headers)
                assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed"), (method, path, headers)


@pytest.mark.asvs("4.1.1", "3.5.2")
@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
async def test_what_is_not_json_is_not_read(platform: Platform, browser: httpx.AsyncClient, kind: str) -> None:
    for method, path, _ in operations(platform):
        if method in UNSAFE:
            answer = await browser.request(method, path, content=b'{"a": 1}', headers={"Content-Type": kind})
            assert answer.status_code == 415, (method, path)


@pytest.mark.asvs("3.4.2")
async def test_another_sites_page_is_allowed_nothing(platform: Platform, browser: httpx.AsyncClient) -> None:
    for _, path, _ in operations(platform):
        answer = await browser.options(
            path, headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
        )
        assert answer.status_code == 405
        assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.asvs("13.4.4")
@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "DEBUG"])
async def test_a_method_that_shows_what_was_sent_is_not_there(
    platform: Platform, browser: httpx.AsyncClient, method: str
) -> None:
    for path in {path for _, path, _ in operations(platform)} | {"/", "/health/live"}:
        answer = await browser.request(method, path, headers={"X-Canary": CANARY})
        assert answer.status_code == 405, path
        assert CANARY not in f"{answer.headers} {answer.text}"


@pytest.mark.asvs("13.4.5")
@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/api/v1/openapi.json", "/api/v1/docs"])
async def test_the_apis_own_pages_are_not_there_in_production(browser: httpx.AsyncClient, path: str) -> None:
    assert (await browser.get(path)).status_code == 404


async def test_the_description_is_there_in_development(platform: Platform) -> None:
    settings = PlatformSettings(**{**dict(platform.settings), "mode": "development"})
    parts = Platform(settings, platform.database, platform.vault, platform.hasher, platform.limiter, platform.queue)
    async with _browser(parts) as browser:
        assert (await browser.get("/api/v1/openapi.json")).json()["openapi"] == "3.1.0"


@pytest.mark.asvs("3.7.2")
async def test_no_answer_leads_to_a_host_that_the_caller_made_up(
    platform: Platform, browser: httpx.AsyncClient
) -> None:
    for method, path, _ in operations(platform):
        for one in (path, f"{path}/"):
            answer = await browser.request(
                method, one, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
            )
            assert not answer.is_redirect
            assert "evil.example" not in f"{answer.headers} {answer.text}"


@pytest.mark.asvs("14.2.1")
async def test_no_operation_takes_a_secret_in_its_address(reference: dict[str, Any]) -> None:
    secret = re.compile("passw|secret|token|code|proof|challenge|email", re.IGNORECASE)
    for path, item in reference["paths"].items():
        for operation in item.values():
            queried = [one["name"] for one in operation.get("parameters", []) if one["in"] == "query"]
            assert [name for name in queried if secret.search(name)] == [], path


@pytest.fixture
async def reference(platform: Platform) -> dict[str, Any]:
    return describe(make_app(platform))


async def test_a_request_id_is_taken_over_where_it_is_well_formed(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/health/live", headers={"X-Request-Id": "deploy-42.a_b"})
    assert answer.headers["x-request-id"] == "deploy-42.a_b"


@pytest.mark.parametrize("given", ["short", "x" * 65, "with space", "a;b;c;d;e", "äääääääää"])
async def test_a_request_id_that_could_be_anything_is_replaced(browser: httpx.AsyncClient, given: str) -> None:
    answer = await browser.get("/health/live", headers=[(b"X-Request-Id", given.encode())])
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])


async def test_a_problem_names_the_request(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/api/v1/account/factors")
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


@pytest.mark.asvs("15.2.2")
async def test_a_body_that_is_too_large_is_not_read(browser: httpx.AsyncClient) -> None:
    large = json.dumps({"name": "x" * BODY_BYTES}).encode()
    answer = await browser.post("/api/v1/echo", content=large, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


@pytest.mark.asvs("15.2.2")
async def test_a_body_that_grows_without_saying_so_is_cut_off(browser: httpx.AsyncClient) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(64):
            read += 1
            yield b" " * (BODY_BYTES // 8)

    answer = await browser.post("/api/v1/echo", content=endless(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert read < 64


async def test_what_is_no_json_is_told_without_repeating_it(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/api/v1/echo", content=f'{{"name": "{CANARY}"'.encode(), headers=_JSON)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert CANARY not in answer.text


async def test_each_value_that_does_not_fit_is_pointed_at_and_not_repeated(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/api/v1/echo", json={"name": [CANARY]})
    assert answer.json()["errors"] == [{"pointer": "#/body/name", "detail": "Input should be a valid string"}]
    assert CANARY not in answer.text


async def test_a_method_of_proof_that_is_none_is_not_repeated(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/api/v1/sign-in/second-factor", json={"challenge": "x", "method": CANARY})
    assert answer.status_code == 422
    assert "'totp'" in answer.json()["errors"][0]["detail"]
    assert CANARY not in answer.text


async def test_a_request_that_is_wrong_in_many_places_is_answered_shortly(browser: httpx.AsyncClient) -> None:
    unknown = {f"{number}{'x' * 1000}": 1 for number in range(900)}
    answer = await browser.post("/api/v1/sign-in", json={"email": "a@example.org", "password": "x", **unknown})
    assert (answer.status_code, len(answer.json()["errors"])) == (422, 20)
    assert len(answer.content) < 10_000


@pytest.mark.asvs("16.3.4", "16.5.1", "16.5.4")
async def test_an_error_that_nobody_expected_tells_only_its_id(browser: httpx.AsyncClient) -> None:
    with structlog.testing.capture_logs() as logged:
        answer = await browser.post("/api/v1/broken")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert CANARY not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["content-security-policy"] == CSP
    failures = [event for event in logged if event["log_level"] == "error"]
    assert [event["request_id"] for event in failures] == [answer.headers["x-request-id"]]


async def test_each_request_is_one_line_in_the_log(browser: httpx.AsyncClient) -> None:
    with structlog.testing.capture_logs() as logged:
        await browser.get("/api/v1/account/factors", params={"cursor": CANARY})
    (line,) = [event for event in logged if event["event"] == "request"]
    assert {"method": "GET", "route": "/api/v1/account/factors", "status": 401, "code": "not-signed-in"}.items() <= (
        line.items()
    )
    assert CANARY not in str(line)


_JSON = {"Content-Type": "application/json"}
