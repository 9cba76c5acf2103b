"""Amounts typed as sums. Expected figures worked by hand."""

import pytest

from ledgerflow_core.errors import InvalidInput
from ledgerflow_desktop.screens.entry_fields.arithmetic import Worked, work_out, work_out_decimal


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("1200", 120000),
        ("1200.5", 120050),
        ("12,34,567.50", 123456750),
        ("1200*1.18", 141600),
        ("1200x1.18", 141600),
        ("1200 + 18%", 141600),
        ("1000-10%", 90000),
        ("10%*500", 5000),
        ("(100+50)*2/3", 10000),
        ("-500", -50000),
        ("-(5)", -500),
        ("2*-3", -600),
        (".5", 50),
        ("5.", 500),
        ("0.1+0.2", 30),
        ("१२००", 120000),
        ("١٢٠٠٫٥", 120050),
        ("10÷4", 250),
    ],
)
def test_a_sum_is_worked_exactly(typed: str, minor: int) -> None:
    assert work_out(typed, 2).minor == minor


def test_rounding_is_half_to_even_and_said() -> None:
    assert work_out("0.125", 2) == Worked(12, was_sum=False, was_rounded=True)
    assert work_out("0.135", 2) == Worked(14, was_sum=False, was_rounded=True)
    assert work_out("100/3", 2) == Worked(3333, was_sum=True, was_rounded=True)
    assert work_out("100/3*3", 2) == Worked(10000, was_sum=True, was_rounded=False)


def test_the_currency_decides_the_decimals() -> None:
    assert work_out("10/4", 0).minor == 2
    assert work_out("10/4", 3).minor == 2500


@pytest.mark.parametrize(
    ("typed", "at"), [("12a", 3), ("1+", 3), ("1++", 4), ("(1", 3), ("1)", 2), ("", 1), ("2 3", 3), ("1 + abc", 5)]
)
def test_what_does_not_fit_is_refused_with_its_place(typed: str, at: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        work_out(typed, 2)
    (problem,) = caught.value.problems
    assert (problem.code, problem.facts["at"]) == ("amount-not-understood", at)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("1/0", "division-by-zero"),
        ("1/(2-2)", "division-by-zero"),
        ("99999999999999999", "amount-too-large"),
        ("9" * 31, "amount-not-understood"),
        ("(" * 30 + "1" + ")" * 30, "amount-not-understood"),
        ("1+" * 150 + "1", "amount-not-understood"),
        ("__import__('os')", "amount-not-understood"),
    ],
)
def test_what_has_no_amount_is_refused(typed: str, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        work_out(typed, 2)
    assert caught.value.problems[0].code == code


def test_a_rate_is_worked_to_plain_decimal_text() -> None:
    assert work_out_decimal("83.25", 6) == "83.25"
    assert work_out_decimal("1/3", 6) == "0.333333"
    assert work_out_decimal("80+4", 6) == "84"
