"""A type that lets numbers repeat, or no longer does, changes nothing about the vouchers that have theirs."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from builders import CUSTOMER, a_sale, an_account, voucher_id
from desktop.storage.replica_books import Office, a_further_office
from ledgerflow_core.errors import InvalidInput
from ledgerflow_core.masters.voucher_type import Numbering, VoucherNature, voucher_type_id
from ledgerflow_desktop.actions import masters, vouchers
from ledgerflow_desktop.storage import without_effect


def number(office: Office, numbering: Numbering) -> None:
    """Number sales another way."""
    kind = office.book.chart.voucher_types[voucher_type_id(VoucherNature.SALES)]
    masters.change(office.book, replace(kind, numbering=numbering))


def post(office: Office, *names: str) -> None:
    vouchers.post(office.book, [a_sale(name, number="7") for name in names])


def alter(office: Office, name: str) -> None:
    before = vouchers.load(office.book, voucher_id(name))
    vouchers.alter(office.book, before, replace(before.voucher, narration="altered"))


def own_numbers(office: Office) -> list[bool]:
    """Of each voucher numbered 7, whether no other may have that number; in a settled order."""
    rows = office.book.connection.execute("SELECT year IS NOT NULL FROM voucher WHERE number = '7' ORDER BY id")
    return [bool(row[0]) for row in rows]


def assert_in_step(*offices: Office) -> None:
    """All have synced: every file says the same, and that is what its log says."""
    for office in (*offices, *offices):
        office.sync()
    for office in offices:
        assert own_numbers(office) == own_numbers(offices[0])
        assert office.findings() == []


def test_numbers_given_twice_go_on_when_their_type_becomes_unique(tmp_path: Path, head: Office, branch: Office) -> None:
    number(head, Numbering.MANUAL_REPEATABLE)
    post(head, "one", "two")
    number(head, Numbering.MANUAL)
    post(head, "three")
    assert_in_step(head, branch)
    # Whatever makes their rows anew: an alteration here or elsewhere, and a merge.
    alter(head, "one")
    alter(branch, "two")
    other = an_account("Ravi & Sons", "sundry-debtors")
    masters.create(head.book, [other])
    masters.merge(head.book, CUSTOMER, other.id)
    assert_in_step(head, branch)
    assert sorted(own_numbers(head)) == [False, False, True]
    late = a_further_office(tmp_path, head, "late")  # its file is made anew from the log
    assert_in_step(head, branch, late)
    late.book.close()


def test_a_number_stays_taken_when_its_type_lets_numbers_repeat_for_a_while(head: Office, branch: Office) -> None:
    post(head, "one")
    number(head, Numbering.MANUAL_REPEATABLE)
    alter(head, "one")
    post(head, "two")
    assert_in_step(head, branch)
    assert sorted(own_numbers(head)) == [False, True]
    number(branch, Numbering.MANUAL)
    alter(branch, "one")
    assert_in_step(head, branch)
    assert sorted(own_numbers(head)) == [False, True]
    with pytest.raises(InvalidInput, match="number-taken"):
        post(branch, "three")


def test_a_number_counts_by_the_type_the_server_knew_when_it_took_the_voucher(head: Office, branch: Office) -> None:
    post(branch, "here")
    number(head, Numbering.MANUAL_REPEATABLE)
    post(head, "there")
    assert_in_step(head, branch)
    assert own_numbers(head) == [False, False]


def test_a_number_that_waits_is_parked_when_its_type_has_become_unique(head: Office, branch: Office) -> None:
    number(head, Numbering.MANUAL_REPEATABLE)
    assert_in_step(head, branch)
    post(branch, "here")
    number(head, Numbering.MANUAL)
    post(head, "there")
    assert_in_step(head, branch)
    assert own_numbers(branch) == [True]
    for office in (head, branch):
        assert [one.reason for one in without_effect.waiting(office.book.connection)] == ["number-duplicate"]


def test_a_number_that_came_before_an_own_change_of_its_type_counts_by_the_type_before(
    head: Office, branch: Office
) -> None:
    number(branch, Numbering.MANUAL_REPEATABLE)
    post(head, "there")
    assert_in_step(head, branch)
    assert own_numbers(branch) == [True]


def test_a_series_passes_over_a_number_that_another_office_typed(head: Office, branch: Office) -> None:
    first = vouchers.post(head.book, [a_sale("one")]).value[0].number
    second, third = (f"{first[:-1]}{int(first[-1]) + more}" for more in (1, 2))
    vouchers.post(branch.book, [a_sale("there", number=second)])
    assert_in_step(branch, head)
    assert vouchers.post(head.book, [a_sale("two")]).value[0].number == third
    assert_in_step(head, branch)
