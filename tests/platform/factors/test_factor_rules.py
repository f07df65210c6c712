"""What is decided about factors, from what is given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefoot.accounts.factors.rules import may_remove, step_now, step_of_code, suffices


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


@pytest.mark.asvs("6.5.5")
@given(st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)), st.floats(0, 120))
def test_a_code_counts_in_its_own_period_and_never_for_more_than_30_seconds(made_at: datetime, age: float) -> None:
    secret, used_at = pyotp.random_base32(), made_at + timedelta(seconds=age)
    code = pyotp.TOTP(secret).at(made_at)
    taken = step_of_code(secret, code, used_at)
    # Two codes may be equal by chance: then it is the present one that was given.
    assert (taken is None) == (code != pyotp.TOTP(secret).at(used_at))
    assert taken is None or taken == step_now(used_at)
