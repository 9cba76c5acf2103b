"""A line in another currency: its worth in the base currency, and what settling a balance gained or lost."""

import re
from dataclasses import dataclass
from datetime import date

from ledgerflow_core.errors import InvalidInput
from ledgerflow_core.exchange_rate import rate_scaled, realised_gain, to_base
from ledgerflow_core.identifiers import AccountId
from ledgerflow_core.masters.chart import Chart
from ledgerflow_core.money.currency import Currency, currency
from ledgerflow_desktop.screens.entry_fields.arithmetic import work_out, work_out_decimal
from ledgerflow_desktop.screens.vouchers.form_content import AmountField, ForeignFields, Line, Side

RATE_DECIMALS_MAX = 6
# `100 USD`, `USD 100 @ 83.25`: the sum, the code before or behind it, the rate if it is not the day's.
_WRITTEN = re.compile(r"(?P<before>[a-z]{3})?(?P<sum>[^a-wyz]*)(?P<behind>[a-z]{3})?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ForeignBalance:
    """What an account carries in a foreign currency, and what that stands at in the books; debit positive."""

    foreign: int
    base: int


@dataclass(frozen=True, slots=True)
class RealisedGain:
    """What settling realised: `amount` is the entry of the exchange account (a gain is negative)."""

    account: AccountId
    amount: int


def rate_on(chart: Chart, code: str, day: date) -> str:
    """Return the rate of a currency in force on a day, empty text where none is known."""
    master = chart.currency(code)
    return (master.dated_rates().on(day) or "") if master else ""


def read_foreign(text: str, chart: Chart, day: date) -> ForeignFields | None:
    """Return the foreign amount a text names (`100 USD @ 83.2`); None for a text in the base currency.

    Raises `InvalidInput` when the sum or the rate does not work out.
    """
    written, _, rate_text = text.partition("@")
    match = _WRITTEN.fullmatch("".join(written.split()))
    code = ((match["before"] or match["behind"] or "") if match else "").upper()
    if match is None or not code or chart.currency(code) is None:
        return None
    worked = work_out(match["sum"], currency(code).exponent)
    rate = work_out_decimal(rate_text, RATE_DECIMALS_MAX) if rate_text.strip() else rate_on(chart, code, day)
    return ForeignFields(currency=code, amount=AmountField(minor=worked.minor), rate=rate)


def base_amount(fields: ForeignFields, base: Currency) -> int | None:
    """Return the line's amount in the base currency, None while amount or rate is missing."""
    try:
        rate_scaled(fields.rate)
        return to_base(fields.amount.value, fields.rate, foreign=currency(fields.currency), base=base)
    except InvalidInput:
        return None


def realised_by(line: Line, carried: ForeignBalance) -> int | None:
    """Return the exchange account's entry when the line settles part of a foreign balance; None where it does not.

    What goes beyond the balance opens a new one at its own rate and realises nothing.
    """
    if line.foreign is None or not line.foreign.amount.value or not carried.foreign:
        return None
    settled = line.side.sign * line.foreign.amount.value
    if settled * carried.foreign > 0 or abs(settled) > abs(carried.foreign):
        return None
    gain = realised_gain(
        settled_foreign=settled, carried_foreign=carried.foreign, carried_base=carried.base, settled_base=line.signed
    )
    return gain or None


def gain_lines(settled: Line, gain: int, exchange_account: AccountId | None, *, single: Side | None) -> list[Line]:
    """Return the two lines that book a gain or loss: the settled account's, then the exchange account's.

    In single entry both are particulars on the side `single`, one of them negative.
    """
    made = []
    for account, amount in ((settled.account, -gain), (exchange_account, gain)):
        side = single or (Side.DEBIT if amount > 0 else Side.CREDIT)
        made.append(Line(side=side, account=account, amount=AmountField(minor=amount * side.sign)))
    return made


def exchange_account(chart: Chart) -> AccountId | None:
    """Return the account that gains and losses of exchange are booked on, by its name; None where there is none."""
    for account in chart.accounts.values():
        if "exchange" in account.name.casefold() and chart.is_under(
            account.id, "indirect-incomes", "indirect-expenses", "direct-incomes", "direct-expenses"
        ):
            return account.id
    return None
