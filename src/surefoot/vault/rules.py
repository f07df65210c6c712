"""How a secret is sealed, opened, and wrapped anew. Nothing here knows where keys or rows come from."""

from __future__ import annotations

import os
from dataclasses import replace
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from surefoot.errors import Conflict, Unavailable
from surefoot.vault.model import MasterKey, Ring, Sealed

_NONCE = 12


def seal(ring: Ring, sealed: UUID, about: str, secret: bytes) -> Sealed:
    """The record of a secret, under a key of its own that the newest master key wraps."""
    key, nonce = AESGCM.generate_key(256), os.urandom(_NONCE)
    ciphertext = AESGCM(key).encrypt(nonce, secret, _bound(sealed, about))
    return Sealed(sealed, about, ring.newest.id, _wrap(ring.newest, sealed, key), nonce, ciphertext)


def unseal(ring: Ring, record: Sealed, about: str) -> bytes:
    """The secret. Raises Unavailable where the key is not known, Conflict where the record is not what was sealed."""
    key = _unwrap(ring, record)
    try:
        return AESGCM(key).decrypt(record.nonce, record.ciphertext, _bound(record.id, about))
    except InvalidTag as error:
        raise _changed(record) from error


def rewrap(ring: Ring, record: Sealed) -> Sealed:
    """The same record under the newest master key; the secret itself is not opened. Raises as `unseal` does."""
    return replace(record, key_id=ring.newest.id, wrapped=_wrap(ring.newest, record.id, _unwrap(ring, record)))


def _wrap(master: MasterKey, sealed: UUID, key: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + master.wrapping.encrypt(nonce, key, _bound(sealed, master.id))


def _unwrap(ring: Ring, record: Sealed) -> bytes:
    master = ring.find(record.key_id)
    if master is None:
        raise Unavailable(
            f"The master key {record.key_id} is not known to this process, and {record.about} is sealed with it.",
            hint="Put the key back: `docs/explanation/keys.md` says where keys are and how to keep them.",
            key=record.key_id,
        )
    try:
        return master.wrapping.decrypt(record.wrapped[:_NONCE], record.wrapped[_NONCE:], _bound(record.id, master.id))
    except (InvalidTag, ValueError) as error:
        raise _changed(record) from error


def _bound(sealed: UUID, what: str) -> bytes:
    """What a ciphertext is bound to. An id is always 36 characters, so that no two pairs give the same bytes."""
    return f"{sealed}|{what}".encode()


def _changed(record: Sealed) -> Conflict:
    return Conflict(
        f"The sealed secret {record.id} of {record.about} was changed, or swapped with another one.",
        hint="Somebody wrote to the database by another way. Look into the audit trail, and set the secret anew.",
        sealed=str(record.id),
    )
