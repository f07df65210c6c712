"""What is sealed opens for its own record alone, and only with the installation's keys."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from uuid import uuid4

import pytest

from surefoot.db.pool import Database
from surefoot.errors import ConfigError, Conflict, NotFound, Unavailable
from surefoot.vault.vault import Vault
from tests.platform.vault.vaults import a_key, given, opened

pytestmark = pytest.mark.anyio

ABOUT = "account/1/totp"


@pytest.fixture
def vault(data_dir: Path) -> Vault:
    return opened(data_dir)


async def test_a_secret_comes_back_as_it_was(vault: Vault, database: Database) -> None:
    async with database.transaction() as connection:
        sealed = await vault.seal(connection, b"\x00secret\xff", about=ABOUT)
        assert await vault.unseal(connection, sealed, about=ABOUT) == b"\x00secret\xff"


async def test_nothing_of_a_secret_or_a_key_is_in_the_database(
    vault: Vault, database: Database, data_dir: Path
) -> None:
    key = base64.b64decode((data_dir / "keys" / "master-0001.key").read_bytes())
    async with database.transaction() as connection:
        await vault.seal(connection, b"canary-canary", about=ABOUT)
        cursor = await connection.execute("SELECT wrapped || nonce || ciphertext AS stored FROM sealed")
        row = await cursor.fetchone()
    assert row is not None
    assert b"canary" not in row["stored"]
    assert key not in row["stored"]


async def test_equal_secrets_are_stored_differently(vault: Vault, database: Database) -> None:
    async with database.transaction() as connection:
        for _ in range(2):
            await vault.seal(connection, b"the same", about=ABOUT)
        cursor = await connection.execute("SELECT DISTINCT ciphertext, wrapped FROM sealed")
        assert len(await cursor.fetchall()) == 2


@pytest.mark.asvs("11.3.3")
@pytest.mark.parametrize("columns", ["nonce, ciphertext", "wrapped, nonce, ciphertext", "wrapped"])
async def test_swapped_rows_are_rejected(vault: Vault, database: Database, columns: str) -> None:
    async with database.transaction() as connection:
        mine = await vault.seal(connection, b"mine", about=ABOUT)
        other = await vault.seal(connection, b"other", about="account/2/totp")
        await connection.execute(
            f"UPDATE sealed SET ({columns}) = (SELECT {columns} FROM sealed WHERE id = %s) WHERE id = %s".encode(),
            (other, mine),
        )
        with pytest.raises(Conflict, match="changed, or swapped"):
            await vault.unseal(connection, mine, about=ABOUT)


@pytest.mark.asvs("11.3.3")
async def test_a_reference_to_another_ones_secret_is_rejected(vault: Vault, database: Database) -> None:
    async with database.transaction() as connection:
        other = await vault.seal(connection, b"other", about="account/2/totp")
        with pytest.raises(Conflict):
            await vault.unseal(connection, other, about=ABOUT)


@pytest.mark.asvs("11.3.3")
@pytest.mark.parametrize("column", ["wrapped", "nonce", "ciphertext"])
async def test_one_changed_bit_is_rejected(vault: Vault, database: Database, column: str) -> None:
    async with database.transaction() as connection:
        sealed = await vault.seal(connection, b"secret", about=ABOUT)
        await connection.execute(
            f"UPDATE sealed SET {column} = set_bit({column}, 3, 1 - get_bit({column}, 3))".encode()
        )
        with pytest.raises(Conflict):
            await vault.unseal(connection, sealed, about=ABOUT)


async def test_a_truncated_key_is_rejected(vault: Vault, database: Database) -> None:
    async with database.transaction() as connection:
        sealed = await vault.seal(connection, b"secret", about=ABOUT)
        await connection.execute("UPDATE sealed SET wrapped = ''")
        with pytest.raises(Conflict):
            await vault.unseal(connection, sealed, about=ABOUT)


async def test_what_is_discarded_is_gone(vault: Vault, database: Database) -> None:
    async with database.transaction() as connection:
        sealed = await vault.seal(connection, b"secret", about=ABOUT)
        await vault.discard(connection, sealed)
        with pytest.raises(NotFound):
            await vault.unseal(connection, sealed, about=ABOUT)


async def test_a_missing_key_is_named(database: Database, data_dir: Path) -> None:
    async with database.transaction() as connection:
        sealed = await given(data_dir, a_key()).seal(connection, b"secret", about=ABOUT)
    other = given(data_dir, a_key())
    (missing,) = await other.list_missing(database)
    async with database.connection() as connection:
        with pytest.raises(Unavailable, match=missing):
            await other.unseal(connection, sealed, about=ABOUT)


async def test_a_second_process_reads_what_the_first_one_sealed(
    vault: Vault, database: Database, data_dir: Path
) -> None:
    async with database.transaction() as connection:
        sealed = await vault.seal(connection, b"secret", about=ABOUT)
        again = opened(data_dir)
        assert await again.unseal(connection, sealed, about=ABOUT) == b"secret"


async def test_processes_that_start_at_once_make_one_key(data_dir: Path) -> None:
    vaults = await asyncio.gather(*(asyncio.to_thread(opened, data_dir) for _ in range(16)))
    assert len({one.mac("x", purpose="p") for one in vaults}) == 1
    assert [file.name for file in sorted((data_dir / "keys").iterdir())] == ["master-0001.key", "signing.pub"]


def test_keys_are_for_their_owner_alone(vault: Vault, data_dir: Path) -> None:
    modes = {path.name: path.stat().st_mode & 0o777 for path in (data_dir / "keys").iterdir()}
    assert modes == {"master-0001.key": 0o600, "signing.pub": 0o600}
    assert (data_dir / "keys").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", ["", "master-0001.key", "signing.pub"])
@pytest.mark.parametrize("bit", [0o040, 0o004, 0o020])
def test_keys_that_others_can_use_are_refused(vault: Vault, data_dir: Path, name: str, bit: int) -> None:
    path = data_dir / "keys" / name
    path.chmod(path.stat().st_mode | bit)
    with pytest.raises(ConfigError, match="others than its owner"):
        opened(data_dir)


@pytest.mark.parametrize("text", ["", "no base64!", "c2hvcnQ=", "ü" * 44])
def test_what_is_no_key_is_refused_and_not_shown(data_dir: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="holds no key") as refused:
        given(data_dir, a_key(), text)
    assert not text or text not in str(refused.value.to_dict())


def test_a_damaged_key_file_is_refused_and_not_shown(vault: Vault, data_dir: Path) -> None:
    (data_dir / "keys" / "master-0001.key").write_text("c2hvcnQ=\n")
    with pytest.raises(ConfigError, match=r"master-0001\.key holds no key") as refused:
        opened(data_dir)
    assert "c2hvcnQ" not in str(refused.value.to_dict())


def test_a_place_that_takes_no_keys_is_told(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "keys").write_text("no directory")
    with pytest.raises(ConfigError, match="No key can be made in"):
        opened(data_dir)


def test_keys_do_not_show_themselves(data_dir: Path) -> None:
    key = a_key()
    ring = given(data_dir, key)._keys()
    assert str(base64.b64decode(key)) not in repr(ring)


def test_digests_differ_by_text_purpose_and_installation(vault: Vault, data_dir: Path) -> None:
    assert vault.mac("a", purpose="p") == vault.mac("a", purpose="p")
    others = [vault.mac("b", purpose="p"), vault.mac("a", purpose="q"), given(data_dir, a_key()).mac("a", purpose="p")]
    assert vault.mac("a", purpose="p") not in others
    assert len(vault.mac("a", purpose="p")) == 32


def test_a_signature_fits_its_text_and_installation(vault: Vault, data_dir: Path) -> None:
    signature = vault.sign(b"text")
    assert len(signature) == 64
    assert vault.verify(b"text", signature)
    assert not vault.verify(b"texT", signature)
    assert not vault.verify(b"text", b"")
    (data_dir / "keys" / "signing.pub").unlink()
    assert not given(data_dir, a_key()).verify(b"text", signature)


async def test_a_record_that_was_never_sealed_is_not_found(vault: Vault, database: Database) -> None:
    async with database.connection() as connection:
        with pytest.raises(NotFound):
            await vault.unseal(connection, uuid4(), about=ABOUT)
