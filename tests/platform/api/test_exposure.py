"""What an answer or a page shows, and what a request can set: no more than its description says."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import Response
from pydantic import HttpUrl

from surefoot.accounts.sessions import clear_cookie, cookie_of, set_cookie
from surefoot.accounts.social.cookie import clear_attempt, set_attempt
from surefoot.api import pages
from surefoot.api.app import make_app
from surefoot.api.pages.routes import PAGES, assets
from surefoot.api.reference import describe
from surefoot.platform_settings import PlatformSettings
from surefoot.web.access import declared
from surefoot.web.platform import Platform
from tests.platform.accounts.conftest import PASSWORD
from tests.platform.workspaces.world import Person, World

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

Schema = dict[str, Any]
SECRET = re.compile("secret|passw|token|digest|hash|sealed|code|challenge|private|failures")
# What looks like a secret by its name, and the operations that show it. Each is shown to the one whom it is for.
SHOWN = {
    "secret": {
        "begin_totp",
        "create_personal_token",
        "create_service_token",
        "rotate_personal_token",
        "rotate_service_token",
    },
    "recovery_codes": {"add_passkey", "confirm_totp", "make_recovery_codes"},
    "challenge": {
        "complete_provider_sign_in",
        "complete_sign_up",
        "finish_sign_in",
        "sign_in",
        "sign_in_with_passkey",
    },
    "device_code": {"begin_device"},
    "access_token": {"poll_device"},
    # Not secret: the kind of a token, the code that a person compares, dates, yes or no, the public end of a chain.
    "token_type": {"poll_device"},
    "user_code": {"approve_device", "begin_device", "deny_device", "get_device"},
    "has_password": {"get_account", "update_account"},
    "password_changed_at": {"get_account", "update_account"},
    "hash": {"list_audit_events"},
    "token": {"list_audit_events"},
}
# What a browser's authenticator made: it may say more than is read.
LOOSE = {"MadeCredential", "MadeResponse", "SignedCredential", "SignedResponse"}
# Each changes what somebody signs in with, or ends a session.
WAYS_IN = {
    "add_passkey",
    "ask_email_change",
    "begin_link",
    "begin_passkey",
    "begin_totp",
    "create_personal_token",
    "end_other_sessions",
    "end_session",
    "make_recovery_codes",
    "remove_passkey",
    "remove_totp",
    "rotate_personal_token",
    "unlink_identity",
}


class Reference:
    """The API's description, with its references followed."""

    def __init__(self, document: Schema) -> None:
        self.document = document

    def operations(self) -> Iterator[tuple[str, str, Schema]]:
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                yield method.upper(), path, operation

    def bodies(self) -> Iterator[tuple[str, str, Schema]]:
        for method, path, operation in self.operations():
            if "requestBody" in operation:
                yield method, path, operation["requestBody"]["content"]["application/json"]["schema"]

    def answers(self) -> Iterator[tuple[str, Schema]]:
        for _, _, operation in self.operations():
            for status, answer in operation["responses"].items():
                if status.startswith("2"):
                    yield from ((operation["operationId"], one["schema"]) for one in answer.get("content", {}).values())

    def objects(self, schema: Schema, seen: frozenset[str] = frozenset()) -> Iterator[tuple[str, Schema]]:
        """Each object below a schema, with the name of its shape."""
        name = schema.get("$ref", "").rpartition("/")[2]
        if name:
            if name in seen:
                return
            schema, seen = self.document["components"]["schemas"][name], seen | {name}
        if schema.get("type") == "object":
            yield name, schema
        inner = [one for key in ("anyOf", "oneOf", "allOf") for one in schema.get(key, [])]
        for one in (*inner, *schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])):
            yield from self.objects(one, seen)


@pytest.fixture
def reference(platform: Platform) -> Reference:
    return Reference(describe(make_app(platform)))


@pytest.fixture
async def world(platform: Platform) -> AsyncIterator[World]:
    made = World(platform)
    yield made
    await made.close()


@pytest.fixture
async def ada(world: World) -> Person:
    return await world.person("ada")


@pytest.mark.asvs("15.3.1", "8.2.3")
async def test_no_answer_has_a_field_that_could_be_a_secret_without_a_reason(reference: Reference) -> None:
    found: dict[str, set[str]] = {}
    for operation, schema in reference.answers():
        for _, one in reference.objects(schema):
            for name in filter(SECRET.search, one.get("properties", {})):
                found.setdefault(name, set()).add(operation)
    assert found == SHOWN


@pytest.mark.asvs("15.3.3", "8.2.3")
async def test_every_request_names_all_that_it_may_set(reference: Reference) -> None:
    loose = {
        name
        for _, _, schema in reference.bodies()
        for name, one in reference.objects(schema)
        if one.get("additionalProperties") is not False
    }
    assert loose == LOOSE


@pytest.mark.asvs("15.3.3")
@pytest.mark.parametrize("field", ["email", "email_key", "verified_at", "disabled_at", "id", "role", "password_hash"])
async def test_a_field_that_an_operation_does_not_take_is_refused(world: World, ada: Person, field: str) -> None:
    tag = (await ada.ask("GET", "/account")).headers["etag"]
    answer = await ada.ask("PATCH", "/account", {"name": "Eve", field: "eve@example.com"}, **{"If-Match": tag})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, f"#/body/{field}")
    assert (await ada.ask("GET", "/account")).json()["name"] == "Ada"


@pytest.mark.asvs("15.3.5")
@pytest.mark.parametrize("body", [b"[]", b'"x"', b"1", b"null", b"true", b'{"a": ', b'[{"email": "a"}]', b"\xff", b""])
async def test_a_body_that_is_no_object_is_refused_by_every_operation(
    reference: Reference, ada: Person, body: bytes
) -> None:
    for method, path, _ in reference.bodies():
        answer = await ada.http.request(method, _filled(path), content=body, headers=_JSON)
        assert answer.status_code in {400, 404, 422}, (method, path, answer.text)


@pytest.mark.asvs("15.3.5")
@pytest.mark.parametrize("value", [1, True, {"a": "b"}, ["a@example.com"], None, 1e308, "\u0000"])
async def test_a_value_of_another_type_is_refused_by_every_operation(
    reference: Reference, ada: Person, value: object
) -> None:
    for method, path, schema in reference.bodies():
        texts = {
            name
            for _, one in reference.objects(schema)
            for name, described in one["properties"].items()
            if described.get("type") == "string"
        }
        answer = await ada.http.request(method, _filled(path), json=dict.fromkeys(texts, value))
        assert 400 <= answer.status_code < 500, (method, path, answer.text)
        assert answer.status_code != 429, (method, path)


@pytest.mark.asvs("15.3.7")
async def test_a_parameter_counts_only_where_it_belongs(world: World, ada: Person) -> None:
    eve = await world.person("eve")
    mine, theirs = await world.workspace(ada), await world.workspace(eve)
    shown = await ada.http.get(f"/workspaces/{mine}", params={"workspace": str(theirs)})
    assert shown.json()["id"] == str(mine)
    in_body = await ada.ask("PATCH", f"/workspaces/{mine}", {"name": "Other", "workspace": str(theirs)})
    assert in_body.status_code == 422
    in_query = await ada.http.post("/sign-in", params={"email": "ada@example.com", "password": PASSWORD}, json={})
    assert in_query.status_code == 422
    twice = await ada.http.get(f"/workspaces/{theirs}", params=[("workspace", str(mine)), ("workspace", str(mine))])
    assert twice.status_code == 404


@pytest.mark.asvs("7.5.1", "7.5.2", "7.5.3")
async def test_a_proof_that_is_five_minutes_old_changes_no_way_in(
    reference: Reference, world: World, ada: Person
) -> None:
    world.at += timedelta(minutes=5, seconds=1)
    refused = set()
    for method, path, operation in reference.operations():
        if operation["operationId"] in WAYS_IN:
            answer = await ada.ask(method, _filled(path), None if method == "DELETE" else {})
            assert (answer.status_code, answer.json()["code"]) == (403, "step-up-needed"), path
            assert answer.json()["hint"]
            refused.add(operation["operationId"])
    assert refused == WAYS_IN


@pytest.mark.asvs("3.5.3")
async def test_what_is_read_with_get_changes_nothing(reference: Reference, world: World, ada: Person) -> None:
    workspace = await world.workspace(ada)
    before = await _everything(world)
    for method, path, operation in reference.operations():
        if method == "GET" and declared(operation):
            await ada.ask("GET", _filled(path).replace("{workspace}", str(workspace)))
    assert await _everything(world) == before


async def _everything(world: World) -> dict[str, list[dict[str, Any]]]:
    """All rows but those that count attempts, and that tell who read and exported."""
    async with world.platform.database.connection() as connection:
        named = await connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'platform'::regnamespace AND relkind IN ('r', 'p')"
        )
        names = {row["relname"] for row in await named.fetchall()} - {"limits"}
        kept = sorted(one for one in names if not one.startswith(("audit_", "access_", "procrastinate")))
        rows = {}
        for name in kept:
            cursor = await connection.execute(f"SELECT t::text AS row FROM {name} t ORDER BY 1".encode())
            rows[name] = await cursor.fetchall()
    return rows


@pytest.mark.asvs("13.4.1", "13.4.3")
@pytest.mark.parametrize(
    "path",
    [
        "/.git/config",
        "/.git/HEAD",
        "/.env",
        "/.well-known/",
        "/pyproject.toml",
        "/pages",
        "/pages/",
        "/pages/page.js",
        "/pages/../routes.py",
        "/pages/..%2froutes.py",
        "/pages/%2e%2e/%2e%2e/app.py",
        "/pages/%00",
        "/static/",
        "/api/",
        "/api/v1/",
        "/api/v1",
        "/docs/",
    ],
)
async def test_no_folder_and_no_file_of_the_source_is_served(ada: Person, path: str) -> None:
    answer = await ada.http.get(httpx.URL(f"http://localhost:8000{path}"))
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


@pytest.mark.asvs("13.4.2")
@pytest.mark.parametrize("mode", ["production", "development"])
async def test_debugging_is_off_in_every_mode(platform: Platform, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    monkeypatch.setenv("SUREFOOT_DEBUG", "1")
    settings = PlatformSettings(**{**dict(platform.settings), "mode": mode})
    app = make_app(_with(platform, settings))
    assert app.debug is False
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:8000") as anybody:
        paths = ["/debug", "/api/v1/debug", "/metrics", "/api/v1/sign-in?debug=1", "/console", "/__debug__/"]
        assert {(await anybody.get(path)).status_code for path in paths} <= {404, 405}


@pytest.mark.asvs("13.4.6")
async def test_no_answer_names_what_runs_behind_it(reference: Reference, ada: Person) -> None:
    named = re.compile(r"uvicorn|starlette|fastapi|pydantic|postgres|psycopg|python/|Traceback", re.IGNORECASE)
    paths = [(method, _filled(path)) for method, path, _ in reference.operations()]
    for method, path in (*paths, ("GET", "/health/live"), ("GET", "/health/ready"), ("GET", "/nowhere")):
        answer = await ada.http.request(method, httpx.URL(f"http://localhost:8000{path}"))
        assert not named.search(f"{answer.headers} {answer.text}"), (method, path)
        assert not {"server", "x-powered-by", "via"} & set(answer.headers)


@pytest.mark.asvs("14.2.2")
async def test_a_page_that_caches_may_keep_is_the_same_for_everybody(
    platform: Platform, world: World, ada: Person
) -> None:
    nobody = world.browser()
    for path in (*PAGES, *(f"/pages/{one.name}" for one in assets().values())):
        url = httpx.URL(f"http://localhost:8000{path.replace('{provider}', 'op')}")
        answers = [await one.get(url) for one in (ada.http, nobody)]
        assert answers[0].content == answers[1].content
        assert "set-cookie" not in answers[0].headers
        assert cookie_of(platform.settings) not in answers[0].text


@pytest.mark.asvs("14.2.3")
def test_no_page_loads_or_asks_anything_elsewhere() -> None:
    for file, text in _sources():
        assert re.findall(r"""(?:https?:)?//[\w.-]+\.\w+""", text) == [], file
        assert re.findall(r"sendBeacon|WebSocket|EventSource|XMLHttpRequest|import\(", text) == [], file
        assert re.findall(r"fetch\(([^)]*?),", text) in ([], ["`/api/v1${path}`"]), file


@pytest.mark.asvs("14.3.3")
def test_pages_store_nothing_in_the_browser_but_the_code_of_a_device_that_waits() -> None:
    text = "".join(text for _, text in _sources())
    assert not re.search(r"localStorage|indexedDB|document\.cookie|caches\.|serviceWorker", text)
    assert set(re.findall(r"sessionStorage\.\w+\(\"(\w+)\"", text)) <= {"device"}
    assert len(re.findall("sessionStorage", text)) == len(re.findall(r"sessionStorage\.\w+\(\"device\"", text))


@pytest.mark.asvs("3.5.5")
def test_no_page_takes_messages_of_other_windows_or_markup_of_texts() -> None:
    text = "".join(text for _, text in _sources())
    assert not re.search(r"postMessage|[\"']message[\"']|onmessage", text)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text)


def _sources() -> list[tuple[str, str]]:
    folder = Path(pages.__file__).parent
    files = sorted((*folder.glob("*.js"), *folder.glob("*.html"), *folder.glob("*.css")))
    assert len(files) >= 3
    return [(file.name, file.read_text("utf-8")) for file in files]


def _with(platform: Platform, settings: PlatformSettings) -> Platform:
    return Platform(settings, platform.database, platform.vault, platform.hasher, platform.limiter, platform.queue)


def _filled(path: str) -> str:
    """The path with objects that nobody has; a workspace stays to be filled in."""
    below = path.removeprefix("/api/v1")
    return re.sub(r"\{(?!workspace)[^}]+\}", str(uuid4()), below)


_JSON = {"Content-Type": "application/json"}


@pytest.mark.asvs("4.1.1")
async def test_every_answer_says_what_it_is(reference: Reference, ada: Person) -> None:
    told = set()
    for method, path, _ in reference.operations():
        answer = await ada.http.request(method, _filled(path))
        assert bool(answer.content) == ("content-type" in answer.headers), (method, path)
        told.add((answer.is_success, answer.headers.get("content-type")))
    assert {kind for good, kind in told if not good} == {"application/problem+json"}
    assert {kind for good, kind in told if good} <= {"application/json", None}


@pytest.mark.asvs("3.3.1", "3.3.3")
async def test_over_tls_the_cookie_of_plain_http_is_worth_nothing(
    platform: Platform, world: World, ada: Person
) -> None:
    settings = PlatformSettings(**{**dict(platform.settings), "base_url": "https://surefoot.example"})
    app = make_app(_with(platform, settings), clock=lambda: world.at)
    (secret,) = [one.value for one in ada.http.cookies.jar]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://surefoot.example") as browser:
        statuses = [
            (await browser.get("/api/v1/account", headers={"Cookie": f"{name}={secret}"})).status_code
            for name in (cookie_of(settings), cookie_of(platform.settings))
        ]
    assert statuses == [200, 401]


@pytest.mark.asvs("3.3.1", "3.3.2", "3.3.3", "3.3.4")
@pytest.mark.parametrize("put", [set_attempt, clear_attempt, set_cookie, clear_cookie], ids=lambda put: put.__name__)
def test_every_cookie_is_bound_to_the_host_and_out_of_reach_of_scripts(put: Callable[..., None]) -> None:
    settings, response = PlatformSettings(base_url=HttpUrl("https://surefoot.example")), Response()
    put(response, settings, *(["x" * 43] if put.__name__.startswith("set") else []))
    (told,) = response.headers.getlist("set-cookie")
    name, *attributes = told.split("; ")
    assert name.startswith("__Host-surefoot")
    assert {"HttpOnly", "Path=/", "Secure"} <= set(attributes)
    assert {"SameSite=lax", "SameSite=strict"} & set(attributes)
    assert "Domain" not in told
