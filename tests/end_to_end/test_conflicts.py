"""What offices do to each other without a line: nothing is refused or lost, and a person decides what stands."""

from datetime import date

from msgspec.structs import replace

from end_to_end.company import SharedCompany
from end_to_end.office import RENT, Office
from ledgerflow_core.masters.account import Account
from ledgerflow_core.masters.group import group_id
from ledgerflow_core.vouchers.voucher import VoucherState
from ledgerflow_desktop.actions import masters, periods, vouchers


def one_voucher_known_to_all(company: SharedCompany, *names: str) -> list[Office]:
    offices = company.open(*names)
    offices[0].post(1)
    company.settle()
    return offices


def test_of_two_alterations_of_one_version_the_second_to_come_waits(shared_company: SharedCompany) -> None:
    pune, delhi = one_voucher_known_to_all(shared_company, "Pune", "Delhi")
    (voucher,) = pune.book.vouchers_in_order()
    pune.alter(voucher.id, 111_00)
    delhi.alter(voucher.id, 222_00)
    pune.sync()
    delhi.sync()
    shared_company.end()
    assert pune.parked() == delhi.parked() == ["stale-base"]
    for office in (pune, delhi):
        assert [entry.amount for entry in vouchers.load(office.book, voucher.id).voucher.entries] == [111_00, -111_00]


def test_of_three_alterations_of_one_version_two_wait(shared_company: SharedCompany) -> None:
    offices = one_voucher_known_to_all(shared_company, "Pune", "Delhi", "Kochi")
    (voucher,) = offices[0].book.vouchers_in_order()
    for at, office in enumerate(offices, start=1):
        office.alter(voucher.id, at * 100)
    for office in reversed(offices):
        office.sync()
    shared_company.end()
    for office in offices:
        assert office.parked() == ["stale-base", "stale-base"]
        assert vouchers.load(office.book, voucher.id).voucher.entries[0].amount == 300


def test_an_alteration_of_what_another_office_cancelled_waits(shared_company: SharedCompany) -> None:
    pune, delhi = one_voucher_known_to_all(shared_company, "Pune", "Delhi")
    (voucher,) = pune.book.vouchers_in_order()
    pune.cancel(voucher.id)
    delhi.alter(voucher.id, 500)
    pune.sync()
    delhi.sync()
    shared_company.end()
    assert pune.parked() == delhi.parked() == ["stale-base"]
    assert vouchers.load(delhi.book, voucher.id).voucher.state is VoucherState.CANCELLED


def test_a_cancellation_of_what_another_office_altered_waits(shared_company: SharedCompany) -> None:
    pune, delhi = one_voucher_known_to_all(shared_company, "Pune", "Delhi")
    (voucher,) = pune.book.vouchers_in_order()
    delhi.alter(voucher.id, 500)
    pune.cancel(voucher.id)
    delhi.sync()
    pune.sync()
    shared_company.end()
    assert pune.parked() == delhi.parked() == ["stale-base"]
    assert vouchers.load(pune.book, voucher.id).voucher.entries[0].amount == 500


def test_what_a_branch_posts_into_a_period_locked_while_it_was_away_waits(shared_company: SharedCompany) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    periods.lock(pune.book, date(2026, 4, 30))
    delhi.post(2, on=date(2026, 4, 20))
    delhi.post(1, on=date(2026, 5, 2))
    pune.sync()
    delhi.sync()
    assert shared_company.end().acknowledged == 3
    assert pune.parked() == delhi.parked() == ["period-locked", "period-locked"]


def test_the_same_party_made_in_two_offices_is_two_accounts_until_somebody_merges_them(
    shared_company: SharedCompany,
) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    made = []
    for office in (pune, delhi):
        meena = Account(
            id=office.machine.identifiers().new(),  # type: ignore[arg-type]
            name="Meena Mills",
            group=group_id("sundry-creditors"),
        )
        masters.create(office.book, [meena])
        office.post(1, account=meena.id)
        made.append(meena)
    pune.sync()
    delhi.sync()
    shared_company.end()
    assert pune.parked() == delhi.parked()
    both = {account.id for account in pune.book.chart.accounts.values() if account.name.startswith("Meena Mills")}
    assert both == {made[0].id, made[1].id}
    masters.merge(pune.book, made[1].id, made[0].id)
    delhi.post(1, account=made[1].id)
    shared_company.end()


def test_an_account_merged_while_a_branch_posts_to_it_keeps_every_paisa(shared_company: SharedCompany) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    rent_of_shop = Account(
        id=pune.machine.identifiers().new(),  # type: ignore[arg-type]
        name="Rent of the shop",
        group=group_id("indirect-expenses"),
    )
    masters.create(pune.book, [rent_of_shop])
    shared_company.settle()
    delhi.post(3, account=rent_of_shop.id)
    masters.merge(pune.book, rent_of_shop.id, RENT)
    pune.post(2, account=RENT)
    pune.sync()
    delhi.sync()
    assert shared_company.end().acknowledged == 5
    assert pune.parked() == delhi.parked() == []


def test_an_account_changed_in_two_offices_keeps_the_first_change(shared_company: SharedCompany) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    for office, name in ((pune, "Rent of Pune"), (delhi, "Rent of Delhi")):
        masters.change(office.book, replace(office.book.chart.accounts[RENT], name=name))
    pune.sync()
    delhi.sync()
    shared_company.end()
    assert pune.parked() == delhi.parked() == ["stale-base"]
    assert delhi.book.chart.accounts[RENT].name == "Rent of Pune"
