"""What the routes of second factors take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from surefoot.accounts.factors.ceremonies import Json
from surefoot.accounts.factors.model import Factors, Passkey
from surefoot.accounts.factors.prove import Proof
from surefoot.accounts.factors.totp import Enrolment
from surefoot.accounts.shapes import Given

_AT = "2026-05-04T09:30:00Z"
_BYTES = "AbQ0c3VyZWZvb3Q"
Base64Url = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$", max_length=20_000)]
TotpCode = Annotated[
    str, Field(pattern=r"^[0-9]{6}$", description="The six digits that the app shows now.", examples=["492039"])
]
RecoveryCode = Annotated[
    str,
    Field(
        min_length=1,
        max_length=100,
        description="One of the ten, as it was shown; case and hyphens do not matter.",
        examples=["7k2m-q9xd-41vw-h8ra-c5tn-0e6j"],
    ),
]
PasskeyName = Annotated[
    str, Field(min_length=1, max_length=100, description="What you call it.", examples=["Laptop, fingerprint"])
]
ChallengeSecret = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        description="`challenge` of the answer to `POST /sign-in`.",
        examples=["u8dGdaa1Q2fDq3ZAvK0yTzPVnmtYQ8bXcLsE5hJw7oI"],
    ),
]


class _Answer(BaseModel):
    """A credential as browsers put it into JSON (`credential.toJSON()`); what else they send is left alone."""

    model_config = ConfigDict(validate_by_alias=True, validate_by_name=False, serialize_by_alias=True)

    id: Base64Url = Field(description="The credential's id.", examples=[_BYTES])
    raw_id: Base64Url = Field(alias="rawId", description="The same.", examples=[_BYTES])
    type: Literal["public-key"] = Field(description="Always `public-key`.")

    def to_json(self) -> Json:
        """The answer as the browser sent it."""
        dumped: dict[str, Any] = self.model_dump(by_alias=True)
        return dumped


class MadeResponse(BaseModel):
    """What an authenticator tells about a passkey that it made."""

    client_data_json: Base64Url = Field(alias="clientDataJSON", description="What was signed for.", examples=[_BYTES])
    attestation_object: Base64Url = Field(alias="attestationObject", description="The passkey.", examples=[_BYTES])
    transports: list[Annotated[str, StringConstraints(max_length=40)]] = Field(
        default_factory=list, max_length=10, description="How the authenticator is reached.", examples=[["internal"]]
    )


class MadeCredential(_Answer):
    """`navigator.credentials.create(...)`, as JSON."""

    response: MadeResponse = Field(description="What the authenticator made.")


class SignedResponse(BaseModel):
    """What an authenticator signed."""

    client_data_json: Base64Url = Field(alias="clientDataJSON", description="What was signed for.", examples=[_BYTES])
    authenticator_data: Base64Url = Field(alias="authenticatorData", description="By what.", examples=[_BYTES])
    signature: Base64Url = Field(description="The signature.", examples=[_BYTES])
    user_handle: Base64Url | None = Field(None, alias="userHandle", description="For whom.", examples=[_BYTES])


class SignedCredential(_Answer):
    """`navigator.credentials.get(...)`, as JSON."""

    response: SignedResponse = Field(description="What the authenticator signed.")


class TotpProof(Given):
    """A proof by an authenticator app."""

    method: Literal["totp"] = Field(description="An authenticator app.")
    code: TotpCode

    def proof(self) -> Proof:
        """The proof for the service."""
        return Proof(self.method, code=self.code)


class RecoveryProof(Given):
    """A proof by a recovery code, which is used up."""

    method: Literal["recovery"] = Field(description="A recovery code.")
    code: RecoveryCode

    def proof(self) -> Proof:
        """The proof for the service."""
        return Proof(self.method, code=self.code)


class PasskeyProof(Given):
    """A proof by a passkey."""

    method: Literal["passkey"] = Field(description="A passkey.")
    assertion: SignedCredential = Field(description="The browser's answer to the options.")

    def proof(self) -> Proof:
        """The proof for the service."""
        return Proof(self.method, credential=self.assertion.to_json())


AnyProof = Annotated[TotpProof | RecoveryProof | PasskeyProof, Field(discriminator="method")]


class ChallengeIn(Given):
    """Which sign-in it is about."""

    challenge: ChallengeSecret


class TotpSecondFactor(TotpProof):
    """The second factor of a sign-in: an authenticator app's code."""

    challenge: ChallengeSecret


class RecoverySecondFactor(RecoveryProof):
    """The second factor of a sign-in: a recovery code."""

    challenge: ChallengeSecret


class PasskeySecondFactor(PasskeyProof):
    """The second factor of a sign-in: a passkey."""

    challenge: ChallengeSecret


AnySecondFactor = Annotated[
    TotpSecondFactor | RecoverySecondFactor | PasskeySecondFactor, Field(discriminator="method")
]


class PasskeySignIn(Given):
    """Signing in with a passkey alone."""

    assertion: SignedCredential = Field(description="The browser's answer to the options.")


class PasskeyNew(Given):
    """A passkey that the browser made."""

    name: PasskeyName
    credential: MadeCredential = Field(description="The browser's answer to the options.")


class PasskeyEdit(Given):
    """What can be changed of a passkey."""

    name: PasskeyName


class CodeIn(Given):
    """A first code of the app that is being set up."""

    code: TotpCode


class PasskeyOptions(BaseModel):
    """What the browser is to be asked.

    For `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`.
    """

    public_key: dict[str, Any] = Field(
        description="The options, good for five minutes and one answer.",
        examples=[{"challenge": _BYTES, "rpId": "surefoot.example.com", "userVerification": "required"}],
    )


class TotpEnrolment(BaseModel):
    """What goes into an authenticator app. It is shown once."""

    secret: str = Field(description="The secret, in base 32.", examples=["JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"])
    uri: str = Field(
        description="The same for apps that open links.",
        examples=["otpauth://totp/Surefoot:ada%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Surefoot"],
    )
    picture: str = Field(
        description="The URI as a QR code: a data URL of an SVG picture.", examples=["data:image/svg+xml,..."]
    )

    @classmethod
    def of(cls, made: Enrolment) -> TotpEnrolment:
        """The service's answer."""
        return cls(secret=made.secret, uri=made.uri, picture=made.picture)


class RecoveryCodes(BaseModel):
    """Recovery codes. They are shown once."""

    recovery_codes: list[str] = Field(
        description="Ten codes for when no other factor is at hand; empty where you have some already.",
        examples=[["7k2m-q9xd-41vw-h8ra-c5tn-0e6j"]],
    )


class TotpOut(BaseModel):
    """An authenticator app."""

    added_at: datetime = Field(description="Since when it counts.", examples=[_AT])
    used_at: datetime | None = Field(description="When it was used last.", examples=[_AT])


class PasskeyOut(BaseModel):
    """A passkey."""

    id: UUID = Field(description="Its id.", examples=["0198f0e2-5b7a-7c3d-9e4f-2a6b8c0d1e2f"])
    name: str = Field(description="What you call it.", examples=["Laptop, fingerprint"])
    added_at: datetime = Field(description="Since when it counts.", examples=[_AT])
    used_at: datetime | None = Field(description="When it was used last; null for never.", examples=[_AT])

    @classmethod
    def of(cls, passkey: Passkey) -> PasskeyOut:
        """A passkey without its key."""
        return cls(id=passkey.id, name=passkey.name, added_at=passkey.created_at, used_at=passkey.used_at)


class PasskeyAdded(RecoveryCodes):
    """A passkey that was added; recovery codes with the first factor."""

    passkey: PasskeyOut = Field(description="The passkey.")


class RecoveryOut(BaseModel):
    """Recovery codes, as a number."""

    left: int = Field(description="How many were not used yet.", examples=[9])
    made_at: datetime | None = Field(description="When they were made; null where there are none.", examples=[_AT])
    used_at: datetime | None = Field(description="When one was used last; null for never.", examples=[_AT])


class FactorsOut(BaseModel):
    """Your second factors, without a secret."""

    totp: TotpOut | None = Field(description="The authenticator app; null without one.")
    passkeys: list[PasskeyOut] = Field(description="Your passkeys, the oldest first.")
    recovery: RecoveryOut = Field(description="Your recovery codes.")

    @classmethod
    def of(cls, found: Factors) -> FactorsOut:
        """What the service found."""
        totp = found.totp
        return cls(
            totp=TotpOut(added_at=totp.confirmed_at or totp.created_at, used_at=totp.used_at) if totp else None,
            passkeys=[PasskeyOut.of(one) for one in found.passkeys],
            recovery=RecoveryOut(
                left=found.recovery.left, made_at=found.recovery.made_at, used_at=found.recovery.used_at
            ),
        )
