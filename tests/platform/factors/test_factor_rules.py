"""What is decided about factors, from what is given."""

from __future__ import annotations

import pytest

from surefoot.accounts.factors.rules import may_remove, suffices


@pytest.mark.parametrize(
    ("left", "demanded", "may"),
    [((), False, True), ((), True, False), (("totp",), True, True), (("passkey", "totp"), False, True)],
)
def test_the_last_factor_goes_only_where_nobody_demands_one(left: tuple[str, ...], demanded: bool, may: bool) -> None:
    assert may_remove(left, demanded) is may


@pytest.mark.parametrize(
    ("method", "factors", "does"),
    [
        ("passkey", ("passkey", "totp"), True),
        ("totp", ("passkey", "totp"), False),
        ("totp", ("totp",), True),
        ("recovery", ("passkey",), True),
        ("recovery", (), False),
        ("totp", (), False),
    ],
)
def test_only_the_strongest_factor_steps_up(method: str, factors: tuple[str, ...], does: bool) -> None:
    assert suffices(method, factors) is does
