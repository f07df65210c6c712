"""A new master key takes over while others read and write, and nothing is lost."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from surefoot.db.pool import Database
from surefoot.errors import ConfigError, Conflict, Unavailable
from surefoot.vault.vault import Vault
from tests.platform.vault.vaults import a_key, given, opened

pytestmark = pytest.mark.anyio

ABOUT = "account/1/totp"


@pytest.fixture
def vault(data_dir: Path) -> Vault:
    return opened(data_dir)


async def seal(vault: Vault, database: Database, secret: bytes) -> UUID:
    async with database.transaction() as connection:
        return await vault.seal(connection, secret, about=ABOUT)


async def unseal(vault: Vault, database: Database, sealed: UUID) -> bytes:
    async with database.connection() as connection:
        return await vault.unseal(connection, sealed, about=ABOUT)


async def keys_in_use(database: Database) -> set[str]:
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT DISTINCT key_id FROM sealed")
        return {row["key_id"] for row in await cursor.fetchall()}


async def test_everything_is_wrapped_with_the_new_key_and_opens_as_before(vault: Vault, database: Database) -> None:
    sealed = {await seal(vault, database, secret): secret for secret in (b"a", b"b", b"c")}
    before = await keys_in_use(database)
    rotated = await vault.rotate(database)
    assert (rotated.rewrapped, rotated.damaged) == (3, ())
    assert await keys_in_use(database) == {rotated.key_id} != before
    assert {one: await unseal(vault, database, one) for one in sealed} == sealed


@pytest.mark.asvs("11.2.2")
async def test_a_rotation_under_load_loses_nothing(vault: Vault, database: Database, data_dir: Path) -> None:
    kept: dict[UUID, bytes] = {}
    over = asyncio.Event()

    async def use(process: Vault, number: int) -> None:
        while not over.is_set():
            secret = f"{number}/{len(kept)}".encode()
            kept[await seal(process, database, secret)] = secret
            for sealed, expected in list(kept.items())[:: max(1, len(kept) // 5)]:
                assert await unseal(process, database, sealed) == expected

    for number in range(450):
        kept[await seal(vault, database, b"%d" % number)] = b"%d" % number
    async with asyncio.TaskGroup() as group:
        for number in range(4):
            group.create_task(use(opened(data_dir), number))
        rotations = [await vault.rotate(database) for _ in range(5)]
        over.set()
    assert all(one.rewrapped >= 450 for one in rotations)
    last = await vault.rotate(database)
    assert await keys_in_use(database) == {last.key_id}
    for sealed, secret in kept.items():
        assert await unseal(vault, database, sealed) == secret


async def test_other_processes_use_the_new_key_at_once(vault: Vault, database: Database, data_dir: Path) -> None:
    other = opened(data_dir)
    rotated = await vault.rotate(database)
    sealed = await seal(other, database, b"secret")
    assert await keys_in_use(database) == {rotated.key_id}
    assert await unseal(vault, database, sealed) == b"secret"


async def test_what_was_rewrapped_does_not_open_with_the_old_key(
    vault: Vault, database: Database, data_dir: Path
) -> None:
    sealed = await seal(vault, database, b"secret")
    leaked = (data_dir / "keys" / "master-0001.key").read_text().strip()
    await vault.rotate(database)
    with pytest.raises(Unavailable):
        await unseal(given(data_dir, leaked), database, sealed)
    async with database.connection() as connection:
        await connection.execute("UPDATE sealed SET key_id = %s", (given(data_dir, leaked)._keys().newest.id,))
    with pytest.raises(Conflict):
        await unseal(given(data_dir, leaked), database, sealed)


async def test_digests_and_signatures_outlive_a_rotation(vault: Vault, database: Database, data_dir: Path) -> None:
    digest, signature = vault.mac("a", purpose="p"), vault.sign(b"text")
    await vault.rotate(database)
    assert vault.mac("a", purpose="p") == digest
    assert vault.sign(b"text") != signature
    assert opened(data_dir).verify(b"text", signature)


async def test_a_signature_outlives_the_key_that_made_it(vault: Vault, database: Database, data_dir: Path) -> None:
    await vault.rotate(database)
    signature = vault.sign(b"text")
    await vault.rotate(database)
    (data_dir / "keys" / "master-0002.key").unlink()
    assert opened(data_dir).verify(b"text", signature)


async def test_keys_that_vanish_are_not_replaced_in_a_process_that_runs(
    vault: Vault, database: Database, data_dir: Path
) -> None:
    sealed = await seal(vault, database, b"x")
    shutil.rmtree(data_dir / "keys")
    assert await unseal(vault, database, sealed) == b"x"
    await seal(vault, database, b"y")
    with pytest.raises(ConfigError, match="No key can be made"):
        await vault.rotate(database)
    assert not (data_dir / "keys").exists()


async def test_a_missing_first_key_is_told_and_not_replaced(vault: Vault, database: Database, data_dir: Path) -> None:
    await vault.rotate(database)
    (data_dir / "keys" / "master-0001.key").unlink()
    with pytest.raises(ConfigError, match=r"master-0001\.key, is not there"):
        opened(data_dir)


async def test_keys_of_the_environment_are_rotated_by_putting_a_new_one_in_front(
    database: Database, data_dir: Path
) -> None:
    old, new = a_key(), a_key()
    before, after = given(data_dir, old), given(data_dir, new, old)
    sealed, digest, signature = await seal(before, database, b"x"), before.mac("a", purpose="p"), before.sign(b"text")
    rotated = await after.rotate(database)
    assert rotated.rewrapped == 1
    assert await unseal(given(data_dir, new), database, sealed) == b"x"
    assert after.mac("a", purpose="p") == digest
    assert after.verify(b"text", signature)
    assert not (data_dir / "keys").exists()


async def test_a_key_that_is_known_and_not_in_front_only_reads(database: Database, data_dir: Path) -> None:
    old, new = a_key(), a_key()
    sealed = await seal(given(data_dir, new, old), database, b"x")
    assert await unseal(given(data_dir, old, new), database, sealed) == b"x"


@pytest.mark.parametrize(
    "damage", ["wrapped = set_byte(wrapped, 20, get_byte(wrapped, 20) # 1)", "wrapped = ''"], ids=["changed", "cut"]
)
async def test_a_damaged_record_is_named_and_keeps_no_other_back(vault: Vault, database: Database, damage: str) -> None:
    damaged, *others = [await seal(vault, database, b"x") for _ in range(3)]
    async with database.connection() as connection:
        await connection.execute(f"UPDATE sealed SET {damage} WHERE id = %s".encode(), (damaged,))
    rotated = await vault.rotate(database)
    assert (rotated.rewrapped, rotated.damaged) == (2, (damaged,))
    for sealed in others:
        assert await unseal(vault, database, sealed) == b"x"


async def test_a_lost_key_is_told_when_all_else_is_done(vault: Vault, database: Database, data_dir: Path) -> None:
    await seal(given(data_dir, lost := a_key()), database, b"lost")
    sealed = await seal(vault, database, b"x")
    with pytest.raises(Unavailable, match="not known") as refused:
        await vault.rotate(database)
    assert refused.value.details == {"keys": [given(data_dir, lost)._keys().newest.id]}
    assert await unseal(opened(data_dir), database, sealed) == b"x"
    assert opened(data_dir)._keys().newest.id in await keys_in_use(database)


async def test_an_interrupted_rotation_is_finished_by_the_next_one(
    vault: Vault, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = [await seal(vault, database, b"x") for _ in range(5)]
    monkeypatch.setattr("surefoot.vault.rotation._BATCH", 2)
    monkeypatch.setattr("surefoot.vault.rotation.rewrap", _failing_after(3))
    with pytest.raises(ZeroDivisionError):
        await vault.rotate(database)
    assert len(await keys_in_use(database)) == 2
    monkeypatch.undo()
    rotated = await vault.rotate(database)
    assert (rotated.rewrapped, await keys_in_use(database)) == (5, {rotated.key_id})
    for one in sealed:
        assert await unseal(vault, database, one) == b"x"


def _failing_after(times: int) -> Callable[..., object]:
    from surefoot.vault.rules import rewrap

    left = iter(range(times))

    def failing(*given: object) -> object:
        if next(left, None) is None:
            raise ZeroDivisionError
        return rewrap(*given)  # type: ignore[arg-type]  # passed on as it came

    return failing
