"""Rates, conversion, and the gain or loss that settling realises: every figure worked by hand beside it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerflow_core.errors import InvalidInput
from ledgerflow_core.exchange_rate import DatedRates, rate_scaled, realised_gain, to_base
from ledgerflow_core.money.currency import currency

INR, USD, JPY, KWD = (currency(code) for code in ("INR", "USD", "JPY", "KWD"))


@pytest.mark.parametrize(
    ("text", "scaled"),
    [
        ("83.2150", 83_215_000_000_000),
        ("1", 10**12),
        ("0.000000000001", 1),
        ("999999999999", 999_999_999_999 * 10**12),
    ],
)
def test_a_rate_is_decimal_text(text: str, scaled: int) -> None:
    assert rate_scaled(text) == scaled


@pytest.mark.parametrize(
    "text",
    ["", "0", "0.0", "-1", "+1", "83,2", "1e2", "0.0000000000001", "1000000000000", " 1", "1 ", "1\n2", "NaN", "８３"],
)
def test_what_is_no_positive_decimal_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        rate_scaled(text)
    assert refused.value.problems[0].code == "bad-rate"


@pytest.mark.parametrize(
    ("foreign_minor", "rate", "foreign", "base", "minor"),
    [
        (100_00, "83.2150", USD, INR, 8_321_50),  # 100.00 x 83.2150 = 8,321.50
        (-100_00, "83.2150", USD, INR, -8_321_50),
        (1, "83.5", USD, INR, 84),  # 0.01 x 83.5 = 0.835 -> 0.84 (84 is even)
        (1, "82.5", USD, INR, 82),  # 0.825 -> 0.82 (82 is even)
        (-1, "82.5", USD, INR, -82),
        (1_000, "0.5525", JPY, INR, 552_50),  # 1,000 yen x 0.5525 = 552.50
        (1_500, "271.4", KWD, INR, 407_10),  # 1.500 dinar x 271.4 = 407.10
        (100_00, "0.012", INR, KWD, 1_200),  # 100.00 x 0.012 = 1.200
        (0, "83", USD, INR, 0),
    ],
)
def test_conversion_rounds_half_to_even_and_keeps_the_sign(
    foreign_minor: int, rate: str, foreign: object, base: object, minor: int
) -> None:
    assert to_base(foreign_minor, rate, foreign=foreign, base=base) == minor  # type: ignore[arg-type]


def test_a_conversion_beyond_what_a_book_holds_is_refused() -> None:
    assert to_base(2**53 - 1, "1", foreign=USD, base=INR) == 2**53 - 1
    with pytest.raises(InvalidInput) as refused:
        to_base(2**53 - 1, "1.000000000001", foreign=USD, base=INR)
    assert refused.value.problems[0].code == "amount-too-large"


@pytest.mark.parametrize(
    ("carried_foreign", "carried_base", "settled_foreign", "settled_base", "gain"),
    [
        # A customer owes $1,000.00 carried at 83.00 = 83,000.00 and pays all at 84.00 = 84,000.00: 1,000.00 gained.
        (1_000_00, 83_000_00, -1_000_00, -84_000_00, -1_000_00),
        # ... and at 82.50 = 82,500.00: 500.00 lost.
        (1_000_00, 83_000_00, -1_000_00, -82_500_00, 500_00),
        # We owe $1,000.00 carried at 83,000.00 and pay at 84.00: 1,000.00 lost.
        (-1_000_00, -83_000_00, 1_000_00, 84_000_00, 1_000_00),
        # A third of it: 83,000.00 / 3 = 27,666.67 leave the account, 28,000.00 are paid: 333.33 gained.
        (3_000_00, 83_000_00, -1_000_00, -28_000_00, -333_33),
        # The same rate: nothing gained, nothing lost.
        (1_000_00, 83_000_00, -250_00, -20_750_00, 0),
    ],
)
def test_settling_realises_the_difference_between_two_rates(
    carried_foreign: int, carried_base: int, settled_foreign: int, settled_base: int, gain: int
) -> None:
    found = realised_gain(
        settled_foreign=settled_foreign,
        carried_foreign=carried_foreign,
        carried_base=carried_base,
        settled_base=settled_base,
    )
    assert found == gain


@given(
    st.integers(1, 10**10),
    st.integers(0, 10**12),
    st.lists(st.integers(1, 100), min_size=1, max_size=6),
    st.integers(0, 10**12),
)
def test_settled_in_any_parts_no_base_balance_is_left(
    foreign: int, base: int, weights: list[int], settled_base: int
) -> None:
    carried_foreign, carried_base = foreign * sum(weights), base
    for weight in weights:
        settled_foreign = -foreign * weight
        gain = realised_gain(
            settled_foreign=settled_foreign,
            carried_foreign=carried_foreign,
            carried_base=carried_base,
            settled_base=-settled_base,
        )
        carried_foreign += settled_foreign
        carried_base += -settled_base - gain  # the settlement, and the opposite of the gain
    assert (carried_foreign, carried_base) == (0, 0)


def test_a_rate_holds_until_the_next() -> None:
    rates = DatedRates(((date(2026, 4, 1), "83"), (date(2026, 5, 1), "84")))
    assert rates.on(date(2026, 3, 31)) is None
    assert rates.on(date(2026, 4, 1)) == "83"
    assert rates.on(date(2026, 4, 30)) == "83"
    assert rates.on(date(2026, 5, 1)) == "84"
    assert rates.on(date(2030, 1, 1)) == "84"
