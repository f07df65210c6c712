"""Which passwords are taken, and that each character of one counts."""

from __future__ import annotations

import socket
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surefoot.accounts.guessing import characters_left
from surefoot.accounts.passwords import check_password, hash_new, is_right, normalised
from surefoot.errors import Invalid
from surefoot.vault.hashing import Hasher
from surefoot.web.platform import Platform

pytestmark = pytest.mark.anyio
NOWHERE = Path("/nonexistent/breaches")
ADA = ("Ada Lovelace", "ada.byron@analytical.example", "Difference Engine")
# Letters of every script; what is easily guessed is another test's.
TEXTS = st.text(st.characters(codec="utf-8"), min_size=15, max_size=256).filter(
    lambda text: 15 <= len(normalised(text)) <= 256
)


@pytest.mark.asvs("6.2.1")
def test_fourteen_characters_are_too_few_and_fifteen_enough() -> None:
    with pytest.raises(Invalid, match="this has 14"):
        check_password("pq7 zvxw tlKmn", (), NOWHERE)
    check_password("pq7 zvxw tlKmno", (), NOWHERE)


@pytest.mark.asvs("6.2.9")
def test_as_many_as_256_characters_are_taken() -> None:
    longest = "".join(chr(0x4E00 + 37 * number) for number in range(256))
    check_password(longest, (), NOWHERE)
    with pytest.raises(Invalid, match="this has 257"):
        check_password(longest + "x", (), NOWHERE)


@pytest.mark.asvs("6.2.4")
@pytest.mark.parametrize(
    "common",
    [
        "123456789123456789",
        "1q2w3e4r5t6y7u8i9o0p",
        "qwertyuiopasdfghjkl",
        "aaaaaaaaaaaaaaaaaaaa",
        "abcabcabcabcabcabc",
        "Password123456789!",
        "P@ssw0rdP@ssw0rd1",
        "iloveyou-iloveyou-2",
        "manchesterunited",
        "ABCDEFGHIJKLMNOP",
        "zyxwvutsrqponmlkj",
        "1111111111111112",
    ],
)
def test_what_is_tried_first_is_refused(common: str) -> None:
    with pytest.raises(Invalid, match="easily guessed"):
        check_password(common, (), NOWHERE)


@pytest.mark.asvs("6.2.11")
@pytest.mark.parametrize(
    "own",
    [
        "surefoot-surefoot-1",
        "SurefootSurefoot!!",
        "lovelace-lovelace9",
        "ada.byron2026ada.byron",
        "analytical.analytical",
        "Difference Engine 1",
        "d1fference-eng1ne",
    ],
)
def test_words_of_the_person_and_the_place_are_refused(own: str) -> None:
    with pytest.raises(Invalid, match="easily guessed"):
        check_password(own, ADA, NOWHERE)


@pytest.mark.asvs("6.2.5")
@pytest.mark.parametrize(
    "good",
    [
        "correct horse battery staple",
        "seven grey herons on a roof",
        "correcthorsebattery",
        "lovelace and eleven otters",
        "тринадцать синих китов",
        "十三頭の青い鯨が静かに歌っている",
        "94 31 87 56 20 38 57 19",
        "               x y z w q v k j",
    ],
)
def test_no_kind_of_character_is_asked_for(good: str) -> None:
    check_password(good, ADA, NOWHERE)


@pytest.mark.asvs("6.2.12")
def test_nothing_is_asked_of_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "socket", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    with pytest.raises(Invalid):
        check_password("manchesterunited", ADA, NOWHERE)
    check_password("correct horse battery staple", ADA, NOWHERE)


@pytest.mark.asvs("6.2.5", "6.2.9")
@settings(deadline=None, max_examples=300)
@given(TEXTS)
def test_only_a_length_or_an_easy_guess_refuses_a_text(text: str) -> None:
    if characters_left(normalised(text), ()) >= 8:
        check_password(text, (), NOWHERE)
    else:
        with pytest.raises(Invalid, match="easily guessed"):
            check_password(text, (), NOWHERE)


@pytest.mark.asvs("6.2.5", "6.2.8", "6.2.9")
@settings(deadline=None, max_examples=15)
@given(TEXTS)
async def test_a_password_is_verified_exactly_as_it_was_given(text: str) -> None:
    hasher = Hasher(2, 20)
    try:
        stored = await hasher.hash(normalised(text))
        assert await hasher.verify(stored, normalised(unicodedata.normalize("NFD", text)))
        for other in {text.swapcase(), text.strip(), text[:-1], text[1:], text + " "} - {text}:
            if normalised(other) != normalised(text):
                assert not await hasher.verify(stored, normalised(other))
    finally:
        hasher.close()


async def test_the_hash_is_of_the_composed_form(platform: Platform) -> None:
    stored = await hash_new(platform, "sieben scho\u0308ne Reiher im Moor", ())
    assert await is_right(platform, stored, "sieben sch\u00f6ne Reiher im Moor")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
