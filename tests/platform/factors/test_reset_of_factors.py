"""When every factor is lost, the operator takes them off the account."""

from __future__ import annotations

from dataclasses import replace

import pytest

from surefoot.accounts.factors.reset import remove_factors
from surefoot.calls import OPERATOR
from tests.platform.factors.authenticator import Authenticator
from tests.platform.factors.conftest import Person

pytestmark = pytest.mark.anyio


async def reset(person: Person) -> tuple[str, ...]:
    async with person.platform.database.transaction() as connection:
        call = replace(person.now(), actor=OPERATOR)
        return await remove_factors(connection, person.platform, call, person.account_id)


async def test_every_factor_code_and_session_goes_and_the_person_is_told(ada: Person, eve: Person) -> None:
    app, codes = await ada.add_app()
    await ada.add_passkey(Authenticator())
    await ada.post("/account/factors/totp")
    await eve.add_app()
    challenge = await ada.challenge()
    assert await reset(ada) == ("passkey", "totp")
    assert (await ada.factors(), await eve.factors()) == ((), ("totp",))
    assert (await ada.get("/account/factors")).status_code == 401
    assert (await ada.give(challenge, method="totp", code=app.at(ada.clock.at))).status_code == 401
    assert (await ada.give(challenge, method="recovery", code=codes[0])).status_code == 401
    assert len(await ada.rows("SELECT FROM sealed WHERE about LIKE '%/totp'")) == 1
    assert (await ada.mails())[-1] == "factor-removed"
    told = await ada.rows("SELECT actor_kind FROM audit_events WHERE action = 'factors.remove'")
    assert told == [{"actor_kind": "operator"}]
    assert [one["before"] for one in await ada.events("factors.remove")] == [{"factors": ["passkey", "totp"]}]


async def test_somebody_without_a_factor_gets_no_mail(ada: Person) -> None:
    assert (await reset(ada), await ada.mails()) == ((), [])
