"""The running API against its own description: whatever is sent, it answers as it says."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from pydantic import HttpUrl, SecretStr
from schemathesis.checks import positive_data_acceptance

from surefoot.accounts.sessions import COOKIE
from surefoot.api.app import document
from surefoot.platform_settings import PlatformSettings
from surefoot.serve.listen import listen, serve_api
from surefoot.web.platform import open_platform
from tests.databases import Databases

pytestmark = pytest.mark.slow

Case = schemathesis.Case[Any]
schema = schemathesis.openapi.from_dict(document())
ORIGIN = "https://surefoot.example"
# An edit of what somebody else has edited is refused before its body is looked at any closer.
schema.config.checks.negative_data_rejection.expected_statuses.append("412")
SECRET = "a-session-of-the-test"
ACCOUNT, WORKSPACE = uuid.uuid4(), uuid.uuid4()
# Nobody is limited, signed out, locked out or gone before the next request.
WORLD = f"""
    DELETE FROM limits;
    DELETE FROM sessions;
    INSERT INTO accounts (id, email, email_key, name, verified_at, created_at)
    VALUES ('{ACCOUNT}', 'ada@example.org', 'ada@example.org', 'Ada', now(), now()) ON CONFLICT DO NOTHING;
    INSERT INTO workspaces (id, name, slug, created_at) VALUES ('{WORKSPACE}', 'Shop', 'shop', now())
    ON CONFLICT (id) DO UPDATE SET require_second_factor = false;
    INSERT INTO members (workspace_id, account_id, role, joined_at)
    VALUES ('{WORKSPACE}', '{ACCOUNT}', 'owner', now()) ON CONFLICT DO NOTHING;
    INSERT INTO sessions (id, digest, account_id, methods, began_at, seen_at, proven_at, address, agent, device)
    SELECT gen_random_uuid(), sha256('{SECRET}'), '{ACCOUNT}', '{{password}}', now(), now(), now(), '', '', ''
"""


@dataclass
class Running:
    """An API that answers, and its database."""

    url: str
    database: psycopg.Connection[tuple[object, ...]]

    def reset(self) -> None:
        self.database.execute(WORLD.encode())


@pytest.fixture(scope="module")
def running(
    platform_template: str, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    server, name = databases.postgres_server("pg18"), f"t_{uuid.uuid4().hex[:12]}"
    template = psycopg.conninfo.conninfo_to_dict(platform_template)["dbname"]
    with psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        with _serving(server.url(name), tmp_path_factory.mktemp("data")) as url:
            options = "-c search_path=platform"
            with psycopg.connect(server.url(name), autocommit=True, options=options) as database:
                yield Running(url, database)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@contextmanager
def _serving(url: str, data_dir: Path) -> Iterator[str]:
    """The API in a thread of its own, on a free port; people reach it over TLS, as far as it knows."""
    configured = PlatformSettings(
        database_url=SecretStr(url), data_dir=data_dir, base_url=HttpUrl(ORIGIN), hash_workers=1, hash_queue=100
    )
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        loop = asyncio.new_event_loop()
        stop = asyncio.Event()

        async def serve() -> None:
            async with open_platform(configured) as platform:
                await serve_api(platform, listening, stop)

        thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
        thread.start()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()
            loop.close()


@schema.auth()
class Session:
    """Each request is the owner's, unless a check takes that away."""

    def get(self, case: Case, context: schemathesis.AuthContext) -> str:
        return SECRET

    def set(self, case: Case, data: str, context: schemathesis.AuthContext) -> None:
        case.cookies = {**dict(case.cookies or {}), COOKIE: data}


@pytest.mark.asvs("8.2.2", "4.1.1", "16.5.1")
@schema.parametrize()
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
def test_the_api_answers_as_it_says(case: Case, running: Running) -> None:
    # What was made to be no id stays so.
    with suppress(KeyError, ValueError, AttributeError, TypeError):
        uuid.UUID(case.path_parameters["workspace"])
        case.path_parameters["workspace"] = str(WORKSPACE)
    running.reset()
    case.call_and_validate(
        base_url=running.url,
        headers={"X-Surefoot": "1", "Sec-Fetch-Site": "same-origin"},
        excluded_checks=[positive_data_acceptance],
    )
