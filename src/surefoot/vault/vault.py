"""Secrets that are stored sealed: a key for each record, wrapped by the master key."""

from __future__ import annotations

from uuid import UUID

from surefoot.db.pool import Connection
from surefoot.platform_settings import PlatformSettings


class Vault:
    """The keys of this installation. Nothing of them is ever in the database."""

    @classmethod
    def open(cls, settings: PlatformSettings) -> Vault:
        """Read the keys, or make them on the first start. Raises ConfigError."""
        raise NotImplementedError

    async def seal(self, connection: Connection, secret: bytes, *, about: str) -> UUID:
        """Store a secret; `about` (`account/ID/totp`) is bound to it, so that rows cannot be swapped."""
        raise NotImplementedError

    async def unseal(self, connection: Connection, sealed: UUID, *, about: str) -> bytes:
        """The secret. Raises Unavailable where its key is not there, Conflict where it was changed or swapped."""
        raise NotImplementedError

    async def discard(self, connection: Connection, sealed: UUID) -> None:
        """Delete a stored secret."""
        raise NotImplementedError

    def mac(self, text: str, *, purpose: str) -> bytes:
        """A keyed digest (HMAC-SHA-256) of a text; equal texts give equal digests, for one purpose."""
        raise NotImplementedError

    def sign(self, text: bytes) -> bytes:
        """An Ed25519 signature (64 bytes) by this installation."""
        raise NotImplementedError

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Whether this installation signed the text, with its present key or an earlier one."""
        raise NotImplementedError
