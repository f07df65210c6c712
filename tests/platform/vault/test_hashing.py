"""Passwords are hashed as OWASP says, by so many threads, and no more than that wait."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from threading import Event

import argon2
import pytest

from surefoot.errors import Overloaded
from surefoot.vault import hashing
from surefoot.vault.hashing import Hasher

pytestmark = pytest.mark.anyio


@pytest.fixture
def hasher() -> Iterator[Hasher]:
    opened = Hasher(workers=2, queue=20)
    yield opened
    opened.close()


async def test_a_password_fits_its_own_hash_alone(hasher: Hasher) -> None:
    stored = await hasher.hash("correct horse battery")
    assert await hasher.verify(stored, "correct horse battery")
    assert not await hasher.verify(stored, "correct horse batterY")
    assert not await hasher.verify(stored, "correct horse battery ")


async def test_a_hash_is_argon2id_with_the_parameters_of_owasp(hasher: Hasher) -> None:
    assert (await hasher.hash("x")).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_half_a_surrogate_pair_is_a_password_like_others(hasher: Hasher) -> None:
    stored = await hasher.hash("fifteen letters \ud800")
    assert await hasher.verify(stored, "fifteen letters \ud800")
    assert not await hasher.verify(stored, "fifteen letters ?")


@pytest.mark.asvs("6.3.8")
async def test_an_unknown_account_costs_one_verification_like_a_known_one(
    hasher: Hasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []
    real = hashing._fits

    def counted(stored: str, password: str) -> bool:
        verified.append(stored.rpartition("$")[0].rpartition("$")[0])
        return real(stored, password)

    stored = await hasher.hash("known to somebody")
    monkeypatch.setattr(hashing, "_fits", counted)
    assert not await hasher.verify(stored, "a guess")
    assert not await hasher.verify(None, "a guess")
    assert verified == ["$argon2id$v=19$m=19456,t=2,p=1"] * 2


async def test_a_hash_of_other_parameters_is_to_be_made_anew(hasher: Hasher) -> None:
    weaker = argon2.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("x")
    assert hasher.needs_rehash(weaker)
    assert not hasher.needs_rehash(await hasher.hash("x"))


@pytest.mark.asvs("15.2.2")
async def test_what_is_beyond_the_queue_is_told_to_come_back(hasher: Hasher, monkeypatch: pytest.MonkeyPatch) -> None:
    held = Event()
    monkeypatch.setattr(hashing, "_fits", lambda *_: held.wait(30))
    waiting = [asyncio.ensure_future(hasher.verify(None, "x")) for _ in range(22)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded) as refused:
        await hasher.verify(None, "x")
    held.set()
    assert await asyncio.gather(*waiting) == [False] * 22
    assert refused.value.details == {"retry_after": 1}
    assert not await hasher.verify(None, "x")


async def test_a_caller_who_goes_away_frees_no_room_that_is_still_used(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher, held = Hasher(workers=1, queue=0), Event()
    monkeypatch.setattr(hashing, "_fits", lambda *_: held.wait(30))
    gone = asyncio.ensure_future(hasher.verify(None, "x"))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await hasher.verify(None, "x")
    held.set()
    hasher.close()


async def test_what_waits_at_the_end_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher, begun, held = Hasher(workers=1, queue=1), Event(), Event()

    def work(*_: object) -> bool:
        begun.set()
        return held.wait(30)

    monkeypatch.setattr(hashing, "_fits", work)
    first, second = (asyncio.ensure_future(hasher.verify(None, "x")) for _ in range(2))
    await asyncio.to_thread(begun.wait)
    closing = asyncio.ensure_future(asyncio.to_thread(hasher.close))
    with pytest.raises(asyncio.CancelledError):
        await second
    held.set()
    await closing
    assert await first is False
