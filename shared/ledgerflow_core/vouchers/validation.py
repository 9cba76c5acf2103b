"""Every rule one voucher must meet, checked in a fixed order; all problems are returned, not the first.

The order: type, date, number, texts, entries one by one, the sum, what the type's nature asks for.
Rules about other vouchers (is the number taken, is the base version current) belong to the store.
"""

import re
from dataclasses import dataclass
from datetime import date

from ledgerflow_core.calendar import problems_in_day
from ledgerflow_core.errors import Fact, InvalidInput, Problem
from ledgerflow_core.exchange_rate import rate_scaled
from ledgerflow_core.ledger.entry import BillKind, Entry, ForeignAmount
from ledgerflow_core.masters.account import Account
from ledgerflow_core.masters.chart import Chart
from ledgerflow_core.masters.cost_centre import CostCentre
from ledgerflow_core.masters.voucher_type import Numbering, VoucherNature, VoucherType
from ledgerflow_core.money.amount import MINOR_MAX, problems_in_minor
from ledgerflow_core.money.currency import currency
from ledgerflow_core.text_rules import NUMBER_LENGTH_MAX, problems_in_name, problems_in_text
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState

# A voucher's event must fit one batch of the wire (events.event.EVENT_BYTES_MAX): about 70 bytes an entry.
ENTRIES_MAX = 12_000
# So must the names of its files, whatever its entries take.
ATTACHMENTS_MAX = 100
# Names a file of the folder, so it may be nothing else.
_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class PostingRules:
    """What a voucher is checked against.

    `strict` asks what is asked of a person at the keyboard (a contra moves cash and bank only, no retired
    accounts); imported vouchers are taken as their books wrote them.
    """

    chart: Chart
    books_begin: date
    locked_until: date | None
    strict: bool = True


def problems_in_voucher(voucher: Voucher, rules: PostingRules) -> list[Problem]:
    """Return everything that is wrong with a voucher, in the order given above; empty when it may be posted."""
    voucher_type = rules.chart.voucher_types.get(voucher.type)
    if voucher_type is None:
        return [Problem("unknown-voucher-type", "type", {"given": voucher.type})]
    day = voucher.date
    problems = problems_in_day(day, "date")
    if not problems and day < rules.books_begin:
        problems.append(
            Problem("before-books-begin", "date", {"date": day.isoformat(), "begin": rules.books_begin.isoformat()})
        )
    if rules.locked_until is not None and day <= rules.locked_until:
        problems.append(
            Problem("period-locked", "date", {"date": day.isoformat(), "locked_until": rules.locked_until.isoformat()})
        )
    if voucher.effective or voucher.reference_date or voucher.reverses_on:
        for name in ("effective", "reference_date", "reverses_on"):
            problems += problems_in_day(getattr(voucher, name), name)
    if voucher_type.retired and rules.strict:
        problems.append(Problem("master-retired", "type", {"name": voucher_type.name}))
    problems += _problems_in_texts(voucher, voucher_type)
    problems += _problems_in_entries(voucher, voucher_type, rules)
    if rules.strict and not problems and voucher.entries:
        problems += _problems_of_nature(voucher, voucher_type, rules.chart)
    return problems


def _problems_in_texts(voucher: Voucher, voucher_type: VoucherType) -> list[Problem]:
    problems: list[Problem] = []
    if voucher.number:
        problems += problems_in_name(voucher.number, "number", length_max=NUMBER_LENGTH_MAX)
    elif voucher_type.numbering is Numbering.MANUAL:
        problems.append(Problem("number-missing", "number"))
    if voucher.narration:
        problems += problems_in_text(voucher.narration, "narration")
    if voucher.reference:
        problems += problems_in_text(voucher.reference, "reference", length_max=200)
    if voucher.stock or voucher.attachments or voucher.kept:
        problems += _problems_in_what_goes_with(voucher)
    return problems


def _problems_in_what_goes_with(voucher: Voucher) -> list[Problem]:
    problems: list[Problem] = []
    for at, line in enumerate(voucher.stock):
        for name in ("item", "quantity", "unit", "rate", "godown", "batch"):
            problems += problems_in_text(getattr(line, name), f"stock[{at}].{name}")
        problems += problems_in_minor(line.amount, f"stock[{at}].amount")
        problems += _problems_in_kept(line.kept, f"stock[{at}].kept")
    if len(voucher.attachments) > ATTACHMENTS_MAX:
        facts: dict[str, Fact] = {"count": len(voucher.attachments), "most": ATTACHMENTS_MAX}
        problems.append(Problem("too-many-attachments", "attachments", facts))
    for at, attachment in enumerate(voucher.attachments):
        place = f"attachments[{at}]"
        if not _SHA256.fullmatch(attachment.sha256):
            problems.append(Problem("bad-attachment", f"{place}.sha256", {"given": attachment.sha256[:80]}))
        problems += problems_in_minor(attachment.size, f"{place}.size")
        problems += problems_in_name(attachment.name, f"{place}.name")
        problems += problems_in_name(attachment.media_type, f"{place}.media_type")
    return problems + _problems_in_kept(voucher.kept, "kept")


def _problems_in_kept(kept: tuple[tuple[str, str], ...], place: str) -> list[Problem]:
    return [
        problem
        for at, pair in enumerate(kept)
        for text in pair
        for problem in problems_in_text(text, f"{place}[{at}]")
    ]  # fmt: skip


def _problems_in_entries(voucher: Voucher, voucher_type: VoucherType, rules: PostingRules) -> list[Problem]:
    entries, chart = voucher.entries, rules.chart
    if not entries:
        may_be_empty = voucher.state is VoucherState.CANCELLED or voucher.stock or not voucher_type.posts_to_books
        return [] if may_be_empty else [Problem("no-entries", "entries")]
    if len(entries) > ENTRIES_MAX:
        return [Problem("too-many-entries", "entries", {"count": len(entries), "most": ENTRIES_MAX})]
    problems: list[Problem] = []
    if voucher.party is not None and voucher.party not in chart.accounts:
        problems.append(Problem("unknown-account", "party", {"given": voucher.party}))
    difference = debits = 0
    accounts = chart.accounts
    for at, entry in enumerate(entries):
        amount = entry.amount
        difference += amount
        account = accounts.get(entry.account)
        if account is None:
            problems.append(Problem("unknown-account", f"entries[{at}].account", {"given": entry.account}))
        elif account.retired and rules.strict:
            problems.append(_not_offered(account, f"entries[{at}].account"))
        if amount > 0:
            debits += amount
        if not -MINOR_MAX <= amount <= MINOR_MAX:
            problems.append(Problem("amount-too-large", f"entries[{at}].amount", {"given": str(amount)}))
        if entry.bills or entry.costs or entry.foreign is not None or entry.narration or entry.instrument is not None:
            problems += _problems_in_details(entry, f"entries[{at}]", rules)
    if difference:
        problems.append(Problem("unbalanced", "entries", {"difference_minor": difference}))
    elif debits > MINOR_MAX:
        problems.append(Problem("amount-too-large", "entries"))
    return problems


def _not_offered(master: Account | CostCentre, place: str) -> Problem:
    if master.merged_into is not None:
        return Problem("master-merged", place, {"name": master.name})
    return Problem("master-retired", place, {"name": master.name})


def _problems_in_details(entry: Entry, place: str, rules: PostingRules) -> list[Problem]:
    problems: list[Problem] = []
    if entry.narration:
        problems += problems_in_text(entry.narration, f"{place}.narration")
    if entry.foreign is not None:
        problems += _problems_in_foreign(entry.foreign, entry.amount, f"{place}.foreign")
    if entry.instrument is not None:
        for name in ("kind", "number"):
            problems += problems_in_text(getattr(entry.instrument, name), f"{place}.instrument.{name}", length_max=200)
        for name in ("date", "cleared"):
            problems += problems_in_day(getattr(entry.instrument, name), f"{place}.instrument.{name}")
    if entry.bills:
        problems += _problems_in_bills(entry, f"{place}.bills")
    if entry.costs:
        problems += _problems_in_costs(entry, f"{place}.costs", rules)
    return problems


def _problems_in_bills(entry: Entry, place: str) -> list[Problem]:
    problems: list[Problem] = []
    for at, bill in enumerate(entry.bills):
        if bill.kind is BillKind.ON_ACCOUNT:
            if bill.name:
                problems.append(Problem("on-account-has-no-name", f"{place}[{at}]", {"name": bill.name}))
        else:
            problems += problems_in_name(bill.name, f"{place}[{at}].name")
        problems += problems_in_day(bill.due, f"{place}[{at}].due")
        problems += problems_in_minor(bill.amount, f"{place}[{at}].amount")
    left = entry.amount - sum(bill.amount for bill in entry.bills)
    if left:
        problems.append(Problem("bills-do-not-add-up", place, {"difference_minor": left}))
    return problems


def _problems_in_costs(entry: Entry, place: str, rules: PostingRules) -> list[Problem]:
    chart = rules.chart
    problems: list[Problem] = []
    by_category: dict[str, int] = {}
    for at, cost in enumerate(entry.costs):
        centre = chart.cost_centres.get(cost.centre)
        if centre is None:
            problems.append(Problem("unknown-cost-centre", f"{place}[{at}]", {"given": cost.centre}))
        else:
            by_category[centre.category] = by_category.get(centre.category, 0) + cost.amount
            if centre.retired and rules.strict:
                problems.append(_not_offered(centre, f"{place}[{at}]"))
        problems += problems_in_minor(cost.amount, f"{place}[{at}].amount")
    for category, total in by_category.items():
        if total != entry.amount:
            name = chart.cost_categories[category].name
            facts: dict[str, str | int | None] = {"category": name, "difference_minor": entry.amount - total}
            problems.append(Problem("costs-do-not-add-up", place, facts))
    return problems


def _problems_in_foreign(foreign: ForeignAmount, amount: int, place: str) -> list[Problem]:
    problems: list[Problem] = []
    if foreign.amount * amount < 0:
        problems.append(Problem("foreign-sign-differs", place))
    problems += problems_in_minor(foreign.amount, f"{place}.amount")
    for check, part in ((lambda: currency(foreign.currency), "currency"), (lambda: rate_scaled(foreign.rate), "rate")):
        try:
            check()
        except InvalidInput as error:
            problems += [problem.at(f"{place}.{part}") for problem in error.problems]
    return problems


def _problems_of_nature(voucher: Voucher, voucher_type: VoucherType, chart: Chart) -> list[Problem]:
    cash_or_bank = [chart.is_cash_or_bank(entry.account) for entry in voucher.entries]
    match voucher_type.nature:
        case VoucherNature.CONTRA:
            return [
                Problem(
                    "contra-needs-cash-or-bank",
                    f"entries[{at}].account",
                    {"account": chart.accounts[voucher.entries[at].account].name},
                )
                for at, fits in enumerate(cash_or_bank)
                if not fits
            ]
        case VoucherNature.PAYMENT | VoucherNature.RECEIPT as nature:
            sign = -1 if nature is VoucherNature.PAYMENT else 1
            if not any(
                fits and entry.amount * sign > 0 for fits, entry in zip(cash_or_bank, voucher.entries, strict=True)
            ):
                return [Problem(f"{nature.value}-needs-cash-or-bank", "entries")]
        case _:
            pass
    return []
