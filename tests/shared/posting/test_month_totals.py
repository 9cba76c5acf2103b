"""Month totals while changes are decided on: what fits, and that a day never holds more than its month."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from builders import BANK, CUSTOMER, DAY, RENT, SUPPLIER, a_chart, a_voucher
from ledgerflow_core.calendar import day_number, day_of, month_number
from ledgerflow_core.identifiers import AccountId
from ledgerflow_core.masters.voucher_type import VoucherNature
from ledgerflow_core.money.amount import MINOR_MAX
from ledgerflow_core.posting.effect import entries_in_books
from ledgerflow_core.posting.kept_totals import DayTotals, add_entries
from ledgerflow_core.posting.month_totals import MonthTotals
from ledgerflow_core.vouchers.lifecycle import cancelled
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState

CHART = a_chart()
MAY = month_number(DAY)


def paid(
    amount: int, to: AccountId = RENT, day: date = DAY, nature: VoucherNature = VoucherNature.JOURNAL,
    state: VoucherState = VoucherState.REGULAR,
) -> Voucher:  # fmt: skip
    return a_voucher(nature, (to, amount), (BANK, -amount), day=day, state=state)


def test_a_month_holds_the_largest_amount_and_not_one_more() -> None:
    totals = MonthTotals({(BANK, MAY): (0, -(MINOR_MAX - 5))})
    assert totals.fit(None, paid(5), CHART)
    assert not totals.fit(None, paid(6), CHART)
    assert not totals.fit(None, paid(6, day=date(2026, 5, 31)), CHART)
    assert totals.fit(None, paid(6, day=date(2026, 6, 1)), CHART)
    totals.replace(None, paid(5), CHART)
    assert not totals.fit(None, paid(1), CHART)


def test_debits_and_credits_do_not_make_room_for_each_other() -> None:
    totals = MonthTotals({(BANK, MAY): (MINOR_MAX, -MINOR_MAX)})
    assert not totals.fit(None, paid(1), CHART)
    assert not totals.fit(None, a_voucher(VoucherNature.JOURNAL, (BANK, 1), (RENT, -1)), CHART)


def test_a_version_that_takes_the_place_of_another_frees_what_that_took() -> None:
    totals = MonthTotals()
    totals.replace(None, paid(MINOR_MAX), CHART)
    assert totals.fit(paid(MINOR_MAX), paid(MINOR_MAX - 1), CHART)
    totals.replace(paid(MINOR_MAX), cancelled(paid(MINOR_MAX)), CHART)
    assert totals.fit(None, paid(MINOR_MAX), CHART)


def test_only_what_is_in_the_books_counts() -> None:
    totals = MonthTotals({(BANK, MAY): (0, -MINOR_MAX)})
    assert totals.fit(None, paid(1, state=VoucherState.OPTIONAL), CHART)
    assert totals.fit(None, paid(1, nature=VoucherNature.MEMORANDUM), CHART)
    assert not totals.fit(None, paid(1, state=VoucherState.POST_DATED), CHART)


def test_accounts_that_become_one_have_one_total() -> None:
    totals = MonthTotals({(RENT, MAY): (MINOR_MAX, 0), (CUSTOMER, MAY): (1, 0), (SUPPLIER, MAY + 1): (7, -2)})
    assert not totals.fit_merged(CUSTOMER, RENT)
    assert totals.fit_merged(SUPPLIER, RENT)
    totals.merge(SUPPLIER, CUSTOMER)
    chart = a_chart()
    chart.merge(SUPPLIER, CUSTOMER)
    assert totals.fit(None, paid(MINOR_MAX - 1, SUPPLIER), chart)
    assert not totals.fit(None, paid(MINOR_MAX, SUPPLIER), chart)
    assert not totals.fit(None, paid(MINOR_MAX - 6, SUPPLIER, date(2026, 6, 1)), chart)


_AMOUNTS = st.integers(1, MINOR_MAX)
_VOUCHERS = st.lists(
    st.tuples(_AMOUNTS, st.sampled_from([RENT, CUSTOMER]), st.dates(DAY, date(2026, 7, 3))), max_size=8
)


@given(_VOUCHERS)
def test_where_every_month_fits_every_day_does(made: list[tuple[int, AccountId, date]]) -> None:
    totals, days = MonthTotals(), DayTotals()
    for amount, account, day in made:
        voucher = paid(amount, account, day)
        fits = totals.fit(None, voucher, CHART)
        entries = [(e.account, e.amount) for e in entries_in_books(voucher, CHART.voucher_types[voucher.type])]
        months: DayTotals = {}
        for (kept, at), sums in days.items():
            debit, credit, _ = months.setdefault((kept, month_number(day_of(at))), [0, 0, 0])
            months[kept, month_number(day_of(at))] = [debit + sums[0], credit + sums[1], 0]
        add_entries(months, month_number(day), entries)
        assert fits == all(debit <= MINOR_MAX and credit >= -MINOR_MAX for debit, credit, _ in months.values())
        if fits:
            totals.replace(None, voucher, CHART)
            add_entries(days, day_number(day), entries)
    assert all(debit <= MINOR_MAX and credit >= -MINOR_MAX for debit, credit, _ in days.values())
