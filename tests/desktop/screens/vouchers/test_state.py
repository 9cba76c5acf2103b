"""The voucher form without Qt: what it builds, proposes, asks next and finds wrong."""

from desktop.screens.vouchers.small_company import (
    BANK,
    CASH,
    COMPANY,
    CUSTOMER,
    OTHER_BANK,
    POWER,
    RENT,
    SALES,
    SHOP,
    SUPPLIER,
    fill,
    form,
    small_chart,
)
from ledgerflow_core.ledger.entry import BillKind
from ledgerflow_core.masters.voucher_type import VoucherNature as N
from ledgerflow_core.vouchers.voucher import VoucherState
from ledgerflow_desktop.screens.vouchers.field_order import Field, FieldKind
from ledgerflow_desktop.screens.vouchers.form_content import AmountField, BillRow, CostRow, Mode, Side, from_draft
from ledgerflow_desktop.screens.vouchers.state import form_of, repeated

K = FieldKind


def entries(target) -> list[tuple[str, int]]:
    return [(entry.account, entry.amount) for entry in target.build().voucher.entries]


def said(target) -> list[tuple[str, str]]:
    return [(problem.place, problem.code) for problem in target.problems()]


def test_a_payment_credits_the_account_on_top() -> None:
    payment = form(N.PAYMENT)
    payment.set_top_account(BANK)
    fill(payment, (POWER, "1200*1.18"), (SUPPLIER, "500"))
    assert entries(payment) == [(POWER, 141600), (SUPPLIER, 50000), (BANK, -191600)]
    assert payment.problems() == []


def test_a_receipt_debits_the_account_on_top_and_names_its_party() -> None:
    receipt = form(N.RECEIPT)
    receipt.set_top_account(CASH)
    fill(receipt, (CUSTOMER, "750"))
    assert entries(receipt) == [(CUSTOMER, -75000), (CASH, 75000)]
    assert receipt.build().voucher.party == CUSTOMER


def test_a_deduction_in_single_entry_stands_on_the_other_side() -> None:
    """10,000 is owed, 1,000 of it withheld: the bank pays 9,000."""
    payment = form(N.PAYMENT)
    payment.set_top_account(BANK)
    fill(payment, (SUPPLIER, "10000"), (POWER, "-1000"))
    assert entries(payment) == [(SUPPLIER, 1000000), (POWER, -100000), (BANK, -900000)]


def test_a_contra_brings_money_to_the_account_on_top() -> None:
    contra = form(N.CONTRA)
    contra.set_top_account(BANK)
    fill(contra, (CASH, "2000"))
    assert entries(contra) == [(CASH, -200000), (BANK, 200000)]


def test_a_contra_moves_cash_and_bank_only() -> None:
    contra = form(N.CONTRA)
    contra.set_top_account(BANK)
    fill(contra, (POWER, "2000"))
    assert said(contra) == [("lines[0].account", "contra-needs-cash-or-bank")]


def test_each_line_of_a_journal_takes_the_short_side_and_proposes_what_is_left() -> None:
    journal = form(N.JOURNAL)
    fill(journal, (POWER, "300"))
    at = journal.add_line()
    assert journal.content.lines[at].side is Side.CREDIT
    assert journal.proposed_amount(at) == 30000
    journal.set_account(at, SUPPLIER)
    journal.set_line_amount(at, "100")
    assert journal.totals().difference == 20000
    assert not journal.is_balanced()


def test_a_negative_amount_in_double_entry_is_the_other_sides() -> None:
    journal = form(N.JOURNAL)
    fill(journal, (POWER, "-300"))
    assert (journal.content.lines[0].side, journal.content.lines[0].amount.minor) == (Side.CREDIT, 30000)


def test_a_receipt_begins_with_to_and_a_sale_with_by() -> None:
    assert [form(nature).first_side() for nature in (N.JOURNAL, N.SALES, N.PURCHASE, N.CREDIT_NOTE)] == [
        Side.DEBIT,
        Side.DEBIT,
        Side.CREDIT,
        Side.CREDIT,
    ]


def test_every_problem_is_named_at_its_field_at_once() -> None:
    payment = form(N.PAYMENT)
    fill(payment, (POWER, "12a"))
    payment.add_line()
    payment.set_account(1, None, "nobody")
    payment.set_line_amount(1, "5")
    payment.content.narration = "a\x00b"
    payment.content.date = COMPANY.books_begin.replace(year=2025)
    assert said(payment) == [
        ("account", "account-missing"),
        ("lines[0].amount", "amount-not-understood"),
        ("lines[1].account", "account-not-found"),
        ("date", "before-books-begin"),
        ("narration", "character-not-allowed"),
    ]


def test_a_difference_is_a_problem_of_the_lines() -> None:
    journal = form(N.JOURNAL)
    fill(journal, (POWER, "300"), (SUPPLIER, "100"))
    (problem,) = journal.problems()
    assert (problem.place, problem.code, problem.facts) == ("lines", "unbalanced", {"difference_minor": 20000})


def test_bills_and_costs_that_do_not_add_up_are_problems_of_their_line() -> None:
    journal = form(N.JOURNAL)
    fill(journal, (RENT, "300"), (SUPPLIER, "300"))
    journal.content.lines[0].costs = [CostRow(centre=SHOP, amount=AmountField(minor=10000))]
    journal.content.lines[1].bills = [BillRow(kind=BillKind.NEW, name="V-1", amount=AmountField(minor=20000))]
    assert said(journal) == [("lines[0].costs", "costs-do-not-add-up"), ("lines[1].bills", "bills-do-not-add-up")]


def test_an_empty_form_says_so() -> None:
    assert said(form(N.JOURNAL)) == [("lines", "nothing-entered")]


def path(target, start: Field, steps: int) -> list[tuple[str, int]]:
    found, field = [], start
    for _ in range(steps):
        field = target.next_field(field)
        found.append((field.kind.value, field.line))
    return found


def test_enter_leads_through_a_payment_and_out_by_an_empty_line() -> None:
    payment = form(N.PAYMENT)
    assert payment.first_field() == Field(K.TOP_ACCOUNT)
    payment.set_top_account(BANK)
    assert payment.next_field(Field(K.TOP_ACCOUNT)) == Field(K.TOP_INSTRUMENT)
    assert payment.next_field(Field(K.TOP_INSTRUMENT)) == Field(K.ACCOUNT, 0)
    fill(payment, (RENT, "10"))
    assert path(payment, Field(K.ACCOUNT, 0), 4) == [("amount", 0), ("costs", 0), ("account", 1), ("narration", -1)]
    assert payment.next_field(Field(K.NARRATION)) == Field(K.ACCEPT)


def test_enter_leads_through_a_journal_and_on_to_the_narration_when_it_balances() -> None:
    journal = form(N.JOURNAL)
    assert journal.first_field() == Field(K.SIDE, 0) or journal.first_field() == Field(K.ACCOUNT, 0)
    fill(journal, (POWER, "10"))
    assert journal.next_field(Field(K.AMOUNT, 0)) == Field(K.SIDE, 1)
    fill(journal, (POWER, "10"), (SUPPLIER, "10"))
    assert path(journal, Field(K.SIDE, 1), 4) == [("account", 1), ("amount", 1), ("bills", 1), ("narration", -1)]


def test_the_way_back_is_the_way_there() -> None:
    journal = form(N.JOURNAL)
    fill(journal, (POWER, "10"), (SUPPLIER, "10"))
    field, back = Field(K.ACCEPT), []
    for _ in range(8):
        field = journal.field_before(field)
        back.append((field.kind.value, field.line))
    assert back == [
        ("narration", -1), ("bills", 1), ("amount", 1), ("account", 1), ("side", 1), ("amount", 0), ("account", 0),
        ("side", 0),
    ]  # fmt: skip
    assert journal.field_before(Field(K.SIDE, 0)) == Field(K.DATE)
    assert journal.field_before(Field(K.DATE)) == Field(K.DATE)


def test_a_purchase_asks_for_the_suppliers_number_first() -> None:
    assert form(N.PURCHASE).first_field() == Field(K.REFERENCE)


def test_the_mode_changes_there_and_back_without_losing_anything() -> None:
    payment = form(N.PAYMENT)
    payment.set_top_account(BANK)
    payment.content.account_instrument.number = "000123"
    fill(payment, (SUPPLIER, "10000"), (POWER, "-1000"))
    before = sorted(entries(payment))
    assert payment.change_mode()
    assert payment.content.mode is Mode.DOUBLE_ENTRY
    assert sorted(entries(payment)) == before
    assert payment.change_mode()
    assert (payment.content.mode, payment.content.account) == (Mode.SINGLE_ENTRY, BANK)
    assert payment.content.account_instrument.number == "000123"
    assert sorted(entries(payment)) == before


def test_two_banks_on_one_side_stay_in_double_entry() -> None:
    payment = form(N.PAYMENT)
    payment.change_mode()
    fill(payment, (SUPPLIER, "300"), (BANK, "100"), (OTHER_BANK, "200"))
    assert not payment.change_mode()
    assert payment.content.mode is Mode.DOUBLE_ENTRY


def test_an_alteration_starts_from_what_was_posted_and_changes_nothing_by_itself() -> None:
    payment = form(N.PAYMENT)
    payment.set_top_account(BANK)
    fill(payment, (RENT, "300"), (POWER, "20"))
    payment.content.lines[0].costs = [CostRow(centre=SHOP, amount=AmountField(minor=30000))]
    payment.content.narration = "November"
    posted = payment.build().voucher
    again = form_of(posted, base="ab" * 32, company=COMPANY, chart=small_chart())
    assert again.is_single
    assert not again.is_touched
    assert again.build().voucher == posted


def test_a_repeated_voucher_is_new_and_keeps_no_bill() -> None:
    receipt = form(N.RECEIPT)
    receipt.set_top_account(BANK)
    fill(receipt, (CUSTOMER, "750"))
    receipt.content.lines[0].bills = [BillRow(kind=BillKind.AGAINST, name="7", amount=AmountField(minor=75000))]
    voucher = receipt.build().voucher
    copy = repeated(voucher, voucher.date, "0" * 32, company=COMPANY, chart=small_chart())
    assert not copy.is_alteration
    assert entries(copy) == entries(receipt)
    assert copy.content.lines[0].bills == []


def test_a_draft_keeps_every_letter() -> None:
    payment = form(N.PAYMENT)
    payment.set_account(0, None, "Ram")
    payment.set_line_amount(0, "12*")
    payment.content.narration = "half a sen"
    kept = from_draft(payment.snapshot())
    assert kept == payment.content
    assert from_draft(b"{}") is None
    assert from_draft(b"\xff") is None


def test_optional_and_post_dated_exclude_each_other_and_can_be_taken_back() -> None:
    payment = form(N.PAYMENT)
    payment.toggle_state(VoucherState.OPTIONAL)
    payment.toggle_state(VoucherState.POST_DATED)
    assert payment.content.state is VoucherState.POST_DATED
    payment.toggle_state(VoucherState.POST_DATED)
    assert payment.content.state is VoucherState.REGULAR


def test_choosing_another_account_drops_what_explained_the_first() -> None:
    journal = form(N.JOURNAL)
    fill(journal, (CUSTOMER, "10"))
    journal.content.lines[0].bills = [BillRow(name="1", amount=AmountField(minor=1000))]
    journal.set_account(0, SALES)
    assert journal.content.lines[0].bills == []
