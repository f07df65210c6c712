"""What the doctor finds in a platform that is well, and in one that is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import HttpUrl, SecretStr

from surefoot.audit.checkpoints import checkpoint
from surefoot.audit.record import record
from surefoot.calls import Call
from surefoot.platform_settings import PlatformSettings
from surefoot.serve.doctor import checkpoints, clock, configuration, examine
from surefoot.web.platform import Platform, open_platform

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


async def statuses(platform: Platform) -> dict[str, str]:
    return {check.name: check.status for check in await examine(platform)}


async def test_a_platform_that_is_well_has_no_problem(platform: Platform, call: Call) -> None:
    async with platform.database.transaction() as connection:
        await record(connection, call, "test.happen")
    await checkpoint(platform)
    assert await statuses(platform) == {
        "settings": "ok",
        "keys": "ok",
        "mail": "info",
        "database": "ok",
        "clock": "ok",
        # The test's login owns the database.
        "audit": "warning",
        "checkpoint": "ok",
        "schema": "ok",
    }


async def test_a_key_that_is_not_there_is_named(platform: Platform, settings: PlatformSettings) -> None:
    async with platform.database.transaction() as connection:
        await platform.vault.seal(connection, b"x", about="test/1")
    other = settings.model_copy(update={"data_dir": settings.data_dir.with_name("other")})
    async with open_platform(other) as without:
        found = {check.name: check for check in await examine(without)}
    assert found["keys"].status == "problem"
    assert "not there" in found["keys"].finding


async def test_a_mail_server_that_is_away_is_a_problem(platform: Platform, settings: PlatformSettings) -> None:
    broken = settings.model_copy(update={"smtp_url": SecretStr("smtp+plain://127.0.0.1:9")})
    async with open_platform(broken) as opened:
        assert (await statuses(opened))["mail"] == "problem"


@pytest.mark.slow
async def test_a_database_that_is_away_is_told_once_and_the_rest_is_still_looked_at(settings: PlatformSettings) -> None:
    away = settings.model_copy(update={"database_url": SecretStr("postgresql://127.0.0.1:9/nowhere")})
    async with open_platform(away) as opened:
        found = await statuses(opened)
    assert found == {"settings": "ok", "mail": "info", "database": "problem"}


@pytest.mark.parametrize(
    ("url", "mode", "proxies", "expected"),
    [
        ("http://localhost:8000", "production", "", ["ok"]),
        ("https://surefoot.example", "production", "10.0.0.0/8", ["ok"]),
        ("https://surefoot.example", "production", "", ["ok", "warning"]),
        ("http://surefoot.example", "production", "", ["ok", "problem"]),
        ("http://localhost:8000", "development", "", ["ok", "warning"]),
    ],
)
def test_settings_are_judged_by_how_people_reach_it(url: str, mode: str, proxies: str, expected: list[str]) -> None:
    given = PlatformSettings.model_validate({"base_url": HttpUrl(url), "mode": mode, "trusted_proxies": proxies})
    assert [check.status for check in configuration(given)] == expected


@pytest.mark.parametrize(("skew", "status"), [(0.0, "ok"), (5.0, "ok"), (5.1, "problem")])
def test_clocks_that_differ_are_a_problem(skew: float, status: str) -> None:
    assert clock(skew).status == status


@pytest.mark.parametrize(
    ("signed", "happened", "status"),
    [
        (None, None, "ok"),
        (None, 5, "ok"),
        (None, 11, "problem"),
        (10, 11, "ok"),
        (12, 11, "problem"),
    ],
)
def test_what_is_not_signed_for_long_is_a_problem(signed: int | None, happened: int | None, status: str) -> None:
    ago = [None if minutes is None else NOW - timedelta(minutes=minutes) for minutes in (signed, happened)]
    assert checkpoints(ago[0], ago[1], NOW).status == status
