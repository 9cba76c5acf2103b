"""What stands on a printed voucher, in words and minor units, before anybody thinks of paper.

Two shapes of entries. A receipt, payment advice or invoice lists what the money is for in one column, the
money account or party it settles standing apart; everything else, and whatever does not fit that shape,
prints every entry with debit and credit. No entry is ever left out of both.
"""

from dataclasses import dataclass

from ledgerflow_core.ledger.entry import BillAllocation, BillKind, Entry
from ledgerflow_core.masters.account import Account, TaxIdentity
from ledgerflow_core.masters.chart import Chart
from ledgerflow_core.masters.company import Company
from ledgerflow_core.masters.voucher_type import VoucherType
from ledgerflow_core.money.amount import grouped_text
from ledgerflow_core.money.currency import currency
from ledgerflow_core.money.words import amount_in_words
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.printing.report_words import long_date, short_date
from ledgerflow_desktop.printing.voucher_wording import WORDING_OTHERWISE, Wording, wording

_STAMPS = {
    VoucherState.CANCELLED: "CANCELLED",
    VoucherState.OPTIONAL: "OPTIONAL",
    VoucherState.POST_DATED: "POST-DATED",
}
_BILL_WORDS = {
    BillKind.NEW: "New bill",
    BillKind.AGAINST: "Against bill",
    BillKind.ADVANCE: "Advance",
    BillKind.ON_ACCOUNT: "On account",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One entry on paper: its account, what explains it, and its figures in minor units (None: blank)."""

    name: str
    details: tuple[str, ...]
    figures: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A heading and the lines below it: a party, a bank account."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """A voucher as it will read. `totals` has one figure a column of `figure_titles`."""

    title: str
    remark: str
    stamp: str
    company: Block
    facts: tuple[tuple[str, str], ...]
    party: Block | None
    through: Block | None
    figure_titles: tuple[str, ...]
    lines: tuple[Line, ...]
    totals: tuple[int, ...]
    total_words: str
    narration: str
    signatures: tuple[str, ...]


def voucher_contents(voucher: Voucher, company: Company, chart: Chart, voucher_type: VoucherType) -> Contents:
    """Put a voucher into words."""
    said = wording(voucher_type.nature)
    settling = _settling_entries(voucher, chart, said)
    side = 1 if sum(entry.amount for entry in settling) > 0 else -1
    others = [entry for entry in voucher.entries if entry not in settling]
    is_one_sided = bool(settling and others) and all(entry.amount * side > 0 for entry in settling)
    if is_one_sided:
        figure_titles: tuple[str, ...] = ("Amount",)
        lines = [_line(entry, company, chart, (-side * entry.amount,)) for entry in others]
        lines.sort(key=lambda line: (line.figures[0] or 0) < 0)  # what is taken off stands below
        totals: tuple[int, ...] = (-side * sum(entry.amount for entry in others),)
    else:
        figure_titles = ("Debit", "Credit")
        lines = [_line(e, company, chart, _two_sided(e.amount)) for e in voucher.entries]
        totals = (voucher.debit_total, -sum(e.amount for e in voucher.entries if e.amount < 0))
    return Contents(
        title=said.title or visible(voucher_type.name),
        remark="" if voucher_type.posts_to_books else "This voucher moves no ledger account.",
        stamp=_STAMPS.get(voucher.state, ""),
        company=_company(company),
        facts=tuple(_facts(voucher, voucher_type, said)),
        party=_party(voucher, chart, said),
        through=_through(settling, company, chart, said) if is_one_sided else None,
        figure_titles=figure_titles,
        lines=tuple(lines),
        totals=totals,
        total_words=amount_in_words(totals[0], company.base_currency, indian=company.groups_digits_indian),
        narration=voucher.narration,
        signatures=said.signatures,
    )


def _settling_entries(voucher: Voucher, chart: Chart, said: Wording) -> list[Entry]:
    if said is WORDING_OTHERWISE or not said.settles:
        return []
    if said.settles == "money":
        return [entry for entry in voucher.entries if chart.is_cash_or_bank(entry.account)]
    if voucher.party is not None:
        return [entry for entry in voucher.entries if entry.account == voucher.party]
    return [e for e in voucher.entries if chart.is_party(e.account) or chart.is_cash_or_bank(e.account)]


def _two_sided(amount: int) -> tuple[int | None, int | None]:
    return (amount, None) if amount >= 0 else (None, -amount)


def _line(entry: Entry, company: Company, chart: Chart, figures: tuple[int | None, ...]) -> Line:
    return Line(chart.accounts[entry.account].name, tuple(_details(entry, company, chart)), figures)


def _details(entry: Entry, company: Company, chart: Chart) -> list[str]:
    """Return what explains an entry: foreign amount, bills, cost centres, instrument, its own narration."""
    indian, exponent = company.groups_digits_indian, company.exponent
    details = []
    if entry.foreign is not None:
        foreign = currency(entry.foreign.currency)
        digits = grouped_text(entry.foreign.amount, foreign.exponent, indian=indian)
        details.append(f"{foreign.code} {digits} at {entry.foreign.rate}")
    details += [_bill(bill, company) for bill in entry.bills]
    for cost in entry.costs:
        centre = chart.cost_centres.get(cost.centre)
        name = visible(centre.name) if centre else "unknown"
        details.append(f"Cost centre {name}: {grouped_text(cost.amount, exponent, indian=indian)}")
    if entry.instrument is not None:
        details.append(_instrument(entry))
    if entry.narration:
        details.append(entry.narration)
    return [detail for detail in details if detail]


def _bill(bill: BillAllocation, company: Company) -> str:
    amount = grouped_text(bill.amount, company.exponent, indian=company.groups_digits_indian)
    name = f" {visible(bill.name)}" if bill.name else ""
    due = f", due {short_date(bill.due)}" if bill.due else ""
    return f"{_BILL_WORDS[bill.kind]}{name}: {amount} {'Dr' if bill.amount > 0 else 'Cr'}{due}"


def _instrument(entry: Entry) -> str:
    paper = entry.instrument
    if paper is None:
        return ""
    kind = visible(paper.kind).capitalize() or "Instrument"
    number = f" no. {visible(paper.number)}" if paper.number else ""
    day = f" dated {short_date(paper.date)}" if paper.date else ""
    return kind + number + day if number or day or paper.kind else ""


def _facts(voucher: Voucher, voucher_type: VoucherType, said: Wording) -> list[tuple[str, str]]:
    facts = [("Number", visible(voucher.number) or "–"), ("Date", long_date(voucher.date))]
    if voucher_type.reserved is None:
        facts.append(("Type", visible(voucher_type.name)))
    if voucher.reference:
        facts.append((said.reference, visible(voucher.reference)))
    if voucher.reference_date is not None:
        facts.append(("dated", long_date(voucher.reference_date)))
    if voucher.effective is not None:
        facts.append(("Effective", long_date(voucher.effective)))
    if voucher.reverses_on is not None:
        facts.append(("Reverses on", long_date(voucher.reverses_on)))
    return facts


def _company(company: Company) -> Block:
    contact = "  ·  ".join(part for part in (company.phone, company.email) if part)
    lines = [*company.address, contact, _identities(company.tax_identities)]
    return Block(company.mailing_name or company.name, tuple(line for line in lines if line))


def _party(voucher: Voucher, chart: Chart, said: Wording) -> Block | None:
    account = chart.accounts.get(voucher.party) if voucher.party is not None else None
    return None if account is None else Block(said.party, tuple(_party_lines(account)))


def _party_lines(account: Account) -> list[str]:
    party = account.party
    if party is None:
        return [account.name]
    place = ", ".join(part for part in (party.state, party.postcode, party.country) if part)
    contact = "  ·  ".join(part for part in (party.contact, party.phone, party.email) if part)
    lines = [party.mailing_name or account.name, *party.address, place, contact, _identities(party.tax_identities)]
    return [line for line in lines if line]


def _identities(identities: tuple[TaxIdentity, ...]) -> str:
    return "   ".join(f"{identity.scheme}: {identity.number}" for identity in identities)


def _through(settling: list[Entry], company: Company, chart: Chart, said: Wording) -> Block | None:
    lines = []
    for entry in settling:
        amount = grouped_text(entry.amount, company.exponent, indian=company.groups_digits_indian)
        details = _details(entry, company, chart)
        if len(settling) > 1 or said.settles == "money":
            name = visible(chart.accounts[entry.account].name)
            lines.append(name if len(settling) == 1 else f"{name}: {amount}")
        lines += details
    return Block(said.through, tuple(lines)) if lines else None
