"""GnuCash's one tree of accounts as groups and ledger accounts.

An account with others below it becomes a group, and if it holds splits itself, also an account of the same
name inside that group. A placeholder is a group. What a group behaves as, in this order: the predefined
group whose name it has; the one behaviour that all accounts below it share (a group of nothing but bank
accounts); its type, seen within the group above (`behaviour`). An account that behaves otherwise than its
group (a bank account among Current Assets) goes straight into the predefined group it belongs to.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ledgerflow_core.errors import refuse
from ledgerflow_core.masters.chart import folded
from ledgerflow_core.masters.group import PREDEFINED_GROUP_BY_RESERVED
from ledgerflow_core.money.amount import decimal_text, divide_half_even
from ledgerflow_core.money.currency import Currency
from ledgerflow_desktop.interchange.distinct_names import Named, distinct_names
from ledgerflow_desktop.interchange.gnucash.behaviour import (
    RESERVED_BY_TYPE,
    ROOT_NATURES,
    hint_of,
    is_general,
    nature_of,
    reserved_by_name,
    reserved_within,
)
from ledgerflow_desktop.interchange.gnucash.book import Book, BookAccount, uuid_of
from ledgerflow_desktop.interchange.records import AccountRecord, GroupRecord

# Far beyond any real tree; what the books take is checked where groups are made.
_DEPTH_MAX = 100


@dataclass(frozen=True, slots=True)
class _Node:
    account: BookAccount
    path: list[str]  # of the groups above
    parent_reserved: str | None  # how the group above behaves; None below the root


def masters(book: Book, base: Currency) -> Iterator[GroupRecord | AccountRecord]:
    """Yield groups before what stands in them, in the order of the tree.

    Refuses an account of a type GnuCash does not have (`unknown-account-type`) and one whose ancestors
    do not lead to the root (`account-outside-tree`).
    """
    children = _children(book)
    alike = _behaviour_shared_below(book, children)
    names = _distinct_names(book, children)
    said: set[tuple[str, ...]] = set()
    reached = 0
    pending = [_Node(account, [], None) for account in reversed(children.get(None, []))]
    while pending:
        node = pending.pop()
        account = node.account
        reached += 1
        if len(node.path) > _DEPTH_MAX:
            raise refuse("groups-too-deep", account.name[:60], most=_DEPTH_MAX)
        path, reserved = node.path, node.parent_reserved
        if _is_group(account, book, children):
            group, reserved = _group(node, alike.get(account.guid))
            path = group.path
            if tuple(path) not in said:
                said.add(tuple(path))
                yield group
            pending += [_Node(child, path, reserved) for child in reversed(children.get(account.guid, []))]
        if _is_ledger(account, book, children):
            own = reserved_within(account.type, reserved)
            if own != reserved:
                path = [*path, PREDEFINED_GROUP_BY_RESERVED[own].name]
                if tuple(path) not in said:
                    said.add(tuple(path))
                    yield GroupRecord(path=path, maps_to=own)
            yield _account(account, names[account.guid], path, book, base)
    if reached != len(book.accounts):
        raise refuse("account-outside-tree", count=len(book.accounts) - reached)


def _children(book: Book) -> dict[str | None, list[BookAccount]]:
    children: dict[str | None, list[BookAccount]] = {}
    for account in book.accounts.values():
        if account.type not in RESERVED_BY_TYPE:
            raise refuse("unknown-account-type", account.name[:60], given=account.type[:40])
        children.setdefault(account.parent, []).append(account)
    return children


def _is_group(account: BookAccount, book: Book, children: dict[str | None, list[BookAccount]]) -> bool:
    return account.guid in children or (account.is_placeholder and account.guid not in book.totals)


def _is_ledger(account: BookAccount, book: Book, children: dict[str | None, list[BookAccount]]) -> bool:
    return account.guid in book.totals or not _is_group(account, book, children)


def _behaviour_shared_below(book: Book, children: dict[str | None, list[BookAccount]]) -> dict[str, str]:
    """Return by group the behaviour that every ledger account below it has, where its type says more than a side."""
    found: dict[str, set[str]] = {}
    for account in book.accounts.values():
        if not _is_ledger(account, book, children):
            continue
        own = "" if is_general(account.type) else RESERVED_BY_TYPE[account.type]
        at: str | None = account.guid if account.guid in children else account.parent
        while at is not None and own not in found.setdefault(at, set()):
            found[at].add(own)
            above = book.accounts.get(at)
            at = above.parent if above is not None else None
    return {guid: next(iter(below)) for guid, below in found.items() if len(below) == 1 and "" not in below}


def _group(node: _Node, alike: str | None) -> tuple[GroupRecord, str]:
    """Return a group and how it behaves."""
    account, path = node.account, [*node.path, node.account.name]
    named = reserved_by_name(account.name, account.type)
    if named is not None:
        # With hyphens it is another name to `maps_to`, and would be made below the group it stands for; whoever
        # makes the groups knows it without being told.
        is_same = folded(account.name) == folded(PREDEFINED_GROUP_BY_RESERVED[named].name)
        return GroupRecord(path=path, maps_to=named if is_same else ""), named
    own = (
        alike if alike is not None and is_general(account.type) else reserved_within(account.type, node.parent_reserved)
    )
    if not node.path and ROOT_NATURES.get(folded(account.name)) is nature_of(RESERVED_BY_TYPE[account.type]):
        return GroupRecord(path=path), RESERVED_BY_TYPE[account.type]
    return GroupRecord(path=path, maps_to="" if own == node.parent_reserved else own), own


def _account(account: BookAccount, name: str, path: list[str], book: Book, base: Currency) -> AccountRecord:
    commodity = account.commodity
    closing = currency = ""
    if commodity is not None and commodity.is_currency:
        if commodity.code == base.code:
            total = book.totals.get(account.guid, 0)
            minor = divide_half_even(total.numerator * 10**base.exponent, total.denominator)
            closing = decimal_text(minor, base.exponent)
        else:
            currency = commodity.code
    notes = [text for text in (account.description, account.notes) if text and text != account.name]
    uid = uuid_of(account.guid)
    return AccountRecord(
        id=uid,
        uid=uid,
        name=name,
        group=path,
        kind=hint_of(account.type),
        closing=closing,
        currency=currency,
        code=account.code,
        notes="\n".join(notes),
        retired=account.is_hidden,
    )


def _distinct_names(book: Book, children: dict[str | None, list[BookAccount]]) -> dict[str, str]:
    ledgers = [account for account in book.accounts.values() if _is_ledger(account, book, children)]
    above = {account.guid: book.accounts.get(account.parent or "") for account in ledgers}
    return distinct_names(
        (account.guid, Named(account.name, group.name if (group := above[account.guid]) is not None else ""))
        for account in ledgers
    )
