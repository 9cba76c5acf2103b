"""Every rule a voucher must meet: each code on both sides of its limit, and all of them in one fixed order."""

from datetime import date

import pytest
from msgspec.structs import replace

from builders import (
    BANK,
    CUSTOMER,
    RENT,
    SALES,
    SUPPLIER,
    a_centre,
    a_chart,
    a_contra,
    a_journal,
    a_payment,
    a_receipt,
    a_sale,
    a_voucher,
    account_id,
    an_account,
    centre_id,
    rules,
)
from ledgerflow_core.identifiers import CostCategoryId, MasterId, VoucherTypeId, named
from ledgerflow_core.ledger.entry import BillAllocation, BillKind, CostAllocation, Entry, ForeignAmount, Instrument
from ledgerflow_core.masters.account import CASH
from ledgerflow_core.masters.cost_centre import CostCategory
from ledgerflow_core.masters.voucher_type import Numbering, VoucherNature, voucher_type_id
from ledgerflow_core.vouchers.validation import ATTACHMENTS_MAX, ENTRIES_MAX, PostingRules, problems_in_voucher
from ledgerflow_core.vouchers.voucher import Attachment, StockLine, Voucher, VoucherState

NOBODY = account_id("Nobody")
MOST = 2**53 - 1
OVERRIDE = "\u202e"


def found(voucher: Voucher, against: PostingRules | None = None) -> list[tuple[str, str]]:
    return [(problem.code, problem.place) for problem in problems_in_voucher(voucher, against or rules())]


def journal(*entries: Entry) -> Voucher:
    return a_voucher(entries=entries)


def of(account: str | object, amount: int, **more: object) -> Entry:
    return Entry(account=account, amount=amount, **more)  # type: ignore[arg-type]


def bill(amount: int, name: str = "B-1", kind: BillKind = BillKind.NEW) -> BillAllocation:
    return BillAllocation(kind=kind, name=name, amount=amount)


def cost(amount: int, centre: str = "Pune") -> CostAllocation:
    return CostAllocation(centre=centre_id(centre), amount=amount)


def dollars(amount: int, rate: str = "83") -> ForeignAmount:
    return ForeignAmount(currency="USD", amount=amount, rate=rate)


RIGHT: dict[str, Voucher] = {
    "a receipt": a_receipt(),
    "a payment": a_payment(),
    "a contra": a_contra(),
    "a journal": a_journal(),
    "a sale": a_sale(),
    "the first day of the books": a_sale(day=date(2026, 4, 1)),
    "the last day there is": a_sale(day=date(2199, 12, 31)),
    "entries of zero": a_voucher(VoucherNature.JOURNAL, (RENT, 0), (SUPPLIER, 0)),
    "the same account on both sides": a_voucher(VoucherNature.JOURNAL, (RENT, 5), (RENT, -5)),
    "the largest amount": a_journal(amount=MOST),
    "a number of 60 characters": a_sale(number="x" * 60),
    "a narration of 10,000 characters": a_voucher(
        VoucherNature.JOURNAL, (RENT, 1), (SUPPLIER, -1), narration="x" * 10_000
    ),
    "a cancelled voucher without entries": a_voucher(VoucherNature.SALES, state=VoucherState.CANCELLED),
    "a memorandum without entries": a_voucher(VoucherNature.MEMORANDUM),
    "goods without entries": replace(a_voucher(VoucherNature.SALES), stock=(StockLine(item="Lamp", quantity="-1"),)),
    "bills that add up": journal(
        of(CUSTOMER, 100, bills=(bill(150), bill(-30, "B-2", BillKind.AGAINST), bill(-20, "", BillKind.ON_ACCOUNT))),
        of(SALES, -100),
    ),
    "cost centres that add up": journal(of(RENT, 100, costs=(cost(60), cost(40))), of(CASH, -100)),
    "a foreign amount on the same side": journal(of(BANK, 8300, foreign=dollars(100)), of(SALES, -8300)),
    "a file and what another program said": replace(
        a_sale(), attachments=(Attachment(sha256="0f" * 32, size=12, name="bill.pdf"),), kept=(("a/b", "c\nd"),)
    ),
    "a foreign amount of nothing": journal(of(BANK, 8300, foreign=dollars(0)), of(SALES, -8300)),
}


@pytest.mark.parametrize("voucher", RIGHT.values(), ids=RIGHT.keys())
def test_what_is_right_has_no_problem(voucher: Voucher) -> None:
    assert found(voucher) == []


REFUSED: dict[str, tuple[Voucher, list[tuple[str, str]]]] = {
    "an unknown type and nothing else": (
        replace(a_sale(day=date(2020, 1, 1)), type=VoucherTypeId(MasterId(named("test-type", "?"))), entries=()),
        [("unknown-voucher-type", "type")],
    ),
    "the day before the books begin": (a_sale(day=date(2026, 3, 31)), [("before-books-begin", "date")]),
    "a day no book has": (a_sale(day=date(2200, 1, 1)), [("day-out-of-range", "date")]),
    "days no book has": (
        replace(
            journal(
                of(BANK, 1, instrument=Instrument(date=date(9999, 1, 1), cleared=date(1899, 12, 31))),
                of(CUSTOMER, -1, bills=(replace(bill(-1), due=date(2200, 1, 1)),)),
            ),
            effective=date(9999, 12, 31),
            reference_date=date(1, 1, 1),
            reverses_on=date(2200, 1, 1),
        ),
        [
            ("day-out-of-range", "effective"),
            ("day-out-of-range", "reference_date"),
            ("day-out-of-range", "reverses_on"),
            ("day-out-of-range", "entries[0].instrument.date"),
            ("day-out-of-range", "entries[0].instrument.cleared"),
            ("day-out-of-range", "entries[1].bills[0].due"),
        ],
    ),
    "a number of 61 characters": (a_sale(number="x" * 61), [("text-too-long", "number")]),
    "a number of blanks": (a_sale(number=" "), [("name-empty", "number")]),
    "a trick in the number": (a_sale(number=f"1{OVERRIDE}2"), [("character-not-allowed", "number")]),
    "a narration of 10,001 characters": (
        replace(a_sale(), narration="x" * 10_001), [("text-too-long", "narration")],
    ),
    "NUL in the narration": (replace(a_sale(), narration="a\0b"), [("character-not-allowed", "narration")]),
    "a trick in the reference": (replace(a_sale(), reference=OVERRIDE), [("character-not-allowed", "reference")]),
    "a reference of 201 characters": (replace(a_sale(), reference="x" * 201), [("text-too-long", "reference")]),
    "no entries": (a_voucher(VoucherNature.JOURNAL), [("no-entries", "entries")]),
    "optional without entries": (
        a_voucher(VoucherNature.JOURNAL, state=VoucherState.OPTIONAL), [("no-entries", "entries")],
    ),
    "an unknown party": (replace(a_sale(), party=NOBODY), [("unknown-account", "party")]),
    "an unknown account": (
        a_voucher(VoucherNature.JOURNAL, (RENT, 1), (NOBODY, -1)), [("unknown-account", "entries[1].account")],
    ),
    "one minor unit too many": (
        a_voucher(VoucherNature.JOURNAL, (RENT, 101), (SUPPLIER, -100)), [("unbalanced", "entries")],
    ),
    "a single entry": (a_voucher(VoucherNature.JOURNAL, (RENT, 1)), [("unbalanced", "entries")]),
    "a memorandum that does not balance": (
        a_voucher(VoucherNature.MEMORANDUM, (RENT, 1)), [("unbalanced", "entries")],
    ),
    "a cancelled one that does not balance": (
        a_voucher(VoucherNature.SALES, (RENT, 1), state=VoucherState.CANCELLED), [("unbalanced", "entries")],
    ),
    "an amount too large on both sides": (
        a_journal(amount=MOST + 1),
        [
            ("amount-too-large", "entries[0].amount"),
            ("amount-too-large", "entries[1].amount"),
            ("amount-too-large", "entries"),
        ],
    ),
    "debits too large together": (
        a_voucher(VoucherNature.JOURNAL, (RENT, MOST), (BANK, 1), (SUPPLIER, -MOST), (CASH, -1)),
        [("amount-too-large", "entries")],
    ),
    "a trick in an entry's narration": (
        journal(of(RENT, 1), of(CASH, -1, narration="\0")), [("character-not-allowed", "entries[1].narration")],
    ),
    "a foreign amount on the other side": (
        journal(of(BANK, 8300, foreign=dollars(-100)), of(SALES, -8300)),
        [("foreign-sign-differs", "entries[0].foreign")],
    ),
    "no rate": (
        journal(of(BANK, 8300, foreign=dollars(100, "83\n2026-01-01 note")), of(SALES, -8300)),
        [("bad-rate", "entries[0].foreign.rate")],
    ),
    "a foreign amount too large": (
        journal(of(BANK, 8300, foreign=dollars(MOST + 1)), of(SALES, -8300)),
        [("amount-too-large", "entries[0].foreign.amount")],
    ),
    "bills that lack one minor unit": (
        journal(of(CUSTOMER, 100, bills=(bill(99),)), of(SALES, -100)),
        [("bills-do-not-add-up", "entries[0].bills")],
    ),
    "a bill without a name": (
        journal(of(CUSTOMER, 100, bills=(bill(100, ""),)), of(SALES, -100)),
        [("name-empty", "entries[0].bills[0].name")],
    ),
    "on account with a name": (
        journal(of(CUSTOMER, 100, bills=(bill(100, "B-1", BillKind.ON_ACCOUNT),)), of(SALES, -100)),
        [("on-account-has-no-name", "entries[0].bills[0]")],
    ),
    "an unknown cost centre": (
        journal(of(RENT, 100, costs=(cost(100, "Goa"),)), of(CASH, -100)),
        [("unknown-cost-centre", "entries[0].costs[0]")],
    ),
    "costs that do not add up": (
        journal(of(RENT, 100, costs=(cost(60), cost(39))), of(CASH, -100)),
        [("costs-do-not-add-up", "entries[0].costs")],
    ),
    "a trick in a cheque number": (
        journal(of(BANK, 1, instrument=Instrument(kind="cheque", number="\0")), of(CASH, -1)),
        [("character-not-allowed", "entries[0].instrument.number")],
    ),
    "a trick in the goods": (
        replace(a_sale(), stock=(StockLine(item="Lamp"), StockLine(item=f"La{OVERRIDE}mp", batch="\0"))),
        [("character-not-allowed", "stock[1].item"), ("character-not-allowed", "stock[1].batch")],
    ),
    "parts beyond the range of amounts, adding up": (
        journal(
            of(CUSTOMER, 100, bills=(bill(MOST + 1), bill(99 - MOST, "B-2"))),
            of(RENT, 100, costs=(cost(-MOST - 1), cost(MOST + 101))),
            of(SALES, -200),
        ),
        [
            ("amount-too-large", "entries[0].bills[0].amount"),
            ("amount-too-large", "entries[1].costs[0].amount"),
            ("amount-too-large", "entries[1].costs[1].amount"),
        ],
    ),
    "goods beyond the range of amounts": (
        replace(a_sale(), stock=(StockLine(item="Lamp", amount=MOST + 1, kept=(("a/b", "\0"),)),)),
        [("amount-too-large", "stock[0].amount"), ("character-not-allowed", "stock[0].kept[0]")],
    ),
    "what goes with it": (
        replace(
            a_sale(),
            attachments=(
                Attachment(sha256="../../keys.json", size=MOST + 1, name="a\nb", media_type="x" * 201),
            ),
            kept=(("a", "fine"), (OVERRIDE, "x" * 10_001)),
        ),
        [
            ("bad-attachment", "attachments[0].sha256"),
            ("amount-too-large", "attachments[0].size"),
            ("character-not-allowed", "attachments[0].name"),
            ("text-too-long", "attachments[0].media_type"),
            ("character-not-allowed", "kept[1]"),
            ("text-too-long", "kept[1]"),
        ],
    ),
    "everything at once, in order": (
        replace(
            journal(of(NOBODY, 5, narration="\0", foreign=dollars(-1), bills=(bill(4),), costs=(cost(3, "Goa"),))),
            date=date(2020, 1, 1),
            number="x" * 61,
            narration="\0",
            reference="\0",
            party=NOBODY,
        ),
        [
            ("before-books-begin", "date"),
            ("text-too-long", "number"),
            ("character-not-allowed", "narration"),
            ("character-not-allowed", "reference"),
            ("unknown-account", "party"),
            ("unknown-account", "entries[0].account"),
            ("character-not-allowed", "entries[0].narration"),
            ("foreign-sign-differs", "entries[0].foreign"),
            ("bills-do-not-add-up", "entries[0].bills"),
            ("unknown-cost-centre", "entries[0].costs[0]"),
            ("unbalanced", "entries"),
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("voucher", "problems"), REFUSED.values(), ids=REFUSED.keys())
def test_every_problem_is_named_with_its_place_in_a_fixed_order(
    voucher: Voucher, problems: list[tuple[str, str]]
) -> None:
    assert found(voucher) == problems


NATURES: dict[str, tuple[Voucher, list[tuple[str, str]]]] = {
    "a contra moves cash and bank only": (
        a_voucher(VoucherNature.CONTRA, (RENT, 5), (SUPPLIER, -2), (CASH, -3)),
        [("contra-needs-cash-or-bank", "entries[0].account"), ("contra-needs-cash-or-bank", "entries[1].account")],
    ),
    "a payment pays from cash or bank": (
        a_voucher(VoucherNature.PAYMENT, (RENT, 5), (SUPPLIER, -5)), [("payment-needs-cash-or-bank", "entries")],
    ),
    "a payment into cash is none": (
        a_voucher(VoucherNature.PAYMENT, (CASH, 5), (SUPPLIER, -5)), [("payment-needs-cash-or-bank", "entries")],
    ),
    "a receipt comes into cash or bank": (
        a_voucher(VoucherNature.RECEIPT, (RENT, 5), (CUSTOMER, -5)), [("receipt-needs-cash-or-bank", "entries")],
    ),
    "a receipt out of cash is none": (
        a_voucher(VoucherNature.RECEIPT, (CUSTOMER, 5), (CASH, -5)), [("receipt-needs-cash-or-bank", "entries")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("voucher", "problems"), NATURES.values(), ids=NATURES.keys())
def test_a_person_is_held_to_the_nature_of_the_type_and_an_import_is_not(
    voucher: Voucher, problems: list[tuple[str, str]]
) -> None:
    assert found(voucher) == problems
    assert found(voucher, rules(strict=False)) == []


def test_a_retired_account_takes_entries_from_imports_only() -> None:
    chart = a_chart()
    chart.put(an_account("Rent", retired=True))
    assert found(a_payment(), rules(chart)) == [("master-retired", "entries[0].account")]
    assert found(a_payment(), rules(chart, strict=False)) == []


def test_the_last_locked_day_is_locked_and_the_next_is_not() -> None:
    locked = rules(locked_until=date(2026, 5, 3))
    assert found(a_sale(day=date(2026, 5, 3)), locked) == [("period-locked", "date")]
    assert found(a_sale(day=date(2026, 5, 4)), locked) == []
    assert found(a_sale(day=date(2026, 3, 1)), locked) == [("before-books-begin", "date"), ("period-locked", "date")]


def test_as_many_entries_fit_as_the_limit_says_and_not_one_more() -> None:
    pairs = [(RENT, 1), (SUPPLIER, -1)] * (ENTRIES_MAX // 2)
    assert len(pairs) == ENTRIES_MAX == 12_000
    assert found(a_voucher(VoucherNature.JOURNAL, *pairs)) == []
    assert found(a_voucher(VoucherNature.JOURNAL, *pairs, (RENT, 0))) == [("too-many-entries", "entries")]


def test_every_category_splits_an_entry_in_full_by_itself() -> None:
    chart = a_chart()
    projects = CostCategory(id=CostCategoryId(MasterId(named("test-category", "Projects"))), name="Projects")
    chart.put(projects)
    chart.put(replace(a_centre("Bridge"), category=projects.id))
    both = journal(of(RENT, 100, costs=(cost(100), cost(100, "Bridge"))), of(CASH, -100))
    half = journal(of(RENT, 100, costs=(cost(100), cost(50, "Bridge"))), of(CASH, -100))
    assert found(both, rules(chart)) == []
    (problem,) = problems_in_voucher(half, rules(chart))
    assert (problem.code, problem.facts) == ("costs-do-not-add-up", {"category": "Projects", "difference_minor": 50})


def test_a_type_numbered_by_hand_asks_for_a_number() -> None:
    chart = a_chart()
    sales = chart.voucher_types[voucher_type_id(VoucherNature.SALES)]
    chart.put(replace(sales, numbering=Numbering.MANUAL))
    assert found(a_sale(), rules(chart)) == [("number-missing", "number")]
    assert found(a_sale(number="7"), rules(chart)) == []
    chart.put(replace(sales, numbering=Numbering.MANUAL_REPEATABLE))
    assert found(a_sale(), rules(chart)) == []


def test_the_difference_is_told_with_its_side() -> None:
    (problem,) = problems_in_voucher(a_voucher(VoucherNature.JOURNAL, (RENT, 90), (SUPPLIER, -100)), rules())
    assert problem.facts == {"difference_minor": -10}


def test_a_voucher_names_so_many_files_at_most() -> None:
    files = tuple(Attachment(sha256=f"{at:064x}", size=1, name=f"{at}.txt") for at in range(ATTACHMENTS_MAX + 1))
    assert found(replace(a_payment(), attachments=files[:-1])) == []
    assert found(replace(a_payment(), attachments=files)) == [("too-many-attachments", "attachments")]
