"""Web Authentication: what browsers are asked, and whether their answers hold. No database, no clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    generate_challenge,
    options_to_json_dict,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from surefoot.accounts.factors.model import NewPasskey, Passkey
from surefoot.accounts.factors.rules import ANSWER_WITHIN
from surefoot.errors import Invalid, SignInFailed
from surefoot.platform_settings import PlatformSettings

Json = dict[str, Any]
_TIMEOUT = int(ANSWER_WITHIN.total_seconds() * 1000)


@dataclass(frozen=True, slots=True)
class Site:
    """The relying party: the host that passkeys belong to, and the one origin that answers may come from."""

    host: str
    origin: str


def site_of(settings: PlatformSettings) -> Site:
    """The relying party of this installation, from its base URL and never from a request."""
    url = settings.base_url
    default = {"https": 443, "http": 80}[url.scheme]
    port = "" if url.port in (None, default) else f":{url.port}"
    return Site(url.host or "localhost", f"{url.scheme}://{url.host}{port}")


@dataclass(frozen=True, slots=True)
class Asked:
    """Options for the browser (`PublicKeyCredential.parse...OptionsFromJSON`), and the challenge in them."""

    options: Json
    challenge: bytes


def ask_to_register(site: Site, account_id: UUID, email: str, name: str, present: Iterable[Passkey]) -> Asked:
    """Ask for a new passkey on an authenticator that holds none of the `present` ones."""
    options = generate_registration_options(
        rp_id=site.host,
        rp_name="Surefoot",
        user_id=account_id.bytes,
        user_name=email,
        user_display_name=name or email,
        timeout=_TIMEOUT,
        challenge=generate_challenge(),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=_descriptors(present),
    )
    return Asked(options_to_json_dict(options), options.challenge)


def ask_to_sign(site: Site, present: Iterable[Passkey]) -> Asked:
    """Ask for a proof by one of the `present` passkeys; without any, by whichever the authenticator knows."""
    options = generate_authentication_options(
        rp_id=site.host,
        challenge=generate_challenge(),
        timeout=_TIMEOUT,
        allow_credentials=_descriptors(present),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return Asked(options_to_json_dict(options), options.challenge)


def _descriptors(passkeys: Iterable[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=one.credential_id, transports=[AuthenticatorTransport(word) for word in one.transports] or None
        )
        for one in passkeys
    ]


def challenge_in(credential: Json) -> bytes:
    """The challenge that an answer claims to be for. Raises Invalid where it is no answer at all."""
    try:
        return parse_client_data_json(base64url_to_bytes(credential["response"]["clientDataJSON"])).challenge
    # The library parses what a stranger sent: whatever it stumbles over, it is not an answer.
    except Exception as error:
        raise Invalid(
            "`response.clientDataJSON` is not what a browser makes.", hint="Send `credential.toJSON()` as it is."
        ) from error


def credential_id_in(credential: Json) -> bytes:
    """The credential that an answer names. Raises Invalid where it is no answer at all."""
    try:
        return base64url_to_bytes(credential["rawId"])
    except ValueError as error:
        raise Invalid("`rawId` is not what a browser makes.", hint="Send `credential.toJSON()` as it is.") from error


def verify_registration(site: Site, credential: Json, challenge: bytes) -> NewPasskey:
    """The passkey that was made, by a verified person on this site's pages. Raises Invalid."""
    try:
        answer = parse_registration_credential_json(credential)
        made = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
        _refuse_frames(answer.response.client_data_json)
    # As above: the bytes are a stranger's.
    except Exception as error:
        raise Invalid(
            "The authenticator's answer does not prove a new passkey of this site.",
            hint="Ask for new options, and try again on this site's own pages.",
        ) from error
    transports = tuple(one.value for one in answer.response.transports or ())
    return NewPasskey(made.credential_id, made.credential_public_key, made.sign_count, transports)


def verify_assertion(site: Site, credential: Json, challenge: bytes, passkey: Passkey) -> int:
    """The authenticator's count of signatures, if the passkey signed for a verified person. Raises SignInFailed.

    Whether the count went up is for the caller to see.
    """
    try:
        answer = parse_authentication_credential_json(credential)
        proven = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
        _refuse_frames(answer.response.client_data_json)
        # Who the authenticator thinks it signs for has to be the passkey's owner (WebAuthn, 7.2, step 6).
        if answer.response.user_handle not in (None, passkey.account_id.bytes):
            raise ValueError("user handle")
    # As above: the bytes are a stranger's.
    except Exception as error:
        raise SignInFailed("The passkey's answer does not hold.", hint="Try again.", reason="assertion") from error
    return proven.new_sign_count


def _refuse_frames(client_data: bytes) -> None:
    if parse_client_data_json(client_data).cross_origin:
        raise ValueError("asked inside another site's page")
