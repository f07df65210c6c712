"""A platform's backup, restored into an empty database: everything is there, and holds."""

from __future__ import annotations

import asyncio
import json
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from surefoot.accounts.links import make_link
from surefoot.accounts.model import Purpose
from surefoot.accounts.rules import address_of
from surefoot.accounts.sessions import authenticate_session, begin_session
from surefoot.accounts.store import find_account, insert_account
from surefoot.audit.checkpoints import checkpoint
from surefoot.audit.record import record
from surefoot.audit.report import Verdict
from surefoot.audit.verify import verify
from surefoot.calls import OPERATOR, Call
from surefoot.errors import UsageError
from surefoot.platform_settings import PlatformSettings
from surefoot.serve.backup import make_backup, restore_backup
from surefoot.web.platform import Platform, open_platform
from tests.databases import Databases

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

CANARY = b"canary-of-the-vault"


@pytest.fixture
def operator() -> Call:
    return Call(OPERATOR, datetime.now(UTC), request_id="r-1", operation="backup", agent="surefoot")


@pytest.fixture
def elsewhere(databases: Databases, tmp_path: Path) -> Iterator[PlatformSettings]:
    """Another machine: an empty database and an empty directory."""
    with databases.postgres("pg18") as url:
        yield PlatformSettings(database_url=SecretStr(url), data_dir=tmp_path / "elsewhere")


async def lived_in(platform: Platform, call: Call) -> str:
    """Have something sealed and something told, with a checkpoint; returns where the secret is."""
    async with platform.database.transaction() as connection:
        sealed = await platform.vault.seal(connection, CANARY, about="test/1")
        await record(connection, call, "test.happen", about="test/1")
    await checkpoint(platform)
    return str(sealed)


async def opened(settings: PlatformSettings, sealed: str) -> bytes:
    async with open_platform(settings) as restored, restored.database.connection() as connection:
        row = await (await connection.execute("SELECT id FROM sealed WHERE id = %s::uuid", (sealed,))).fetchone()
        assert row is not None
        return await restored.vault.unseal(connection, row["id"], about="test/1")


async def restore(settings: PlatformSettings, call: Call, file: Path) -> None:
    """Restoring runs a loop of its own."""
    await asyncio.to_thread(restore_backup, settings, call, file)


async def test_a_backup_with_its_keys_restores_all_of_it(
    platform: Platform, operator: Call, elsewhere: PlatformSettings, tmp_path: Path
) -> None:
    sealed, file = await lived_in(platform, operator), tmp_path / "backup.tar"
    made = await make_backup(platform, operator, file, with_keys=True)
    assert made.keys == ("master-0001.key", "signing.pub")
    assert file.stat().st_mode & 0o777 == 0o600
    await restore(elsewhere, replace(operator, operation="restore"), file)
    assert await opened(elsewhere, sealed) == CANARY
    async with open_platform(elsewhere) as restored:
        report = await verify(restored.database, elsewhere.data_dir, restored.vault)
        assert (report.verdict, report.problems) == (Verdict.WHOLE, ())
        async with restored.database.connection() as connection:
            told = await (await connection.execute("SELECT action FROM audit_events ORDER BY id")).fetchall()
    assert [row["action"] for row in told] == ["test.happen", "backup.make", "backup.restore"]


async def test_who_was_shut_out_since_a_backup_is_not_let_in_by_it(
    platform: Platform, operator: Call, elsewhere: PlatformSettings, tmp_path: Path
) -> None:
    async with platform.database.transaction() as connection:
        account = await insert_account(connection, address_of("ada@example.com"), "Ada", None, operator.at)
        begun = await begin_session(connection, operator, account.id, ("password",))
        await make_link(connection, Purpose.RESET, operator.at, subject=account.email_key, account_id=account.id)
    await make_backup(platform, operator, tmp_path / "backup.tar", with_keys=True)
    await restore(elsewhere, operator, tmp_path / "backup.tar")
    async with open_platform(elsewhere) as restored, restored.database.connection() as connection:
        assert await authenticate_session(connection, begun.secret, operator.at) is None
        assert (await (await connection.execute("SELECT FROM link_tokens")).fetchall()) == []
        assert await find_account(connection, account.email_key) is not None


async def test_without_being_asked_a_backup_names_its_keys_and_does_not_hold_them(
    platform: Platform, operator: Call, elsewhere: PlatformSettings, tmp_path: Path
) -> None:
    sealed, file = await lived_in(platform, operator), tmp_path / "backup.tar"
    await make_backup(platform, operator, file)
    with tarfile.open(file) as tar:
        assert [name for name in tar.getnames() if name.startswith("keys")] == []
        manifest = tar.extractfile("manifest.json")
        assert manifest is not None
        assert json.load(manifest)["keys"] == ["master-0001.key", "signing.pub"]
    with pytest.raises(UsageError, match=r"lacks master-0001\.key, signing\.pub"):
        await restore(elsewhere, operator, file)
    keys, kept = elsewhere.data_dir / "keys", platform.settings.data_dir / "keys"
    keys.mkdir(mode=0o700, parents=True)
    for name in ("master-0001.key", "signing.pub"):
        (keys / name).write_bytes((kept / name).read_bytes())
        (keys / name).chmod(0o600)
    await restore(elsewhere, operator, file)
    assert await opened(elsewhere, sealed) == CANARY


async def test_a_database_that_is_in_use_is_left_alone(platform: Platform, operator: Call, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar"
    await make_backup(platform, operator, file, with_keys=True)
    here = platform.settings.model_copy(update={"data_dir": tmp_path / "elsewhere"})
    with pytest.raises(UsageError, match="not empty"):
        await restore(here, operator, file)
    assert not (tmp_path / "elsewhere" / "keys").exists()


async def test_a_directory_that_is_in_use_is_left_alone(
    platform: Platform, operator: Call, elsewhere: PlatformSettings, tmp_path: Path
) -> None:
    file = tmp_path / "backup.tar"
    await make_backup(platform, operator, file, with_keys=True)
    here = elsewhere.model_copy(update={"data_dir": platform.settings.data_dir})
    with pytest.raises(UsageError, match="holds keys already"):
        await restore(here, operator, file)


async def test_a_file_that_is_there_is_not_overwritten(platform: Platform, operator: Call, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar"
    file.write_text("precious")
    with pytest.raises(UsageError, match="is there already"):
        await make_backup(platform, operator, file)
    assert file.read_text() == "precious"


@pytest.mark.parametrize("content", [b"", b"no tar at all", b"\0" * 10240])
async def test_what_is_no_backup_is_refused(
    operator: Call, elsewhere: PlatformSettings, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "backup.tar"
    file.write_bytes(content)
    with pytest.raises(UsageError, match="is no backup"):
        await restore(elsewhere, operator, file)


async def test_nothing_of_an_archive_lands_outside_of_the_data_directory(
    platform: Platform, operator: Call, elsewhere: PlatformSettings, tmp_path: Path
) -> None:
    file, outside = tmp_path / "backup.tar", tmp_path / "outside"
    await make_backup(platform, operator, file, with_keys=True)
    outside.write_text("x")
    with tarfile.open(file, "a") as tar:
        for name in ("../outside-1", "keys/../../outside-2", str(tmp_path / "outside-3"), "audit/.hidden"):
            tar.add(outside, name)
    await restore(elsewhere, operator, file)
    assert list(tmp_path.rglob("outside-*")) == []
    assert not (elsewhere.data_dir / "audit" / ".hidden").exists()
