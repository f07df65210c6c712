"""What a hostile, broken or forged OpenID provider cannot get past."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from surefoot.accounts.social.model import Person, Purpose
from surefoot.accounts.social.oidc import RelyingParty
from surefoot.accounts.social.secrets import secrets_of
from surefoot.errors import SignInFailed, Unavailable
from tests.platform.social import hostile
from tests.platform.social.hostile import ADDRESS, CLIENT, ISSUER, Claims, Op, rsa_key, signed

pytestmark = pytest.mark.anyio

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NOW = int(AT.timestamp())
SECRETS = secrets_of("cookie", Purpose.SIGN_IN)


@pytest.fixture
def op() -> Op:
    return Op(AT)


def https(url: str) -> bool:
    return url.startswith("https://")


def party(op: Op, **given: Any) -> RelyingParty:
    return RelyingParty(hostile.provider(op.issuer, **given), https, op.transport)


async def signs_in(op: Op, issuer: str | None = None, **given: Any) -> Person:
    """From the button to the person, with an answer that says it comes from `issuer`."""
    ours = party(op, **given)
    return await ours.person(SECRETS, op.come_back(await ours.location(SECRETS, ADDRESS, AT), issuer), AT)


async def reason(op: Op, issuer: str | None = None) -> object:
    """Why signing in fails."""
    with pytest.raises(SignInFailed) as caught:
        await signs_in(op, issuer)
    return caught.value.details["reason"]


async def test_an_honest_provider_is_believed(op: Op) -> None:
    assert await signs_in(op) == Person(ISSUER, "person-1", "ada@example.org", "Ada Lovelace")


@pytest.mark.asvs("9.1.2")
@pytest.mark.parametrize(
    ("key", "algorithm", "digest"),
    [
        (rsa_key(), "RS256", "sha256"),
        (rsa_key(), "PS256", "sha256"),
        (hostile.ec_key(), "ES256", "sha256"),
        (hostile.ed_key(), "Ed25519", "sha512"),
    ],
)
async def test_each_algorithm_of_the_list_is_taken(op: Op, key: Any, algorithm: str, digest: str) -> None:
    op.keys = lambda: [key.as_dict(private=False)]
    op.claims = lambda claims: {**claims, "at_hash": hostile.at_hash("at-1", digest)}
    op.sign = lambda claims: signed(claims, key, algorithm)
    assert (await signs_in(op)).subject == "person-1"


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
async def test_the_old_name_of_ed25519_is_taken(op: Op) -> None:
    op.keys = lambda: [hostile.ed_key().as_dict(private=False)]
    op.sign = lambda claims: signed(claims, hostile.ed_key(), "EdDSA")
    assert (await signs_in(op)).subject == "person-1"


def other_key(claims: Claims) -> str:
    """Signed with a key of the same name that is not the provider's."""
    return signed(claims, rsa_key("forged"), kid="main")


def public_key_as_secret(claims: Claims) -> str:
    return hostile.keyed(claims, rsa_key().as_pem(private=False), kid="main")


def altered(claims: Claims) -> str:
    head, _, signature = signed(claims, rsa_key()).split(".")
    body = signed({**claims, "sub": "somebody-else"}, rsa_key()).split(".")[1]
    return f"{head}.{body}.{signature}"


def key_in_header(claims: Claims) -> str:
    return signed(claims, hostile.ec_key(), "ES256", kid="main", jwk=hostile.ec_key().as_dict(private=False))


def keys_elsewhere(claims: Claims) -> str:
    return signed(claims, rsa_key("forged"), kid="main", jku="https://evil.example/jwks")


@pytest.mark.asvs("6.8.2", "9.1.1", "9.1.2", "9.1.3", "9.2.2")
@pytest.mark.parametrize(
    ("sign", "why"),
    [
        (hostile.unsigned, "alg"),
        (lambda claims: hostile.keyed(claims, hostile.SECRET.encode()), "alg"),
        (public_key_as_secret, "alg"),
        (lambda claims: signed(claims, rsa_key(), "RS512"), "alg"),
        (other_key, "signature"),
        (altered, "signature"),
        (key_in_header, "kid"),
        (keys_elsewhere, "signature"),
        (lambda claims: signed(claims, rsa_key("forged")), "kid"),
        (lambda claims: signed(claims, rsa_key(), "RS256", typ="at+jwt"), "typ"),
        (lambda claims: signed(claims, rsa_key(), "RS256", crit=["b64"], b64=True), "typ"),
        (lambda _claims: "", "malformed"),
        (lambda _claims: "a.b.c", "malformed"),
        (lambda claims: signed(claims, rsa_key()).rpartition(".")[0] + ".", "signature"),
    ],
    ids=[
        "alg none",
        "HS256 with the client's secret",
        "HS256 with the public key",
        "an algorithm that is not on the list",
        "the key of somebody else",
        "altered",
        "its own key in the header",
        "keys elsewhere",
        "unknown kid",
        "an access token",
        "critical header",
        "empty",
        "no JWT",
        "without a signature",
    ],
)
async def test_a_token_that_it_did_not_sign_is_refused(op: Op, sign: Callable[[Claims], str], why: str) -> None:
    op.sign = sign
    assert await reason(op) == why


@pytest.mark.asvs("9.2.1", "9.2.3", "10.5.1", "10.5.4")
@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"iss": "https://evil.example"}, "iss"),
        ({"iss": f"{ISSUER}/"}, "iss"),
        ({"iss": None}, "iss"),
        ({"aud": "another-client"}, "aud"),
        ({"aud": [CLIENT, "another-client"], "azp": CLIENT}, "aud"),
        ({"aud": None}, "aud"),
        ({"azp": "another-client"}, "azp"),
        ({"nonce": "of-another-attempt"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"at_hash": hostile.at_hash("another-token")}, "at_hash"),
        ({"at_hash": 7}, "at_hash"),
        ({"exp": NOW - 31}, "exp"),
        ({"exp": None}, "exp"),
        ({"exp": "tomorrow"}, "exp"),
        ({"exp": True}, "exp"),
        ({"iat": NOW + 31}, "iat"),
        ({"iat": NOW - 631}, "iat"),
        ({"iat": None}, "iat"),
        ({"nbf": NOW + 31}, "nbf"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": 7}, "sub"),
        ({"sub": "x" * 256}, "sub"),
        ({"sub": "person\x00"}, "sub"),
        ({"sub": "pers\u00f6n"}, "sub"),
        ({"nonce": "\ud800"}, "nonce"),
    ],
    ids=str,
)
async def test_a_token_with_a_wrong_or_missing_claim_is_refused(op: Op, wrong: Claims, why: str) -> None:
    """None takes the claim out."""
    op.claims = lambda claims: {name: value for name, value in {**claims, **wrong}.items() if value is not None}
    assert await reason(op) == why


async def test_clocks_may_differ_by_half_a_minute(op: Op) -> None:
    op.claims = lambda claims: {**claims, "exp": NOW - 29, "iat": NOW + 29}
    assert (await signs_in(op)).subject == "person-1"


@pytest.mark.parametrize(
    ("tokens", "why"),
    [
        ({"id_token": None}, "tokens"),
        ({"access_token": None}, "tokens"),
        ({"id_token": 7}, "tokens"),
        ({"token_type": "mac"}, "token_type"),
    ],
    ids=str,
)
async def test_an_answer_without_its_tokens_is_refused(op: Op, tokens: Claims, why: str) -> None:
    op.tokens = tokens
    assert await reason(op) == why


@pytest.mark.asvs("9.1.3")
async def test_a_key_that_is_too_short_is_refused(op: Op) -> None:
    with pytest.warns(match="2048"):
        short = rsa_key("short", 1024)
    op.keys = lambda: [short.as_dict(private=False)]
    op.sign = lambda claims: signed(claims, short)
    with pytest.warns(match="2048"):
        assert await reason(op) == "key"


@pytest.mark.asvs("9.1.3")
@pytest.mark.parametrize("keys", [[], [{"kty": "oct", "kid": "main", "k": "c2VjcmV0"}], ["main"]], ids=str)
async def test_keys_that_fit_no_algorithm_are_no_keys(op: Op, keys: list[Any]) -> None:
    op.keys = lambda: keys
    assert await reason(op) == "kid"


async def test_two_keys_of_one_name_are_nobodys(op: Op) -> None:
    op.keys = lambda: [rsa_key().as_dict(private=False), {**rsa_key("forged").as_dict(private=False), "kid": "main"}]
    assert await reason(op) == "kid"


async def test_a_new_key_is_found_by_asking_once_more(op: Op) -> None:
    ours = party(op)
    location = await ours.location(SECRETS, ADDRESS, AT)
    op.keys = lambda: [rsa_key("new").as_dict(private=False)]
    op.sign = lambda claims: signed(claims, rsa_key("new"))
    assert (await ours.person(SECRETS, op.come_back(location), AT)).subject == "person-1"
    assert op.count("/jwks") == 2


async def test_unknown_keys_do_not_make_it_ask_again_and_again(op: Op) -> None:
    ours = party(op)
    op.sign = lambda claims: signed(claims, rsa_key("forged"))
    for later in (0, 0, 29, 31):
        at = AT + timedelta(seconds=later)
        returned = op.come_back(await ours.location(SECRETS, ADDRESS, at))
        with pytest.raises(SignInFailed):
            await ours.person(SECRETS, returned, at)
    assert op.count("/jwks") == 3


async def test_what_it_publishes_is_read_again_after_an_hour(op: Op) -> None:
    ours = party(op)
    for later in (0, 59, 61):
        await ours.location(SECRETS, ADDRESS, AT + timedelta(minutes=later))
    assert op.count("/.well-known/openid-configuration") == 2


@pytest.mark.asvs("10.5.3")
@pytest.mark.parametrize(
    ("metadata", "why"),
    [
        ({"issuer": "https://evil.example"}, "issuer"),
        ({"issuer": f"{ISSUER}/"}, "issuer"),
        ({"issuer": None}, "issuer"),
        ({"authorization_endpoint": None}, "authorization_endpoint"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "authorization_endpoint"),
        ({"token_endpoint": "http://op.example/token"}, "token_endpoint"),
        ({"jwks_uri": ["https://op.example/jwks"]}, "jwks_uri"),
        ({"userinfo_endpoint": "file:///etc/passwd"}, "userinfo_endpoint"),
    ],
    ids=str,
)
async def test_a_discovery_document_that_lies_is_refused(op: Op, metadata: Claims, why: str) -> None:
    op.metadata = metadata
    assert await reason(op) == why


@pytest.mark.asvs("10.2.2")
@pytest.mark.parametrize(
    ("advertised", "issuer"),
    [(True, None), (True, "https://evil.example"), (False, "https://evil.example"), (True, f"{ISSUER}/")],
)
async def test_an_answer_of_another_provider_is_refused(op: Op, advertised: bool, issuer: str | None) -> None:
    op.metadata = {"authorization_response_iss_parameter_supported": advertised}
    assert await reason(op, issuer) == "mix-up"
    assert op.count("/token") == 0


async def test_an_answer_that_names_its_provider_is_taken(op: Op) -> None:
    op.metadata = {"authorization_response_iss_parameter_supported": True}
    assert (await signs_in(op, ISSUER)).subject == "person-1"


@pytest.mark.asvs("10.2.1")
async def test_a_code_of_another_attempt_is_worth_nothing(op: Op) -> None:
    ours = party(op)
    theirs = op.come_back(await ours.location(secrets_of("another cookie", Purpose.SIGN_IN), ADDRESS, AT))
    with pytest.raises(SignInFailed) as caught:
        await ours.person(SECRETS, theirs, AT)
    assert caught.value.details["reason"] == "invalid_grant"


async def test_a_code_works_once(op: Op) -> None:
    ours = party(op)
    returned = op.come_back(await ours.location(SECRETS, ADDRESS, AT))
    await ours.person(SECRETS, returned, AT)
    with pytest.raises(SignInFailed):
        await ours.person(SECRETS, returned, AT)


async def test_an_error_of_the_provider_is_told_only_as_a_plain_word(op: Op) -> None:
    op.answer = lambda request: (
        httpx.Response(400, json={"error": "<b>call 555</b>"}) if request.url.path == "/token" else None
    )
    assert await reason(op) == "refused"


def without_email(claims: Claims) -> Claims:
    return {name: value for name, value in claims.items() if not name.startswith("email")}


async def test_userinfo_of_the_same_person_is_believed(op: Op) -> None:
    op.metadata, op.claims = {"userinfo_endpoint": f"{ISSUER}/userinfo"}, without_email
    op.userinfo = {"sub": "person-1", "email": "ada@example.net", "email_verified": True, "iss": "ignored"}
    assert await signs_in(op) == Person(ISSUER, "person-1", "ada@example.net")


async def test_userinfo_may_say_that_the_address_of_the_token_is_verified(op: Op) -> None:
    op.metadata = {"userinfo_endpoint": f"{ISSUER}/userinfo"}
    op.claims = lambda claims: {name: value for name, value in claims.items() if name != "email_verified"}
    op.userinfo = {"sub": "person-1", "email": "ada@example.net", "email_verified": True}
    assert (await signs_in(op)).email == "ada@example.net"
    op.userinfo = {"sub": "person-1", "email_verified": True}
    assert (await signs_in(op)).email is None


@pytest.mark.parametrize("subject", ["somebody-else", None, "", 7])
async def test_userinfo_of_another_person_is_refused(op: Op, subject: object) -> None:
    op.metadata, op.claims = {"userinfo_endpoint": f"{ISSUER}/userinfo"}, without_email
    op.userinfo = {"sub": subject, "email": "ada@example.net", "email_verified": True}
    assert await reason(op) == "userinfo"


@pytest.mark.parametrize("verified", [False, None, "true", 1])
async def test_an_address_that_is_not_verified_is_none(op: Op, verified: object) -> None:
    op.claims = lambda claims: {**claims, "email_verified": verified}
    assert (await signs_in(op)).email is None


@pytest.mark.parametrize("email", ["a\x00@example.org", "a\ud800@example.org", "", 7, f"{'a' * 251}@b.c"], ids=ascii)
async def test_what_can_be_no_address_is_none(op: Op, email: object) -> None:
    op.claims = lambda claims: {**claims, "email": email}
    assert (await signs_in(op)).email is None


async def test_microsofts_word_for_verified_is_understood(op: Op) -> None:
    op.claims = lambda claims: {**without_email(claims), "email": "ada@example.org", "xms_edov": True}
    assert (await signs_in(op)).email == "ada@example.org"


async def test_an_operator_may_vouch_for_the_addresses_of_a_provider(op: Op) -> None:
    op.claims = lambda claims: {**claims, "email_verified": None}
    assert (await signs_in(op, vouches=True)).email == "ada@example.org"


def endless(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=b"[" + b"1," * 400_000)


@pytest.mark.asvs("15.3.2", "16.5.2")
@pytest.mark.parametrize(
    "answer",
    [
        endless,
        lambda _request: httpx.Response(302, headers={"Location": "http://169.254.169.254/"}),
        lambda _request: httpx.Response(500, json={}),
        lambda _request: httpx.Response(200, content=b"<html>"),
        lambda _request: httpx.Response(200, content=b"[" * 100_000),
        lambda _request: httpx.Response(200, content=gzip.compress(b"{}"), headers={"Content-Encoding": "gzip"}),
    ],
    ids=["endless", "redirect", "its error", "no JSON", "deep", "compressed"],
)
async def test_an_answer_of_no_use_makes_it_unavailable(
    op: Op, answer: Callable[[httpx.Request], httpx.Response]
) -> None:
    op.answer = answer
    with pytest.raises(Unavailable):
        await signs_in(op)
    assert len(op.asked) == 1


async def test_a_provider_that_cannot_be_reached_is_unavailable(op: Op) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    op.answer = refuse
    with pytest.raises(Unavailable):
        await signs_in(op)


async def test_the_secret_goes_where_the_provider_takes_it(op: Op) -> None:
    await signs_in(op)
    assert "authorization" in op.asked[-1].headers
    assert b"client_secret" not in op.asked[-1].content
    op.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    await signs_in(op)
    assert "authorization" not in op.asked[-1].headers
    assert b"client_secret=s3cret+%26+more" in op.asked[-1].content


@pytest.mark.parametrize("nonsense", [5, None, "client_secret_post", {"client_secret_post": 1}])
async def test_ways_to_take_the_secret_that_are_no_list_change_nothing(op: Op, nonsense: object) -> None:
    op.metadata = {"token_endpoint_auth_methods_supported": nonsense}
    await signs_in(op)
    assert "authorization" in op.asked[-1].headers


async def test_nothing_of_an_attempt_tells_another_part_of_it(op: Op) -> None:
    location = await party(op).location(SECRETS, ADDRESS, AT)
    assert SECRETS.state in location
    assert SECRETS.verifier not in location
    assert "cookie" not in location
    assert len({SECRETS.state, SECRETS.nonce, SECRETS.verifier, SECRETS.challenge}) == 4
    assert secrets_of("cookie", Purpose.LINK).state != SECRETS.state.replace("sign-in", "link")
