"""`surefoot accounts remove-factors`: what the operator does for somebody who lost them all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from surefoot.calls import OPERATOR
from surefoot.errors import NotFound
from surefoot.serve.operator import remove_factors
from tests.platform.factors.conftest import Person

pytestmark = pytest.mark.anyio


async def test_the_account_is_found_by_its_address(ada: Person) -> None:
    await ada.add_app()
    call = replace(ada.now(), actor=OPERATOR)
    assert await remove_factors(ada.platform, call, "ADA@example.com") == ("totp",)
    assert await ada.factors() == ()


async def test_an_address_that_nobody_has_is_told(ada: Person) -> None:
    with pytest.raises(NotFound, match="has no account"):
        await remove_factors(ada.platform, ada.now(), "nobody@example.com")
