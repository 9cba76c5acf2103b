"""Currencies by their ISO codes."""

import pytest

from ledgerflow_core.errors import InvalidInput
from ledgerflow_core.money.currency import currency


@pytest.mark.parametrize(
    ("code", "exponent"), [("INR", 2), ("AED", 2), ("JPY", 0), ("KWD", 3), ("OMR", 3), ("CLF", 4), ("XYZ", 2)]
)
def test_a_code_says_how_many_decimals_there_are(code: str, exponent: int) -> None:
    assert currency(code).exponent == exponent


@pytest.mark.parametrize("code", ["", "IN", "INRS", "inr", "I1R", "ÄÖÜ", "IN\0", "ＩＮＲ"])
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        currency(code)
    assert refused.value.problems[0].code == "bad-currency"


def test_a_currency_without_a_sign_of_its_own_is_shown_by_its_code() -> None:
    assert (currency("INR").symbol, currency("CHF").symbol) == ("₹", "CHF")
