"""Secrets that are stored sealed: a key for each record, wrapped by the master key."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from surefoot.db.ids import new_id
from surefoot.db.pool import Connection, Database
from surefoot.errors import Unavailable
from surefoot.platform_settings import PlatformSettings
from surefoot.vault import rules, store
from surefoot.vault.keyring import add_key, key_files, make_first, ring_of_files, ring_of_text
from surefoot.vault.model import Ring, Rotated
from surefoot.vault.rotation import rewrap_all


class Vault:
    """The keys of this installation. Nothing of them is ever in the database."""

    def __init__(self, ring: Ring, directory: Path | None) -> None:
        """`directory` is where the keys are read from again when there is a new one; None for keys that stay."""
        self._ring = ring
        self._directory = directory
        self._files = _files(directory)

    @classmethod
    def open(cls, settings: PlatformSettings) -> Vault:
        """Read the keys, or make them on the first start. Raises ConfigError."""
        directory = settings.data_dir / "keys"
        if settings.master_key is not None:
            return cls(ring_of_text(settings.master_key.get_secret_value(), directory), None)
        make_first(directory)
        return cls(ring_of_files(directory), directory)

    async def seal(self, connection: Connection, secret: bytes, *, about: str) -> UUID:
        """Store a secret; `about` (`account/ID/totp`) is bound to it, so that rows cannot be swapped."""
        record = rules.seal(self._keys(), new_id(), about, secret)
        await store.insert_sealed(connection, record)
        return record.id

    async def unseal(self, connection: Connection, sealed: UUID, *, about: str) -> bytes:
        """The secret. Raises Unavailable where its key is not there, Conflict where it was changed or swapped.

        Raises NotFound where there is no such record.
        """
        record = await store.get_sealed(connection, sealed)
        return rules.unseal(self._keys(), record, about)

    async def discard(self, connection: Connection, sealed: UUID) -> None:
        """Delete a stored secret."""
        await store.delete_sealed(connection, sealed)

    def mac(self, text: str, *, purpose: str) -> bytes:
        """A keyed digest (HMAC-SHA-256) of a text; equal texts give equal digests, for one purpose.

        It stays the same when the master key is rotated.
        """
        return self._keys().mac(text.encode("utf-8", "surrogatepass"), purpose)

    def sign(self, text: bytes) -> bytes:
        """An Ed25519 signature (64 bytes) by this installation."""
        return self._keys().newest.signing.sign(text)

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Whether this installation signed the text, with its present key or an earlier one."""
        return any(_signed(key, text, signature) for key in self._keys().public_keys())

    async def rotate(self, database: Database) -> Rotated:
        """Make a new master key, and wrap the key of every record with it, in batches, while others read and write.

        Where the keys are given by the environment none is made: what is there is wrapped with the first of them.
        Other processes on the same files use the new key at once. It may be called again after an interruption.
        Raises Unavailable where something is sealed with a key that is not known; all else is rewrapped by then.
        Records that were changed by another way stay as they are, and are named in the result.
        """
        if self._directory is not None:
            add_key(self._directory)
        ring = self._keys()
        rotated = await rewrap_all(database, ring)
        if missing := await self.list_missing(database):
            raise Unavailable(
                f"Something is sealed with master keys that are not known: {', '.join(missing)}.",
                hint="Put these keys back and rotate again.",
                keys=missing,
            )
        return rotated

    async def list_missing(self, database: Database) -> list[str]:
        """The ids of master keys that something is sealed with and this process does not know. Raises Unavailable."""
        async with database.connection() as connection:
            used = await store.list_keys(connection)
        return [key for key in used if self._keys().find(key) is None]

    def _keys(self) -> Ring:
        """The keys as they are now: another process may have added one. One that is gone was read before."""
        if self._directory is not None and not self._files.issuperset(files := _files(self._directory)):
            self._ring, self._files = ring_of_files(self._directory), files
        return self._ring


def _files(directory: Path | None) -> frozenset[Path]:
    return frozenset(key_files(directory)) if directory else frozenset()


def _signed(key: Ed25519PublicKey, text: bytes, signature: bytes) -> bool:
    try:
        key.verify(signature, text)
    except InvalidSignature:
        return False
    return True
