"""The books as a journal that hledger 1.25 and ledger 3.3 both take.

Accounts are declared with hledger's types, every amount has its currency before it, foreign amounts their
worth in the base currency behind them (``USD 100.00 @@ INR 8550.00``; balances in base are those with
``--cost``). Opening balances are one transaction on the day the books begin. A voucher's number is the code,
its id and what its type does are tags, which `reader` takes back. Vouchers that are not in the books are
comments.
"""

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from ledgerflow_core.masters.group import Nature
from ledgerflow_core.money.currency import currency
from ledgerflow_desktop.interchange.posted_records import Masters, gather, one_line
from ledgerflow_desktop.interchange.records import AccountRecord, EntryRecord, FileId, Record, VoucherRecord

_TYPES = {Nature.ASSET: "A", Nature.LIABILITY: "L", Nature.INCOME: "R", Nature.EXPENSE: "X"}
_LIQUID = ("bank-accounts", "cash-in-hand")

# In names: what separates accounts and what starts a comment. In comments: what both programs would read as
# a tag, a date or an expression.
_IN_NAMES = str.maketrans({":": "-", ";": ","})
_IN_DESCRIPTIONS = str.maketrans({";": ","})
_IN_COMMENTS = str.maketrans({":": "\uff1a", "[": "(", "]": ")"})


def write(records: Iterable[Record], out: BinaryIO) -> None:
    """Write the journal. Records come company and masters first, then vouchers in order of their dates."""
    masters, vouchers = gather(records)
    names = account_names(masters)
    for line in _head(masters, names):
        out.write(f"{line}\n".encode())
    for voucher in vouchers:
        out.write("".join(f"{line}\n" for line in _voucher(voucher, masters, names)).encode())


def account_names(masters: Masters) -> dict[FileId, str]:
    """Return every account's full name as both programs can read it back, no two alike even without case."""
    names: dict[FileId, str] = {}
    taken: set[str] = set()
    for account in masters.accounts.values():
        plain = ":".join(_part(part) for part in (*account.group, account.name))
        name, number = plain, 1
        while name.casefold() in taken:
            number += 1
            name = f"{plain} {number}"
        taken.add(name.casefold())
        names[account.id] = name
    return names


def _part(name: str) -> str:
    part = one_line(name).translate(_IN_NAMES)
    # A mark or bracket in front would be read as a status or as a posting that need not balance.
    return part if part[:1].isalnum() else f"_{part}"


def _head(masters: Masters, names: dict[FileId, str]) -> Iterator[str]:
    yield f"; {_comment(masters.company.name)}"
    for code in (masters.base.code, *sorted(masters.foreign_codes - {masters.base.code})):
        yield f"commodity {code}"
        yield f"    format {code} 1000.{'0' * currency(code).exponent}"
    yield ""
    for account in masters.accounts.values():
        yield f"account {names[account.id]}"
        yield f"    ; type: {_type(account, masters)}"
    openings = list(masters.openings())
    difference = sum(opening for _, opening in openings)
    # Books taken over half-way; the programs would refuse the transaction otherwise.
    difference_name = _unused("Equity:Difference in opening balances", names)
    if difference:
        yield f"account {difference_name}"
        yield "    ; type: E"
    yield ""
    if openings:
        yield f"{masters.first_day} * Opening balances"
        for account, opening in openings:
            yield f"    {names[account.id]}  {_opening(account, opening, masters)}"
        if difference:
            yield f"    {difference_name}  {_base(-difference, masters)}"
        yield ""


def _unused(name: str, names: dict[FileId, str]) -> str:
    taken = {each.casefold() for each in names.values()}
    while name.casefold() in taken:
        name += " (sum)"
    return name


def _type(account: AccountRecord, masters: Masters) -> str:
    if masters.is_equity(account):
        return "E"
    if masters.reserved_of(account) in _LIQUID:
        return "C"
    return _TYPES[masters.nature_of(account)]


def _base(minor: int, masters: Masters) -> str:
    return f"{masters.base.code} {masters.text(minor)}"


def _opening(account: AccountRecord, minor: int, masters: Masters) -> str:
    if account.currency and account.opening_foreign.strip("0.-+"):
        return f"{account.currency} {account.opening_foreign} @@ {_base(abs(minor), masters)}"
    return _base(minor, masters)


def _voucher(voucher: VoucherRecord, masters: Masters, names: dict[FileId, str]) -> Iterator[str]:
    first, *more = voucher.narration.splitlines() or [""]
    code = one_line(voucher.number).replace(")", "]")
    description = one_line(first).translate(_IN_DESCRIPTIONS)
    head = f"{voucher.date} * ({code}) {description}".rstrip()
    if not masters.is_in_books(voucher):
        yield f"; not in the books, {one_line(voucher.type)}, {voucher.state}: {head}"
        yield ""
        return
    yield head
    yield f"    ; id: {one_line(voucher.id)}, voucher-type: {masters.nature_of_type(voucher).value}"
    for line in more:
        yield f"    ; {_comment(line)}"
    for entry in voucher.entries:
        comment = f"  ; {_comment(entry.narration)}" if entry.narration else ""
        yield f"    {names[entry.ledger]}  {_amount(entry, masters)}{comment}"
    yield ""


def _amount(entry: EntryRecord, masters: Masters) -> str:
    if entry.foreign is not None and entry.foreign.amount.strip("0.-+"):
        worth = entry.amount.lstrip("-+")
        return f"{entry.foreign.currency} {entry.foreign.amount} @@ {masters.base.code} {worth}"
    return f"{masters.base.code} {entry.amount}"


def _comment(text: str) -> str:
    return one_line(text).translate(_IN_COMMENTS)
