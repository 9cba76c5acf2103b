"""Quantities: up to six decimals, exact."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerflow_core.errors import InvalidInput
from ledgerflow_core.quantity import parse_quantity, quantity_text


@pytest.mark.parametrize(
    ("text", "scaled", "shown"),
    [
        ("12.5", 12_500_000, "12.5"),
        ("-0.000001", -1, "-0.000001"),
        ("+3", 3_000_000, "3"),
        ("100", 100_000_000, "100"),
        ("-0", 0, "0"),
    ],
)
def test_a_quantity_is_kept_in_millionths(text: str, scaled: int, shown: str) -> None:
    assert parse_quantity(text) == scaled
    assert quantity_text(scaled) == shown


@pytest.mark.parametrize("text", ["", "1.0000001", "1,5", "1 kg", ".5", "5.", "1e3", "1" * 16, "५", "1\n"])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_quantity(text)
    assert refused.value.problems[0].code == "bad-quantity"


@given(st.integers(-(10**21) + 1, 10**21 - 1))
def test_what_is_written_is_read_back(scaled: int) -> None:
    assert parse_quantity(quantity_text(scaled)) == scaled
