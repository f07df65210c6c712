"""The JSON of accounts: what is sent and what is answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from surefoot.accounts.model import Begun, Session, Waiting
from surefoot.accounts.service_profile import Profile

Email = Annotated[str, Field(max_length=320, description="An e-mail address.", examples=["ada@example.org"])]
Name = Annotated[str, Field(max_length=400, description="What people call you.", examples=["Ada Lovelace"])]
Token = Annotated[
    str,
    Field(
        max_length=200,
        description="What stands behind `#token=` in the mailed link.",
        examples=["u8dGdaa1Q2fDq3ZAvK0yTzPVnmtYQ8bXcLsE5hJw7oI"],
        repr=False,
    ),
]
# The bound keeps the work small; the rule itself, 15 to 256 characters, says more when it refuses.
Password = Annotated[
    str,
    Field(
        max_length=2000,
        description="The password, as it is.",
        examples=["seven grey herons on a Tuesday roof"],
        repr=False,
    ),
]
NewPassword = Annotated[
    str,
    Field(
        max_length=2000,
        description="15 to 256 characters of any kind: not common, not breached, not repeats, sequences or your names.",
        examples=["seven grey herons on a Tuesday roof"],
        repr=False,
    ),
]


class Given(BaseModel):
    """What is sent; a name that is not known is refused."""

    model_config = ConfigDict(extra="forbid")


class AddressGiven(Given):
    """An address."""

    email: Email


class SignUpGiven(Given):
    """What makes an account of a mailed link."""

    token: Token
    name: Name
    password: NewPassword


class SignInGiven(Given):
    """An address and a password."""

    email: Email
    password: Password


class ResetGiven(Given):
    """A new password, by a mailed link."""

    token: Token
    password: NewPassword


class PasswordGiven(Given):
    """A new password, and the one of now."""

    current: str | None = Field(
        None, max_length=2000, description="The password of now; left out where there is none.", repr=False
    )
    new: NewPassword


class StepUpGiven(Given):
    """The password, once more."""

    password: Password


class TokenGiven(Given):
    """The token of a mailed link."""

    token: Token


class NameGiven(Given):
    """What can be edited of an account."""

    name: Name


class Mailed(BaseModel):
    """The same answer for every address: what there is to say is in its mailbox."""

    status: Literal["mailed"] = Field("mailed", description="A mail is on its way.")


class Done(BaseModel):
    """It is done."""

    status: Literal["done"] = Field("done", description="It is done.")


class SignedIn(BaseModel):
    """Whether the session has begun, or what is missing."""

    status: Literal["signed-in", "second-factor"] = Field(
        description="`signed-in`: the cookie is set. `second-factor`: go on with POST /sign-in/second-factor."
    )
    challenge: str | None = Field(None, description="What the second factor is sent with; good for ten minutes.")
    factors: list[str] | None = Field(None, description="What will do, the strongest first.", examples=[["totp"]])


class SteppedUp(BaseModel):
    """Whether the proof was taken, or which one is needed."""

    status: Literal["proven", "second-factor"] = Field(
        description="`proven`: the cookie is new. `second-factor`: go on with POST /account/step-up/factor."
    )
    factors: list[str] | None = Field(None, description="What will do, the strongest first.", examples=[["passkey"]])


class AccountShown(BaseModel):
    """Your account."""

    id: UUID = Field(description="The account.")
    email: str = Field(description="The proven address.", examples=["ada@example.org"])
    pending_email: str | None = Field(None, description="A new address whose link was not opened yet.")
    name: str = Field(description="What people call you.", examples=["Ada Lovelace"])
    has_password: bool = Field(description="Whether a password is set.")
    password_changed_at: datetime | None = Field(description="When the password was set last.")
    factors: list[str] = Field(description="Second factors, the strongest first.", examples=[["passkey", "totp"]])
    verified_at: datetime = Field(description="When the address was proven.")
    created_at: datetime = Field(description="When the account was made.")
    version: int = Field(description="Grows with each edit; the ETag says the same.")


class SessionShown(BaseModel):
    """A browser or program in which you are signed in."""

    id: UUID = Field(description="The session.")
    current: bool = Field(description="Whether it is the one that asks.")
    device: str = Field(description="Program and system, as the browser told them.", examples=["Firefox on Linux"])
    address: str = Field(description="From where it was begun.", examples=["192.0.2.7"])
    methods: list[str] = Field(description="What was proven.", examples=[["password", "totp"]])
    began_at: datetime = Field(description="When it was begun; it ends a day later.")
    seen_at: datetime = Field(description="When it was used last, to the minute; it ends an hour later.")


class Ended(BaseModel):
    """How many sessions were ended."""

    ended: int = Field(description="How many.", examples=[2])


def signed_in(done: Begun | Waiting) -> SignedIn:
    """What is answered to a sign-in."""
    if isinstance(done, Waiting):
        return SignedIn(status="second-factor", challenge=done.challenge, factors=list(done.factors))
    return SignedIn(status="signed-in")


def account_shown(profile: Profile) -> AccountShown:
    """The account for its owner."""
    account = profile.account
    return AccountShown(
        id=account.id,
        email=account.email,
        pending_email=profile.pending_email,
        name=account.name,
        has_password=account.has_password,
        password_changed_at=account.password_changed_at,
        factors=list(profile.factors),
        verified_at=account.verified_at,
        created_at=account.created_at,
        version=account.version,
    )


def session_shown(session: Session, current: UUID | None) -> SessionShown:
    """A session for its owner."""
    return SessionShown(
        id=session.id,
        current=session.id == current,
        device=session.device,
        address=session.address,
        methods=list(session.methods),
        began_at=session.began_at,
        seen_at=session.seen_at,
    )
