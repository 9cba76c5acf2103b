"""The books for beancount 2 and 3.

Its accounts stand under five roots and take letters, digits and hyphens only, a capital or digit first, so
names are changed where they must be, and the own name is kept beside as metadata. Foreign amounts carry
their worth in the base currency (``100.00 USD @@ 8550.00 INR``). Vouchers that are not in the books are
left out.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from ledgerflow_core.masters.group import Nature
from ledgerflow_desktop.interchange.posted_records import Masters, gather, one_line
from ledgerflow_desktop.interchange.records import AccountRecord, EntryRecord, FileId, Record, VoucherRecord

_ROOTS = {
    Nature.ASSET: "Assets",
    Nature.LIABILITY: "Liabilities",
    Nature.INCOME: "Income",
    Nature.EXPENSE: "Expenses",
}
_DIFFERENCE = "Equity:Difference-in-Opening-Balances"


def write(records: Iterable[Record], out: BinaryIO) -> None:
    """Write the ledger. Records come company and masters first, then vouchers in order of their dates."""
    masters, vouchers = gather(records)
    names = account_names(masters)
    for line in _head(masters, names):
        out.write(f"{line}\n".encode())
    for voucher in vouchers:
        if masters.is_in_books(voucher):
            out.write("".join(f"{line}\n" for line in _voucher(voucher, masters, names)).encode())


def account_names(masters: Masters) -> dict[FileId, str]:
    """Return every account's name under beancount's roots, no two alike even without case."""
    names: dict[FileId, str] = {}
    taken = {_DIFFERENCE.casefold()}
    for account in masters.accounts.values():
        root = "Equity" if masters.is_equity(account) else _ROOTS[masters.nature_of(account)]
        parts = [_part(part) for part in (*account.group, account.name)]
        plain = ":".join([root, *(parts[1:] if parts[0] == root and len(parts) > 1 else parts)])
        name, number = plain, 1
        while name.casefold() in taken:
            number += 1
            name = f"{plain}-{number}"
        taken.add(name.casefold())
        names[account.id] = name
    return names


def _part(name: str) -> str:
    """Return one component: letters, decimal digits and single hyphens; a capital or a digit in front."""
    kept = "".join(
        c if unicodedata.category(c)[0] == "L" or unicodedata.category(c) == "Nd" else "-" for c in one_line(name)
    )
    part = "-".join(piece for piece in kept.split("-") if piece)
    first = part[:1].upper()
    if len(first) == 1 and unicodedata.category(first) in ("Lu", "Nd"):
        return first + part[1:]
    # Scripts without capitals, and names of nothing but marks.
    return f"X{part}"


def _head(masters: Masters, names: dict[FileId, str]) -> Iterator[str]:
    yield f'option "title" {_quoted(masters.company.name)}'
    yield f'option "operating_currency" "{masters.base.code}"'
    yield ""
    for account in masters.accounts.values():
        yield f"{masters.first_day} open {names[account.id]}"
        if account.name != names[account.id].rpartition(":")[2]:
            yield f"  name: {_quoted(account.name)}"
    yield ""
    openings = list(masters.openings())
    difference = sum(opening for _, opening in openings)
    if difference:
        yield f"{masters.first_day} open {_DIFFERENCE}"
    if openings:
        yield f'{masters.first_day} * "Opening balances"'
        for account, opening in openings:
            yield f"  {names[account.id]}  {_opening(account, opening, masters)}"
        if difference:
            yield f"  {_DIFFERENCE}  {masters.text(-difference)} {masters.base.code}"
        yield ""


def _opening(account: AccountRecord, minor: int, masters: Masters) -> str:
    if account.currency and account.opening_foreign.strip("0.-+"):
        return f"{account.opening_foreign} {account.currency} @@ {masters.text(abs(minor))} {masters.base.code}"
    return f"{masters.text(minor)} {masters.base.code}"


def _voucher(voucher: VoucherRecord, masters: Masters, names: dict[FileId, str]) -> Iterator[str]:
    payee = ""
    if voucher.party is not None and voucher.party in masters.accounts:
        payee = f"{_quoted(masters.accounts[voucher.party].name)} "
    yield f"{voucher.date} * {payee}{_quoted(voucher.narration)}"
    if voucher.number:
        yield f"  number: {_quoted(voucher.number)}"
    yield f"  type: {_quoted(voucher.type)}"
    for entry in voucher.entries:
        yield f"  {names[entry.ledger]}  {_amount(entry, masters)}"
        if entry.narration:
            yield f"    narration: {_quoted(entry.narration)}"
    yield ""


def _amount(entry: EntryRecord, masters: Masters) -> str:
    if entry.foreign is not None and entry.foreign.amount.strip("0.-+"):
        return f"{entry.foreign.amount} {entry.foreign.currency} @@ {entry.amount.lstrip('-+')} {masters.base.code}"
    return f"{entry.amount} {masters.base.code}"


def _quoted(text: str) -> str:
    lines = [one_line(line).replace("\\", "\\\\").replace('"', '\\"') for line in text.splitlines()]
    return '"' + "\\n".join(lines) + '"'
