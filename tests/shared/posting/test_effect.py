"""What lists and statements show of a voucher: the account against an entry, and the one that names it."""

import pytest
from hypothesis import given

from builders import BANK, CUSTOMER, RENT, SALES, a_sale, a_voucher
from ledgerflow_core.ledger.entry import Entry
from ledgerflow_core.masters.account import CASH
from ledgerflow_core.masters.voucher_type import VoucherNature
from ledgerflow_core.posting.effect import against, naming_entry
from strategies import entries


@pytest.mark.parametrize(
    ("amounts", "debit", "credit"),
    [
        ([100, -100], 0, 1),
        ([-100, 100], 1, 0),
        ([50, 60, -110], 1, 2),
        ([50, 50, -40, -60], 0, 3),
        ([-50, -50, 100], 2, 0),
        ([0, 0], 0, 0),
        ([0, 5, -5], 1, 2),
    ],
)
def test_the_largest_on_each_side_is_the_first_of_equals(amounts: list[int], debit: int, credit: int) -> None:
    assert against([Entry(account=CASH, amount=amount) for amount in amounts]) == (debit, credit)


@given(entries())
def test_both_are_the_extremes_of_any_voucher(made: tuple[Entry, ...]) -> None:
    debit, credit = against(made)
    amounts = [entry.amount for entry in made]
    assert (amounts[debit], amounts[credit]) == (max(amounts), min(amounts))


def test_the_party_names_a_voucher_and_without_one_the_first_entry() -> None:
    assert naming_entry(a_sale()) == 0
    lines = ((SALES, -100), (CUSTOMER, 60), (CUSTOMER, 40))
    assert naming_entry(a_voucher(VoucherNature.SALES, *lines, party=CUSTOMER)) == 1
    assert naming_entry(a_voucher(VoucherNature.SALES, *lines)) == 0
    assert naming_entry(a_voucher(VoucherNature.PAYMENT, (RENT, 1), (BANK, -1), party=CUSTOMER)) == 0
    assert naming_entry(a_voucher(VoucherNature.SALES)) is None
