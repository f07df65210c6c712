"""What the vault keeps, and the keys that it keeps it with."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


@dataclass(frozen=True)
class MasterKey:
    """32 random bytes, from which every other key is derived; they are used for nothing else, and never shown."""

    secret: bytes = field(repr=False)

    def derive(self, purpose: str) -> bytes:
        """The key of 32 bytes for one purpose (HKDF-SHA-256)."""
        return HKDF(SHA256(), 32, salt=None, info=f"surefoot/{purpose}".encode()).derive(self.secret)

    @cached_property
    def id(self) -> str:
        """What rows and files call this key; it says nothing of the key itself."""
        return self.derive("id")[:8].hex()

    @cached_property
    def wrapping(self) -> AESGCM:
        """The cipher that wraps the keys of records."""
        return AESGCM(self.derive("wrap"))

    @cached_property
    def signing(self) -> Ed25519PrivateKey:
        """The key that signs."""
        return Ed25519PrivateKey.from_private_bytes(self.derive("sign"))


@dataclass(frozen=True, slots=True)
class Ring:
    """All keys that a process knows, the newest first, and the public halves of those that are gone.

    What is sealed or signed anew is under the newest. What is compared later (`mac`) is under the first that this
    installation had, so that it stays equal when a key is added.
    """

    keys: tuple[MasterKey, ...]
    public: tuple[Ed25519PublicKey, ...] = ()

    @property
    def newest(self) -> MasterKey:
        """The key for what is written now."""
        return self.keys[0]

    def find(self, key_id: str) -> MasterKey | None:
        """The key of that id, or None."""
        return next((key for key in self.keys if key.id == key_id), None)

    def mac(self, text: bytes, purpose: str) -> bytes:
        """HMAC-SHA-256 under the purpose's key."""
        return hmac.digest(self.keys[-1].derive(f"mac/{purpose}"), text, "sha256")

    def public_keys(self) -> tuple[Ed25519PublicKey, ...]:
        """The public half of every key that may have signed."""
        return (*(key.signing.public_key() for key in self.keys), *self.public)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A row of `sealed`."""

    id: UUID
    about: str
    key_id: str
    wrapped: bytes
    nonce: bytes
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation did: the key that is used from now on, how many records were wrapped anew, and which not.

    `damaged` are the ids of records that were changed or swapped: no key opens them.
    """

    key_id: str
    rewrapped: int
    damaged: tuple[UUID, ...] = ()
