"""Amounts: text to whole minor units and back, nothing rounded, nothing beyond what any reader keeps exact."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerflow_core.errors import InvalidInput
from ledgerflow_core.money.amount import (
    MINOR_MAX,
    decimal_text,
    divide_half_even,
    grouped_text,
    parse_minor,
    signed_text,
    split_in_proportion,
)

AMOUNTS = st.integers(-MINOR_MAX, MINOR_MAX)


@pytest.mark.parametrize(
    ("text", "exponent", "minor"),
    [
        ("0", 2, 0),
        ("-0", 2, 0),
        ("-0.00", 2, 0),
        ("1", 2, 100),
        ("+1", 2, 100),
        ("1.5", 2, 150),
        ("1.05", 2, 105),
        ("-1234.50", 2, -123_450),
        ("0007.10", 2, 710),
        ("1.500000000000", 2, 150),
        ("12", 0, 12),
        ("12.000", 0, 12),
        ("1.234", 3, 1_234),
        ("90071992547409.91", 2, 2**53 - 1),
        ("-90071992547409.91", 2, -(2**53 - 1)),
        ("9007199254740991", 0, 2**53 - 1),
        ("9007199254740.991", 3, 2**53 - 1),
    ],
)
def test_decimal_text_is_read_exactly(text: str, exponent: int, minor: int) -> None:
    assert parse_minor(text, exponent) == minor


@pytest.mark.parametrize(
    ("text", "exponent", "code"),
    [
        ("90071992547409.92", 2, "amount-too-large"),
        ("-90071992547409.92", 2, "amount-too-large"),
        ("9007199254740992", 0, "amount-too-large"),
        ("99999999999999999999", 2, "amount-too-large"),
        ("100000000000000000000", 2, "bad-amount"),
        ("1.005", 2, "too-many-decimals"),
        ("0.1", 0, "too-many-decimals"),
        ("1.0001", 3, "too-many-decimals"),
        ("1.0000000000001", 2, "bad-amount"),
        ("", 2, "bad-amount"),
        ("-", 2, "bad-amount"),
        ("--1", 2, "bad-amount"),
        (".5", 2, "bad-amount"),
        ("1.", 2, "bad-amount"),
        ("1,000.00", 2, "bad-amount"),
        ("1e3", 2, "bad-amount"),
        ("0x10", 2, "bad-amount"),
        ("NaN", 2, "bad-amount"),
        ("Infinity", 2, "bad-amount"),
        (" 1", 2, "bad-amount"),
        ("1\n", 2, "bad-amount"),
        ("1\0", 2, "bad-amount"),
        ("१२", 2, "bad-amount"),
        ("１２", 2, "bad-amount"),
        ("−1", 2, "bad-amount"),
    ],
)
def test_anything_else_is_refused_by_name(text: str, exponent: int, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_minor(text, exponent)
    assert [problem.code for problem in refused.value.problems] == [code]


@given(AMOUNTS, st.sampled_from((0, 2, 3, 4)))
def test_what_is_written_is_read_back(minor: int, exponent: int) -> None:
    assert parse_minor(decimal_text(minor, exponent), exponent) == minor


@pytest.mark.parametrize(
    ("minor", "exponent", "text"),
    [
        (0, 2, "0.00"),
        (5, 2, "0.05"),
        (-5, 2, "-0.05"),
        (-123_450, 2, "-1234.50"),
        (7, 0, "7"),
        (-1, 3, "-0.001"),
        (2**53 - 1, 2, "90071992547409.91"),
    ],
)
def test_machine_text_has_a_minus_and_no_groups(minor: int, exponent: int, text: str) -> None:
    assert decimal_text(minor, exponent) == text


@pytest.mark.parametrize(
    ("minor", "exponent", "indian", "international"),
    [
        (0, 2, "0.00", "0.00"),
        (99_999, 2, "999.99", "999.99"),
        (100_000, 2, "1,000.00", "1,000.00"),
        (1_234_567, 2, "12,345.67", "12,345.67"),
        (10_000_000, 2, "1,00,000.00", "100,000.00"),
        (123_456_700, 2, "12,34,567.00", "1,234,567.00"),
        (-1_000_000_000, 2, "1,00,00,000.00", "10,000,000.00"),
        (123_456_789_012_345, 2, "12,34,56,78,90,123.45", "1,234,567,890,123.45"),
        (2**53 - 1, 2, "9,00,71,99,25,47,409.91", "90,071,992,547,409.91"),
        (123_456, 0, "1,23,456", "123,456"),
        (1_234_567, 3, "1,234.567", "1,234.567"),
    ],
)
def test_people_read_lakhs_or_thousands(minor: int, exponent: int, indian: str, international: str) -> None:
    assert grouped_text(minor, exponent, indian=True) == indian
    assert grouped_text(minor, exponent, indian=False) == international


def test_a_sign_is_a_side_and_zero_has_none() -> None:
    assert signed_text(123_450, 2, indian=True) == "1,234.50 Dr"
    assert signed_text(-123_450, 2, indian=True) == "1,234.50 Cr"
    assert signed_text(0, 2, indian=True) == "0.00"


@pytest.mark.parametrize(
    ("numerator", "denominator", "quotient"),
    [
        (7, 2, 4),
        (5, 2, 2),
        (-5, 2, -2),
        (-7, 2, -4),
        (5, -2, -2),
        (-5, -2, 2),
        (1, 3, 0),
        (2, 3, 1),
        (-1, 3, 0),
        (-2, 3, -1),
        (10**40 + 1, 2, 5 * 10**39),
        (0, 7, 0),
    ],
)
def test_halves_go_to_the_even_neighbour(numerator: int, denominator: int, quotient: int) -> None:
    assert divide_half_even(numerator, denominator) == quotient


@pytest.mark.parametrize(
    ("minor", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (100, [0, 1], [0, 100]),
        (5, [2, 3, 5], [1, 2, 2]),
        (1, [1, 1, 1, 1], [1, 0, 0, 0]),
        (0, [1, 2], [0, 0]),
    ],
)
def test_a_split_gives_what_is_left_to_the_largest_remainders(minor: int, weights: list[int], parts: list[int]) -> None:
    assert split_in_proportion(minor, weights) == parts


@given(AMOUNTS, st.lists(st.integers(0, 10**9), min_size=1, max_size=12).filter(any))
def test_a_split_loses_nothing_and_is_never_a_minor_unit_off(minor: int, weights: list[int]) -> None:
    parts = split_in_proportion(minor, weights)
    assert sum(parts) == minor
    total = sum(weights)
    assert all(abs(part * total - minor * weight) < total for part, weight in zip(parts, weights, strict=True))
