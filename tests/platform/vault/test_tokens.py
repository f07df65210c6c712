"""Tokens are long, recognisable and checked before anybody looks them up."""

from __future__ import annotations

import re

import pytest

from surefoot.vault.tokens import TokenKind, digest, fits, is_token, new_secret, new_token


def test_a_secret_has_256_bits_and_needs_no_escape() -> None:
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", one) for one in secrets)


def test_only_the_secret_itself_fits_its_digest() -> None:
    secret = new_secret()
    assert fits(digest(secret), secret)
    assert not fits(digest(secret), secret + "x")
    assert len(digest(secret)) == 32


@pytest.mark.parametrize(("kind", "prefix"), [(TokenKind.PERSONAL, "sft_pat_"), (TokenKind.SERVICE, "sft_svc_")])
def test_a_token_tells_its_kind_and_passes_its_own_check(kind: TokenKind, prefix: str) -> None:
    token = new_token(kind)
    assert re.fullmatch(prefix + r"[A-Za-z0-9]{49}", token)
    assert is_token(token)


def test_one_wrong_character_anywhere_is_seen() -> None:
    token = new_token(TokenKind.PERSONAL)
    wrong = {token[:at] + ("b" if letter == "a" else "a") + token[at + 1 :] for at, letter in enumerate(token)}
    assert [one for one in wrong if is_token(one)] == []


@pytest.mark.parametrize("text", ["", "sft_pat_", "sft_xyz_" + "a" * 49, "sft_pat_" + "a" * 49])
def test_what_only_looks_like_a_token_is_none(text: str) -> None:
    assert not is_token(text)


def test_a_token_with_something_around_it_is_none() -> None:
    token = new_token(TokenKind.SERVICE)
    assert not any(map(is_token, (token + "\n", " " + token, token + "0", token[:-1])))


def test_the_checksum_is_one_that_others_can_compute() -> None:
    body = "sft_pat_" + "0" * 43
    assert is_token(body + _crc62(body))


def _crc62(text: str) -> str:
    """CRC-32 bit by bit, as its definition says."""
    register = 0xFFFFFFFF
    for byte in text.encode():
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0xEDB88320 if register & 1 else 0)
    number, alphabet = register ^ 0xFFFFFFFF, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    return "".join(alphabet[number // 62**place % 62] for place in range(5, -1, -1))
