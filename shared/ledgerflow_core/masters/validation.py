"""Every rule one master must meet against the chart it enters; all problems in a fixed order."""

from collections.abc import Sized
from datetime import date

from msgspec.structs import replace

from ledgerflow_core.calendar import FinancialYear, problems_in_day
from ledgerflow_core.errors import Fact, InvalidInput, Problem
from ledgerflow_core.exchange_rate import rate_scaled
from ledgerflow_core.masters.account import (
    ADDRESS_LINES_MAX,
    ALIASES_MAX,
    OPENING_BILLS_MAX,
    TAX_IDENTITIES_MAX,
    Account,
    OpeningBill,
    Party,
)
from ledgerflow_core.masters.chart import Chart, Master, merged_states
from ledgerflow_core.masters.company import Company
from ledgerflow_core.masters.cost_centre import CostCentre
from ledgerflow_core.masters.group import Group
from ledgerflow_core.masters.rates import RATES_MAX, ForeignCurrency
from ledgerflow_core.masters.voucher_type import (
    GST_NUMBER_LENGTH_MAX,
    PREFIX_AND_WIDTH_MAX,
    Numbering,
    VoucherType,
)
from ledgerflow_core.money.amount import problems_in_minor
from ledgerflow_core.money.currency import currency
from ledgerflow_core.text_rules import NAME_LENGTH_MAX, problems_in_name, problems_in_text

PREFIX_LENGTH_MAX = 6
GROUP_DEPTH_MAX = 30
_DETAIL_LENGTH_MAX = 500
_EXPONENT_MAX = 4  # no currency of ISO 4217 has more decimals
_COMPANY_FIXED = ("id", "currency", "exponent", "year_start_month", "year_start_day", "books_begin")


def problems_in_master(master: Master, chart: Chart) -> list[Problem]:
    """Return everything that is wrong with a new or changed master; empty when it may be saved.

    Of one with more parts than a master may have, that alone is said: the parts are not looked at.
    """
    if too_many := _too_many_parts(master):
        return too_many
    problems = problems_in_name(master.name, "name")
    if not problems and chart.name_taken(master):
        problems.append(Problem("name-taken", "name", {"name": master.name}))
    earlier = chart.masters.get(master.id)
    if earlier is not None and type(earlier) is not type(master):
        problems.append(Problem("kind-cannot-change", "kind"))
        return problems
    if any(isinstance(found, Account | CostCentre) and found.merged_into for found in (earlier, master)):
        problems.append(Problem("master-merged", "", {"name": (earlier or master).name}))
    match master:
        case Account():
            problems += _problems_in_account(master, chart, earlier)
        case Group():
            problems += _problems_in_group(master, chart, earlier)
        case VoucherType():
            problems += _problems_in_voucher_type(master, earlier)
        case CostCentre():
            if master.category not in chart.cost_categories:
                problems.append(Problem("unknown-cost-category", "category", {"given": master.category}))
            if master.parent is not None and _cost_centre_cycle(master, chart):
                problems.append(Problem("stands-under-itself", "parent", {"name": master.name}))
        case ForeignCurrency():
            problems += _problems_in_currency(master)
        case _:
            pass
    return problems


def problems_in_company(company: Company, before: Company | None = None) -> list[Problem]:
    """Return what is wrong with a company's details; `before` are those they replace.

    What its books are kept in and from when cannot change, so it must be right from the first.
    """
    if too_many := _too_many_lines(company, ""):
        return too_many
    problems = problems_in_name(company.name, "name")
    for name in ("country", "mailing_name", "state", "phone", "email"):
        problems += problems_in_text(getattr(company, name), name, length_max=_DETAIL_LENGTH_MAX)
    for at, line in enumerate(company.address):
        problems += problems_in_text(line, f"address[{at}]", length_max=_DETAIL_LENGTH_MAX)
    for at, identity in enumerate(company.tax_identities):
        problems += problems_in_name(identity.scheme, f"tax_identities[{at}].scheme")
        problems += problems_in_name(identity.number, f"tax_identities[{at}].number")
    problems += _problems_in_books(company)
    if before is not None:
        problems += [
            Problem("company-field-fixed", name)
            for name in _COMPANY_FIXED
            if getattr(company, name) != getattr(before, name)
        ]
    return problems


def _problems_in_books(company: Company) -> list[Problem]:
    problems: list[Problem] = []
    try:
        currency(company.currency)
    except InvalidInput as error:
        problems += [problem.at("currency") for problem in error.problems]
    if not 0 <= company.exponent <= _EXPONENT_MAX:
        problems.append(Problem("bad-exponent", "exponent", {"given": company.exponent, "most": _EXPONENT_MAX}))
    try:
        FinancialYear(company.year_start_month, company.year_start_day)
    except InvalidInput as error:
        problems += [problem.at("year_start") for problem in error.problems]
    return problems + problems_in_day(company.books_begin, "books_begin")


def problems_of_lock(before: Master | None, after: Master, locked_until: date | None) -> list[Problem]:
    """Return what of a new or changed master a lock forbids: a locked period keeps what it opened with, and where."""
    if locked_until is None:
        return []
    facts: dict[str, Fact] = {"name": (before or after).name, "locked_until": locked_until.isoformat()}
    problems: list[Problem] = []
    if isinstance(after, Account):
        opened = (0, 0, ()) if not isinstance(before, Account) else _opening(before)
        if opened != _opening(after):
            problems.append(Problem("opening-balance-locked", "opening", facts))
        if isinstance(before, Account) and before.group != after.group:
            problems.append(Problem("group-locked", "group", facts))
    elif isinstance(after, Group) and isinstance(before, Group) and before.parent != after.parent:
        problems.append(Problem("group-locked", "parent", facts))
    return problems


def problems_of_lock_on_merge(one: Master, other: Master, locked_until: date | None) -> list[Problem]:
    """Return what of merging `one` into `other` a lock forbids: opening balances and groups stay."""
    gone, kept = merged_states(one, other)
    if isinstance(gone, Account) and isinstance(other, Account):
        gone = replace(gone, group=other.group)
    return problems_of_lock(one, gone, locked_until) or problems_of_lock(other, kept, locked_until)


def _opening(account: Account) -> tuple[int, int, tuple[OpeningBill, ...]]:
    return account.opening, account.opening_foreign, account.opening_bills


def _too_many_parts(master: Master) -> list[Problem]:
    problems: list[Problem] = []
    if isinstance(master, Account):
        if len(master.aliases) > ALIASES_MAX:
            problems.append(Problem("too-many-aliases", "aliases", _counted(master.aliases, ALIASES_MAX)))
        if len(master.opening_bills) > OPENING_BILLS_MAX:
            facts = _counted(master.opening_bills, OPENING_BILLS_MAX)
            problems.append(Problem("too-many-opening-bills", "opening_bills", facts))
        if master.party is not None:
            problems += _too_many_lines(master.party, "party.")
    if isinstance(master, ForeignCurrency) and len(master.rates) > RATES_MAX:
        problems.append(Problem("too-many-rates", "rates", _counted(master.rates, RATES_MAX)))
    return problems


def _too_many_lines(holder: Company | Party, place: str) -> list[Problem]:
    problems: list[Problem] = []
    if len(holder.address) > ADDRESS_LINES_MAX:
        facts = _counted(holder.address, ADDRESS_LINES_MAX)
        problems.append(Problem("too-many-address-lines", f"{place}address", facts))
    if len(holder.tax_identities) > TAX_IDENTITIES_MAX:
        facts = _counted(holder.tax_identities, TAX_IDENTITIES_MAX)
        problems.append(Problem("too-many-tax-identities", f"{place}tax_identities", facts))
    return problems


def _counted(parts: Sized, most: int) -> dict[str, Fact]:
    return {"count": len(parts), "most": most}


def _problems_in_account(account: Account, chart: Chart, earlier: Master | None) -> list[Problem]:
    problems = [
        found
        for at, alias in enumerate(account.aliases)
        for found in problems_in_name(alias, f"aliases[{at}]")
    ]  # fmt: skip
    if account.group not in chart.groups:
        problems.append(Problem("unknown-group", "group", {"given": account.group}))
    problems += problems_in_minor(account.opening, "opening")
    problems += problems_in_minor(account.opening_foreign, "opening_foreign")
    if account.opening_bills and sum(bill.amount for bill in account.opening_bills) != account.opening:
        left = account.opening - sum(bill.amount for bill in account.opening_bills)
        problems.append(Problem("bills-do-not-add-up", "opening_bills", {"difference_minor": left}))
    for at, bill in enumerate(account.opening_bills):
        problems += problems_in_name(bill.name, f"opening_bills[{at}].name")
        problems += problems_in_minor(bill.amount, f"opening_bills[{at}].amount")
        problems += problems_in_day(bill.date, f"opening_bills[{at}].date")
        problems += problems_in_day(bill.due, f"opening_bills[{at}].due")
    for text, place in ((account.code, "code"), (account.bank_account, "bank_account")):
        problems += problems_in_text(text, place, length_max=NAME_LENGTH_MAX)
    problems += problems_in_text(account.notes, "notes")
    if account.party is not None:
        problems += _problems_in_party(account.party)
    if (earlier.reserved if isinstance(earlier, Account) else None) != account.reserved:
        problems.append(Problem("reserved-name-is-fixed", "reserved", {"name": account.name}))
    return problems


def _problems_in_party(party: Party) -> list[Problem]:
    problems = problems_in_text(party.mailing_name, "party.mailing_name", length_max=NAME_LENGTH_MAX)
    for at, line in enumerate(party.address):
        problems += problems_in_text(line, f"party.address[{at}]", length_max=_DETAIL_LENGTH_MAX)
    for name in ("state", "country", "postcode", "contact", "phone", "email"):
        problems += problems_in_text(getattr(party, name), f"party.{name}", length_max=_DETAIL_LENGTH_MAX)
    for at, identity in enumerate(party.tax_identities):
        for text in (identity.scheme, identity.number):
            if text:
                problems += problems_in_name(text, f"party.tax_identities[{at}]")
    for name in ("credit_days", "credit_limit"):
        problems += problems_in_minor(getattr(party, name) or 0, f"party.{name}")
    return problems


def _problems_in_group(group: Group, chart: Chart, earlier: Master | None) -> list[Problem]:
    if isinstance(earlier, Group) and earlier.reserved is not None:
        if (earlier.reserved, earlier.parent) != (group.reserved, group.parent):
            return [Problem("reserved-name-is-fixed", "reserved", {"name": group.name})]
        return []
    if group.reserved is not None:
        return [Problem("reserved-name-is-fixed", "reserved", {"name": group.name})]
    if group.parent is None or group.parent not in chart.groups:
        return [Problem("unknown-group", "parent", {"given": group.parent})]
    above = [found.id for found in chart.ancestry(group.parent)]
    if group.id in above:
        return [Problem("stands-under-itself", "parent", {"name": group.name})]
    if len(above) >= GROUP_DEPTH_MAX:
        return [Problem("groups-too-deep", "parent", {"most": GROUP_DEPTH_MAX})]
    return []


def _problems_in_voucher_type(voucher_type: VoucherType, earlier: Master | None) -> list[Problem]:
    problems: list[Problem] = []
    if isinstance(earlier, VoucherType) and earlier.nature is not voucher_type.nature:
        problems.append(Problem("nature-cannot-change", "nature", {"name": voucher_type.name}))
    if not 1 <= voucher_type.width <= 10:
        problems.append(Problem("bad-width", "width", {"given": voucher_type.width}))
    prefix = voucher_type.prefix
    if prefix:
        problems += problems_in_name(prefix, "prefix", length_max=PREFIX_LENGTH_MAX)
    if not problems and prefix != prefix.strip():
        problems.append(Problem("prefix-has-blanks", "prefix"))
    beyond = len(prefix) + voucher_type.width - PREFIX_AND_WIDTH_MAX
    if not problems and voucher_type.numbering is Numbering.AUTOMATIC and beyond > 0:
        facts: dict[str, Fact] = {"length": GST_NUMBER_LENGTH_MAX + beyond, "most": GST_NUMBER_LENGTH_MAX}
        problems.append(Problem("number-too-long", "prefix", facts))
    problems += problems_in_text(voucher_type.abbreviation, "abbreviation", length_max=NAME_LENGTH_MAX)
    return problems


def _problems_in_currency(money: ForeignCurrency) -> list[Problem]:
    problems: list[Problem] = []
    try:
        currency(money.code)
    except InvalidInput as error:
        problems += [problem.at("code") for problem in error.problems]
    for at, (_, rate) in enumerate(money.rates):
        try:
            rate_scaled(rate)
        except InvalidInput as error:
            problems += [problem.at(f"rates[{at}]") for problem in error.problems]
    return problems


def _cost_centre_cycle(centre: CostCentre, chart: Chart) -> bool:
    at, seen = centre.parent, {centre.id}
    while at is not None:
        if at in seen or at not in chart.cost_centres:
            return True
        seen.add(at)
        at = chart.cost_centres[at].parent
    return False
