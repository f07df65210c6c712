"""Recovery codes: for when no other factor is at hand."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surefoot.accounts.factors.rules import new_recovery_code, recovery_digest
from surefoot.db.ids import new_id
from tests.platform.factors.authenticator import Authenticator
from tests.platform.factors.conftest import Person

pytestmark = pytest.mark.anyio


async def test_ten_come_with_the_first_factor_and_none_with_the_second(ada: Person) -> None:
    _app, codes = await ada.add_app()
    assert (len(codes), len(set(codes))) == (10, 10)
    added = await ada.add_passkey(Authenticator())
    assert (added.status_code, added.json()["recovery_codes"]) == (201, [])
    listed = (await ada.get("/account/factors")).text
    assert not [code for code in codes if code in listed]


@pytest.mark.asvs("6.3.7")
async def test_each_works_once_and_its_use_is_told(ada: Person) -> None:
    _app, codes = await ada.add_app()
    first = await ada.give(await ada.challenge(), method="recovery", code=codes[0])
    again = await ada.give(await ada.challenge(), method="recovery", code=codes[0])
    other = await ada.give(await ada.challenge(), method="recovery", code=codes[1])
    assert (first.status_code, again.status_code, other.status_code) == (200, 401, 200)
    assert (await ada.get("/account/factors")).json()["recovery"]["left"] == 8
    assert await ada.mails() == ["factor-added", "recovery-used", "recovery-used"]
    assert [one["after"] for one in await ada.events("recovery-code.use")] == [{"left": 9}, {"left": 8}]


async def test_one_code_five_times_at_once_works_once(ada: Person) -> None:
    _app, codes = await ada.add_app()
    challenges = [await ada.challenge() for _ in range(5)]
    tried = await asyncio.gather(*(ada.give(one, method="recovery", code=codes[0]) for one in challenges))
    assert sorted(one.status_code for one in tried) == [200, 401, 401, 401, 401]


async def test_new_ones_put_the_old_ones_out_of_use(ada: Person) -> None:
    _app, old = await ada.add_app()
    new = (await ada.post("/account/factors/recovery-codes")).json()["recovery_codes"]
    assert (len(new), set(new) & set(old)) == (10, set())
    assert (await ada.give(await ada.challenge(), method="recovery", code=old[0])).status_code == 401
    assert (await ada.give(await ada.challenge(), method="recovery", code=new[0])).status_code == 200


async def test_without_a_factor_there_is_nothing_to_stand_in_for(ada: Person) -> None:
    refused = await ada.post("/account/factors/recovery-codes")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")


async def test_anothers_code_does_not_work(ada: Person, eve: Person) -> None:
    await ada.add_app()
    _app, codes = await eve.add_app()
    assert (await eve.give(await ada.challenge(), method="recovery", code=codes[0])).status_code == 401


@pytest.mark.asvs("6.5.2", "6.5.3")
async def test_only_digests_of_112_bits_and_more_are_kept(ada: Person) -> None:
    _app, codes = await ada.add_app()
    kept = await ada.rows("SELECT c::text AS row FROM recovery_codes c UNION ALL SELECT e::text FROM audit_events e")
    letters = [code.replace("-", "") for code in codes]
    assert not [row for row in kept if any(text in row["row"] for text in (*codes, *letters))]
    # Each letter is one of 32: five bits.
    assert {len(text) * 5 for text in letters} == {120}


@given(st.integers(min_value=0, max_value=2**24 - 1))
@settings(max_examples=50)
async def test_what_people_make_of_a_code_while_typing_is_the_same_code(which: int) -> None:
    account, code = new_id(), new_recovery_code()
    typed = "".join(sign.upper() if which >> n & 1 else sign for n, sign in enumerate(code.replace("-", "")))
    typed = typed.replace("0", "o").replace("1", "l")
    spaced = " ".join(typed[start : start + 4] for start in range(0, len(typed), 4))
    assert recovery_digest(account, spaced) == recovery_digest(account, code)
    assert recovery_digest(new_id(), code) != recovery_digest(account, code)
