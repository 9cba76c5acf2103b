"""Amounts in words, as a bank clerk would read them aloud; the table was written by hand."""

import pytest

from ledgerflow_core.money.currency import currency
from ledgerflow_core.money.words import amount_in_words, number_in_words

INR, USD, JPY, KWD, CHF = (currency(code) for code in ("INR", "USD", "JPY", "KWD", "CHF"))


@pytest.mark.parametrize(
    ("number", "indian", "international"),
    [
        (0, "Zero", "Zero"),
        (7, "Seven", "Seven"),
        (19, "Nineteen", "Nineteen"),
        (20, "Twenty", "Twenty"),
        (42, "Forty Two", "Forty Two"),
        (100, "One Hundred", "One Hundred"),
        (115, "One Hundred Fifteen", "One Hundred Fifteen"),
        (1_000, "One Thousand", "One Thousand"),
        (1_001, "One Thousand One", "One Thousand One"),
        (99_999, "Ninety Nine Thousand Nine Hundred Ninety Nine", "Ninety Nine Thousand Nine Hundred Ninety Nine"),
        (100_000, "One Lakh", "One Hundred Thousand"),
        (
            1_234_567,
            "Twelve Lakh Thirty Four Thousand Five Hundred Sixty Seven",
            "One Million Two Hundred Thirty Four Thousand Five Hundred Sixty Seven",
        ),
        (10_000_000, "One Crore", "Ten Million"),
        (10_000_001, "One Crore One", "Ten Million One"),
        (1_000_000_000, "One Hundred Crore", "One Billion"),
        (10_000_000_000_000, "Ten Lakh Crore", "Ten Trillion"),
        (100_000_000_000_000, "One Crore Crore", "One Hundred Trillion"),
    ],
)
def test_a_number_is_read_in_lakhs_or_in_millions(number: int, indian: str, international: str) -> None:
    assert number_in_words(number, indian=True) == indian
    assert number_in_words(number, indian=False) == international


@pytest.mark.parametrize(
    ("minor", "money", "words"),
    [
        (0, INR, "Rupees Zero Only"),
        (1, INR, "Rupees Zero and One Paisa Only"),
        (50, INR, "Rupees Zero and Fifty Paise Only"),
        (100, INR, "Rupee One Only"),
        (101, INR, "Rupee One and One Paisa Only"),
        (120_000_350, INR, "Rupees Twelve Lakh Three and Fifty Paise Only"),
        (-120_000_350, INR, "Rupees Twelve Lakh Three and Fifty Paise Only"),
        (1_00, USD, "Dollar One Only"),
        (2_05, USD, "Dollars Two and Five Cents Only"),
        (12, JPY, "Yen Twelve Only"),
        (1_234, KWD, "Dinar One and Two Hundred Thirty Four Fils Only"),
        (5_07, CHF, "CHF Five and 7/100 Only"),
    ],
)
def test_an_amount_names_its_units_and_leaves_out_the_sign(minor: int, money: object, words: str) -> None:
    assert amount_in_words(minor, money, indian=money == INR) == words  # type: ignore[arg-type]
