"""Whatever offices do, in whatever order they sync: once all have synced, all books say what the server's log says."""

import copy
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from builders import CUSTOMER, DAY, RENT, SALES, SUPPLIER, a_payment, a_sale, a_voucher, account_id, an_account
from desktop.storage.replica_books import Office, a_first_office, a_further_office, reopened
from ledgerflow_core.errors import InvalidInput, refuse
from ledgerflow_core.events.event import MasterChanged, MasterCreated, VoucherPosted, decode_event
from ledgerflow_core.identifiers import VoucherId, to_text
from ledgerflow_core.masters.voucher_type import Numbering, VoucherNature, VoucherType, voucher_type_id
from ledgerflow_core.money.amount import MINOR_MAX
from ledgerflow_core.posting.books import Books
from ledgerflow_core.sync.log import Outcome
from ledgerflow_desktop.actions import companies, masters, periods, vouchers
from shared.sync.memory_server import MemoryServer, pull_once, push_once, sync

OFFICES = ("head", "north", "south")
# What changes rows is wanted more often than what parks everything else.
DEEDS = (
    "post", "post", "post", "number", "number", "numbering", "numbering", "alter", "alter", "cancel", "account",
    "rename", "retire", "merge", "lock", "unlock", "company", "sync", "sync", "push", "push", "pull", "pull",
)  # fmt: skip
JOURNAL = voucher_type_id(VoucherNature.JOURNAL)
PREFIXES = ("J", "JV", "")
# To the end, or cut off after the first that was stored: others' events then meet own ones nobody has heard of.
SYNCS = {"sync": sync, "push": push_once, "pull": pull_once}


@dataclass(frozen=True)
class Deed:
    """What one office does; `chance` chooses among what there is."""

    office: int
    kind: str
    chance: int


deeds = st.lists(
    st.builds(Deed, st.integers(0, 2), st.sampled_from(DEEDS), st.integers(0, 1_000)), min_size=4, max_size=40
)


@cache
def _offices_in_step() -> tuple[Path, MemoryServer]:
    """Three offices that have synced; copied for every example."""
    place = Path(tempfile.mkdtemp(prefix="ledgerflow-replicas-"))
    first = a_first_office(place, OFFICES[0])
    vouchers.post(first.book, [a_sale("s0"), a_payment("p0")])
    first.sync()
    others = [a_further_office(place, first, name) for name in OFFICES[1:]]
    for office in (*others, first):
        office.sync()
    for office in (first, *others):
        office.book.close()
    return place, first.server


@contextmanager
def three_offices() -> Iterator[list[Office]]:
    kept, server = _offices_in_step()
    with tempfile.TemporaryDirectory() as name:
        own = copy.deepcopy(server, {id(server.key): server.key})
        offices = []
        for office in OFFICES:
            shutil.copytree(kept / f"{office}.ledgerflow", Path(name) / f"{office}.ledgerflow")
            offices.append(reopened(Path(name) / f"{office}.ledgerflow", own, office, turn=1))
        try:
            yield offices
        finally:
            for one in offices:
                one.book.close()


def do(office: Office, deed: Deed, at: int) -> None:
    """Do it as a person would; what the book refuses is refused."""
    with suppress(InvalidInput):
        _do(office, deed, at)


def _do(office: Office, deed: Deed, at: int) -> None:
    book, chance = office.book, deed.chance
    day = DAY + timedelta(days=chance % 60)
    match deed.kind:
        case "post":
            # Two of the large ones fill a month of an account; a third has no room.
            amount = 100 + chance if chance % 5 else MINOR_MAX // 2 - chance
            made = (a_sale if chance % 2 else a_payment)(f"{deed.office}-{at}", amount, day=day)
            ours = [account.id for account in book.chart.accounts.values() if account.name.startswith("Account ")]
            if ours and chance % 3 == 0:
                first = replace(made.entries[0], account=ours[chance % len(ours)])
                made = replace(made, entries=(first, *made.entries[1:]))
            vouchers.post(book, [made], strict=False)
        case "number" | "numbering":
            (_type_a_number if deed.kind == "number" else _change_numbering)(office, deed, at)
        case "alter":
            before = vouchers.load(book, _some_voucher(office, chance))
            entries = tuple(replace(entry, amount=entry.amount * 2) for entry in before.voucher.entries)
            vouchers.alter(book, before, replace(before.voucher, entries=entries, narration=f"{deed.office}-{at}"))
        case "cancel":
            vouchers.cancel(book, vouchers.load(book, _some_voucher(office, chance)))
        case "account":
            # Now and then two offices make a master by one id, as two imports of one file do.
            name = f"Account {deed.office}-{at}" if chance % 3 else f"Account {chance % 4}"
            masters.create(book, [replace(an_account(name), name=f"{name} of {deed.office}")])
        case "rename":
            master = book.chart.accounts[(RENT, SALES, CUSTOMER)[chance % 3]]
            masters.change(book, replace(master, name=f"{master.name.split('~')[0]}~{deed.office}-{at}"))
        case "retire":
            masters.retire(book, account_id("Rent"))
        case "merge":
            made = [account.id for account in book.chart.accounts.values() if account.name.startswith("Account ")]
            masters.merge(book, made[chance % len(made)] if made else RENT, made[0] if made and chance % 2 else RENT)
        case "lock":
            periods.lock(book, day)
        case "unlock":
            periods.unlock(book, day if chance % 2 else None, "a bill came late")
        case "company":
            companies.change_company(book, replace(book.company, phone=f"{deed.office}-{at}"))
        case "sync" | "push" | "pull":
            SYNCS[deed.kind](office.store, office.server, events_most=1 + chance % 4)
        case _:
            raise AssertionError(deed.kind)


def _type_a_number(office: Office, deed: Deed, at: int) -> None:
    """Post a journal with a number another office may type as well, or the next of the own series."""
    chance = deed.chance
    typed = f"{PREFIXES[chance % 2]}/26-27/{chance % 3 + 1:05d}" if chance % 4 else ""
    day = DAY + timedelta(days=chance % 60)
    made = a_voucher(VoucherNature.JOURNAL, (RENT, 7), (SUPPLIER, -7), name=f"{deed.office}-{at}", day=day)
    vouchers.post(office.book, [replace(made, number=typed)], strict=False)


def _change_numbering(office: Office, deed: Deed, at: int) -> None:
    """Let journals be numbered another way, or with another prefix."""
    chance = deed.chance
    kind = office.book.chart.voucher_types[JOURNAL]
    if chance % 3:
        kind = replace(kind, numbering=list(Numbering)[chance // 3 % len(Numbering)])
    else:
        kind = replace(kind, prefix=PREFIXES[chance // 3 % len(PREFIXES)])
    masters.change(office.book, kind)


def _some_voucher(office: Office, chance: int) -> VoucherId:
    rows = office.book.connection.execute("SELECT id FROM voucher ORDER BY no").fetchall()
    if not rows:
        raise refuse("unknown-voucher")
    return VoucherId(to_text(rows[chance % len(rows)][0]))


def folded(server: MemoryServer) -> dict[str, tuple[int, int]]:
    """The books by the plainest statement of what the log means: every account's balance and count of entries."""
    books = Books()
    for piece in server.log:
        for _, _, raw, verdict in piece.entries():
            if verdict.outcome is Outcome.ACCEPTED:
                books.apply(decode_event(raw).body)
    balances = {account.id: (account.opening, 0) for account in books.chart.accounts.values()}
    for (account, _), (debit, credit, entries) in books.totals.items():
        balance, count = balances[account]  # type: ignore[index]
        balances[account] = balance + debit + credit, count + entries  # type: ignore[index]
    return balances  # type: ignore[return-value]


def numbered(server: MemoryServer) -> set[tuple[str, str]]:
    """The vouchers that have their number for themselves, with it, by their type as the log had it when they came."""
    kinds: dict[str, Numbering] = {}
    found = set()
    for piece in server.log:
        for _, _, raw, verdict in piece.entries():
            match verdict.outcome is Outcome.ACCEPTED and decode_event(raw).body:
                case MasterCreated(master=VoucherType() as kind) | MasterChanged(master=VoucherType() as kind):
                    kinds[kind.id] = kind.numbering
                case VoucherPosted(voucher=voucher) if voucher.number:
                    if kinds.get(voucher.type) is not Numbering.MANUAL_REPEATABLE:
                        found.add((voucher.id, voucher.number))
                case _:
                    pass
    return found


def own_numbers(office: Office) -> set[tuple[str, str]]:
    rows = office.book.connection.execute("SELECT id, number FROM voucher WHERE year IS NOT NULL")
    return {(to_text(raw), number) for raw, number in rows}


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(deeds)
def test_all_books_say_what_the_log_says(done: list[Deed]) -> None:
    with three_offices() as offices:
        for at, deed in enumerate(done):
            do(offices[deed.office], deed, at)
        for office in (*offices, *offices):
            office.sync()
        right = folded(offices[0].server)
        for office in offices:
            assert office.findings() == []
            assert office.figures() == right
            assert own_numbers(office) == numbered(office.server)
            assert office.store.standing().log == office.server.frontier
            assert office.store.pending().count == 0
            assert office.store.foreseen() == []
        waiting = [[conflict.gseq for conflict in office.store.conflicts()] for office in offices]
        assert waiting[0] == waiting[1] == waiting[2]


MISHAPS = (*DEEDS, "copied", "copied", "lost")
mishaps = st.lists(
    st.builds(Deed, st.integers(0, 2), st.sampled_from(MISHAPS), st.integers(0, 1_000)), min_size=4, max_size=30
)


def suffer(offices: list[Office], deed: Deed, at: int, lives: Iterator[str]) -> None:
    """Do a deed, or let a mishap happen: a file turns out to be a copy, or the server loses the end of its log."""
    server = offices[0].server
    if deed.kind == "copied":
        offices[deed.office].store.rehome()
    elif deed.kind == "lost":
        ends = [0, *(piece.last for piece in server.log)]
        server.lose(ends[deed.chance % len(ends)], next(lives))
    else:
        do(offices[deed.office], deed, at)


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(mishaps)
def test_copies_and_a_log_that_was_lost_come_together_again(done: list[Deed]) -> None:
    lives = (f"0198c0de-0000-7000-8000-0000000001{life:02d}" for life in range(100))
    with three_offices() as offices:
        for at, deed in enumerate(done):
            suffer(offices, deed, at, lives)
        for office in offices * 4:
            office.sync()
        right = folded(offices[0].server)
        for office in offices:
            assert office.findings() == []
            assert office.figures() == right
            assert own_numbers(office) == numbered(office.server)
            assert office.store.standing().log == office.server.frontier
            assert office.store.foreseen() == []
