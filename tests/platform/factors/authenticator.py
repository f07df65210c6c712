"""An authenticator in software: makes passkeys and signs with them, and lies where a test asks for it."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key

Json = dict[str, Any]
_PRESENT, _VERIFIED, _ATTESTED = 0x01, 0x04, 0x40


def encode(given: bytes) -> str:
    return base64.urlsafe_b64encode(given).rstrip(b"=").decode()


def decode(given: str) -> bytes:
    return base64.urlsafe_b64decode(given + "=" * (-len(given) % 4))


@dataclass
class Key:
    """One passkey, as its authenticator keeps it."""

    id: bytes
    private: EllipticCurvePrivateKey
    user_handle: bytes
    count: int = 0


@dataclass
class Authenticator:
    """On the page of `origin`. `verifies`: whether it asks its person for a PIN; `counts`: whether it counts."""

    origin: str = "http://localhost:8000"
    verifies: bool = True
    counts: bool = True
    cross_origin: bool = False
    keys: list[Key] = field(default_factory=list)

    def create(self, options: Json, *, rp_id: str | None = None) -> Json:
        """What `navigator.credentials.create` gives."""
        held = {encode(key.id) for key in self.keys}
        if any(one["id"] in held for one in options.get("excludeCredentials", ())):
            raise ValueError("InvalidStateError: this authenticator holds one already")
        key = Key(os.urandom(32), generate_private_key(SECP256R1()), decode(options["user"]["id"]))
        self.keys.append(key)
        attested = bytes(16) + len(key.id).to_bytes(2, "big") + key.id + _cose(key.private)
        data = self._data(rp_id or options["rp"]["id"], key, _ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options["challenge"])
        return _credential(
            key, clientDataJSON=encode(client), attestationObject=encode(attestation), transports=["internal", "novel"]
        )

    def get(self, options: Json, *, key: Key | None = None, user_handle: bytes | None = None) -> Json:
        """What `navigator.credentials.get` gives, by the newest key that is allowed."""
        allowed = {one["id"] for one in options.get("allowCredentials") or ()}
        key = key or next(one for one in reversed(self.keys) if not allowed or encode(one.id) in allowed)
        if self.counts:
            key.count += 1
        data = self._data(options["rpId"], key, 0)
        client = self._client("webauthn.get", options["challenge"])
        signature = key.private.sign(data + hashlib.sha256(client).digest(), ECDSA(hashes.SHA256()))
        return _credential(
            key,
            clientDataJSON=encode(client),
            authenticatorData=encode(data),
            signature=encode(signature),
            userHandle=encode(user_handle or key.user_handle),
        )

    def _data(self, rp_id: str, key: Key, flags: int) -> bytes:
        flags |= _PRESENT | (_VERIFIED if self.verifies else 0)
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + key.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": self.cross_origin}
        return json.dumps(told).encode()


def _credential(key: Key, **response: object) -> Json:
    return {
        "id": encode(key.id),
        "rawId": encode(key.id),
        "type": "public-key",
        "response": response,
        "clientExtensionResults": {"credProps": {"rk": True}},
        "authenticatorAttachment": "platform",
    }


def _cose(private: EllipticCurvePrivateKey) -> bytes:
    """The public key in COSE's form: kty EC2, alg ES256, curve P-256, x and y."""
    numbers = private.public_key().public_numbers()
    return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
