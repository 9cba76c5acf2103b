"""Lines in another currency, without Qt. Worked by hand: the dollar is 80 from 1 April, 83.50 from 1 November."""

from datetime import date

import pytest

from desktop.screens.vouchers.small_company import ABROAD, EXCHANGE, TODAY, form, small_chart
from ledgerflow_core.errors import InvalidInput
from ledgerflow_core.masters.voucher_type import VoucherNature
from ledgerflow_core.money.currency import Currency
from ledgerflow_desktop.screens.vouchers.foreign import (
    ForeignBalance,
    base_amount,
    exchange_account,
    gain_lines,
    rate_on,
    read_foreign,
    realised_by,
)
from ledgerflow_desktop.screens.vouchers.form_content import AmountField, ForeignFields, Line, Side

CHART, RUPEE = small_chart(), Currency("INR", 2)


@pytest.mark.parametrize(
    ("typed", "amount", "rate"),
    [
        ("100 USD", 10_000, "83.5"),
        ("usd 100", 10_000, "83.5"),
        ("USD100@80", 10_000, "80"),
        ("10*3 usd @ 83.25+0.05", 3_000, "83.3"),
        ("-5 USD", -500, "83.5"),
    ],
)
def test_an_amount_may_name_its_currency_and_rate(typed: str, amount: int, rate: str) -> None:
    fields = read_foreign(typed, CHART, TODAY)
    assert fields is not None
    assert (fields.currency, fields.amount.minor, fields.rate) == ("USD", amount, rate)


@pytest.mark.parametrize("typed", ["100", "100 EUR", "12*3", "abc"])
def test_what_names_no_currency_of_the_company_is_no_foreign_amount(typed: str) -> None:
    assert read_foreign(typed, CHART, TODAY) is None


def test_a_sum_that_does_not_work_out_is_refused() -> None:
    with pytest.raises(InvalidInput):
        read_foreign("1/0 USD", CHART, TODAY)


def test_the_rate_is_that_of_the_day() -> None:
    assert [rate_on(CHART, "USD", day) for day in (date(2026, 3, 31), date(2026, 10, 31), TODAY)] == ["", "80", "83.5"]


def dollars(minor: int, rate: str) -> ForeignFields:
    return ForeignFields(currency="USD", amount=AmountField(minor=minor), rate=rate)


def test_what_a_foreign_amount_is_worth() -> None:
    assert base_amount(dollars(10_000, "83.5"), RUPEE) == 835_000
    assert base_amount(dollars(10_000, ""), RUPEE) is None


def settling(minor: int, rate: str, worth: int) -> Line:
    return Line(side=Side.CREDIT, account=ABROAD, amount=AmountField(minor=worth), foreign=dollars(minor, rate))


def test_settling_at_a_better_rate_is_a_gain_and_in_part_a_part_of_it() -> None:
    carried = ForeignBalance(foreign=10_000, base=800_000)
    assert realised_by(settling(10_000, "83.5", 835_000), carried) == -35_000
    assert realised_by(settling(4_000, "83.5", 334_000), carried) == -14_000
    assert realised_by(settling(10_000, "78", 780_000), carried) == 20_000


def test_what_settles_nothing_realises_nothing() -> None:
    assert realised_by(settling(10_000, "83.5", 835_000), ForeignBalance(0, 0)) is None
    assert realised_by(settling(20_000, "83.5", 1_670_000), ForeignBalance(10_000, 800_000)) is None
    assert realised_by(settling(10_000, "80", 800_000), ForeignBalance(10_000, 800_000)) is None
    assert realised_by(settling(10_000, "80", 800_000), ForeignBalance(-10_000, -800_000)) is None


def test_the_gain_stands_in_two_lines_that_balance() -> None:
    settled = settling(10_000, "83.5", 835_000)
    double = gain_lines(settled, -35_000, EXCHANGE, single=None)
    assert [(line.account, line.side, line.amount.minor) for line in double] == [
        (ABROAD, Side.DEBIT, 35_000),
        (EXCHANGE, Side.CREDIT, 35_000),
    ]
    single = gain_lines(settled, -35_000, EXCHANGE, single=Side.CREDIT)
    assert [(line.side, line.amount.minor) for line in single] == [(Side.CREDIT, -35_000), (Side.CREDIT, 35_000)]


def test_the_exchange_account_is_found_by_its_name() -> None:
    assert exchange_account(CHART) == EXCHANGE


def test_a_foreign_amount_typed_into_a_line_sets_its_worth() -> None:
    journal = form(VoucherNature.JOURNAL)
    journal.set_line_amount(0, "100 USD @ 82")
    line = journal.content.lines[0]
    assert (line.amount.minor, line.foreign) == (820_000, dollars(10_000, "82"))
