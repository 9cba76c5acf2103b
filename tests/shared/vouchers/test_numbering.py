"""Number series: consecutive, one for each type and year, and sure of which numbers are their own."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ledgerflow_core.calendar import FinancialYear
from ledgerflow_core.masters.voucher_type import GST_NUMBER_LENGTH_MAX, predefined_voucher_types
from ledgerflow_core.vouchers.numbering import NumberSeries, series_of

APRIL = FinancialYear(4, 1)
SALES = next(made for made in predefined_voucher_types() if made.name == "Sales")


def test_a_number_names_type_year_and_serial() -> None:
    series = series_of(SALES, APRIL, date(2027, 3, 31), replica_tag="")
    assert [series.number(serial) for serial in (1, 2, 99_999, 100_000)] == [
        "S/26-27/00001",
        "S/26-27/00002",
        "S/26-27/99999",
        "S/26-27/100000",
    ]
    assert series_of(SALES, APRIL, date(2027, 4, 1), replica_tag="").number(1) == "S/27-28/00001"


def test_a_second_replica_has_series_of_its_own() -> None:
    series = series_of(SALES, APRIL, date(2026, 5, 1), replica_tag="K7")
    assert series.number(1) == "SK7/26-27/00001"
    assert series_of(SALES, APRIL, date(2026, 5, 1), replica_tag="").serial("SK7/26-27/00001") is None


def test_a_type_without_a_prefix_counts_within_the_year() -> None:
    series = series_of(replace(SALES, prefix="", width=1), APRIL, date(2026, 5, 1), replica_tag="")
    assert series.number(7) == "26-27/7"


@pytest.mark.parametrize(
    ("number", "serial"),
    [
        ("S/26-27/00042", 42),
        ("S/26-27/42", 42),
        ("S/26-27/0", 0),
        ("S/26-27/9999999999", 9_999_999_999),
        ("S/26-27/10000000000", None),
        ("S/26-27/", None),
        ("S/26-27/4a", None),
        ("S/26-27/-4", None),
        ("S/26-27/४२", None),
        ("S/25-26/00042", None),
        ("P/26-27/00042", None),
        ("", None),
    ],
)
def test_only_numbers_of_the_series_have_a_serial(number: str, serial: int | None) -> None:
    assert NumberSeries("S/26-27/", 5).serial(number) == serial


@given(st.integers(1, 10**10 - 1), st.integers(1, 10))
def test_a_serial_is_read_back_from_its_number(serial: int, width: int) -> None:
    series = NumberSeries("S/26-27/", width)
    assert series.serial(series.number(serial)) == serial


def test_the_numbers_of_predefined_types_are_short_enough_for_gst() -> None:
    day = date(2026, 5, 1)
    longest = [series_of(made, APRIL, day, replica_tag="K7").number(99_999) for made in predefined_voucher_types()]
    assert max(map(len, longest)) <= GST_NUMBER_LENGTH_MAX
