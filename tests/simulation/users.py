"""What people do at an office: post, alter, cancel, keep masters, lock periods, decide about what was parked."""

from datetime import date, timedelta
from random import Random
from typing import Protocol

from msgspec.structs import replace

from builders import a_company
from ledgerflow_core.events.chain import event_hash
from ledgerflow_core.events.event import (
    Body,
    CompanyChanged,
    ConflictResolved,
    MasterChanged,
    MasterCreated,
    MasterMerged,
    MasterRetired,
    PeriodLocked,
    PeriodUnlocked,
    VoucherAltered,
    VoucherCancelled,
    VoucherPosted,
    decode_event,
)
from ledgerflow_core.identifiers import AccountId, EventId, MasterId, VoucherId
from ledgerflow_core.ledger.entry import Entry
from ledgerflow_core.masters.account import CASH, PROFIT_AND_LOSS, Account
from ledgerflow_core.masters.group import group_id
from ledgerflow_core.masters.voucher_type import Numbering, VoucherNature, voucher_type_id
from ledgerflow_core.money.amount import MINOR_MAX
from ledgerflow_core.sync.deciding import Decider
from ledgerflow_core.sync.facts import Facts
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState
from simulation.sim_replica import SimReplica
from simulation.sim_server import copied

COMPANY = a_company()
JOURNAL = voucher_type_id(VoucherNature.JOURNAL)
_FIRST_DAY = COMPANY.books_begin
_PREFIXES = ("J", "JV", "")


class Saved(Protocol):
    """Told of each event that a user saw saved, and the number it took, if one."""

    def __call__(self, event: EventId, raw: bytes, number: str, /) -> None: ...


class User:
    """Someone who works at an office, by chance but never against what the books shown there permit."""

    def __init__(self, chance: Random, replica: SimReplica, saved: Saved) -> None:
        self.chance, self.replica, self.saved = chance, replica, saved

    def act(self, *, leads: bool, desk: int, cancels: int) -> str:
        """Do one thing; return what. Who leads also keeps masters, lock and conflict desk, `desk` times as much."""
        books = self.replica.books()
        if books.company is None:
            return "waits for the company"
        weights = {self.post: 50, self.alter: 18, self.cancel: cancels, self.create_master: 4}
        if leads:
            leading = {
                self.change_master: 3, self.retire_master: 2, self.merge: 2, self.change_company: 1, self.lock: 2,
                self.unlock: 1, self.resolve: 4, self.change_numbering: 2,
            }  # fmt: skip
            weights |= {act: weight * desk for act, weight in leading.items()}
        act = self.chance.choices(list(weights), list(weights.values()))[0]
        return act(books)

    def bring_company(self, body: Body) -> None:
        """Write the event a company begins with."""
        self._write(body)

    # --- vouchers -------------------------------------------------------------------------------

    def post(self, books: Facts) -> str:
        """Post a journal, numbered as its type asks: of the own series, typed by hand, or without a number."""
        chance = self.chance
        voucher = self._voucher(books, VoucherId(self.replica.new_id()))
        numbering = books.chart.voucher_types[JOURNAL].numbering
        if numbering is not Numbering.AUTOMATIC or chance.random() < 0.06:
            has_number = numbering is not Numbering.MANUAL_REPEATABLE or chance.random() < 0.8
            voucher = replace(voucher, number=f"HAND/{chance.randint(1, 9)}" if has_number else "")
            return self._checked(books, VoucherPosted(voucher=voucher))
        voucher = replace(voucher, number=self.replica.next_number(voucher))
        return self._checked(books, VoucherPosted(voucher=voucher), voucher.number)

    def post_many(self, count: int) -> None:
        """Import vouchers."""
        books = self.replica.books()
        for _ in range(count):
            voucher = self._voucher(books, VoucherId(self.replica.new_id()))
            self._write(VoucherPosted(voucher=replace(voucher, number=f"IMP/{voucher.id[:8]}")))

    def alter(self, books: Facts) -> str:
        """Alter some live voucher, an old one as likely as a new one."""
        voucher = self._some_voucher(books)
        if voucher is None:
            return self.post(books)
        new = self._voucher(books, voucher.id)
        after = replace(new, number=voucher.number, date=voucher.date)
        return self._checked(books, VoucherAltered(base=books.vouchers[voucher.id].version, voucher=after))

    def cancel(self, books: Facts) -> str:
        """Cancel some live voucher."""
        voucher = self._some_voucher(books)
        if voucher is None:
            return self.post(books)
        return self._checked(books, VoucherCancelled(base=books.vouchers[voucher.id].version, voucher=voucher.id))

    def buggy(self) -> str:
        """Write what no sound client would: a voucher that does not balance."""
        voucher = self._voucher(self.replica.books(), VoucherId(self.replica.new_id()))
        first = voucher.entries[0]
        crooked = replace(voucher, entries=(replace(first, amount=first.amount + 1), *voucher.entries[1:]))
        self._write(VoucherPosted(voucher=crooked))
        return "VoucherPosted unbalanced"

    def newer(self) -> str:
        """Write an event of a later version of the program."""
        replica = self.replica
        event = EventId(replica.new_id())
        before = replica.disk
        raw = replica.drafted(VoucherPosted(voucher=self._voucher(replica.books(), VoucherId(replica.new_id()))), event)
        assert replica.disk is before, "a draft is not on the disk"
        later = raw.replace(b'{"v":1,', b'{"v":2,', 1)[:-1] + b',"mood":"bright"}'
        replica.write_raw(later, event)
        self.saved(event, later, "")
        return f"event of a later version {event_hash(later).hex()[:8]}"

    def _voucher(self, books: Facts, voucher: VoucherId) -> Voucher:
        chance = self.chance
        accounts = [
            account
            for account in books.chart.accounts.values()
            if not account.retired and account.id not in books.chart.merged
        ]
        party = chance.choice([account.id for account in accounts if account.id != CASH] or [PROFIT_AND_LOSS])
        amount = chance.randint(1, 10 ** chance.randint(2, 7))
        if amount % 16 == 0:
            # Two of these nearly fill a month of an account, a third has no room.
            amount = MINOR_MAX // 2 - amount
        entries = (Entry(account=AccountId(MasterId(CASH)), amount=amount), Entry(account=party, amount=-amount))
        # Now and then in the next financial year, where a series begins again.
        day = _FIRST_DAY + timedelta(days=chance.randint(0, 250) + (365 if chance.random() < 0.1 else 0))
        return Voucher(id=voucher, type=JOURNAL, date=day, entries=entries)

    def _some_voucher(self, books: Facts) -> Voucher | None:
        locked = books.locked_until or date.min
        live = [now.voucher for now in books.vouchers.values()
                if now.voucher.state is not VoucherState.CANCELLED and now.voucher.date > locked]  # fmt: skip
        if not live:
            return None
        # People work on the same few vouchers: that is where they meet.
        return self.chance.choice(live[:4] if self.chance.random() < 0.6 else live)

    # --- masters, company, periods ----------------------------------------------------------------

    def create_master(self, books: Facts) -> str:
        """Open an account; two offices may give two accounts one name."""
        name = f"Party {self.chance.randint(1, 6)}"
        account = Account(id=AccountId(MasterId(self.replica.new_id())), name=name, group=group_id("sundry-debtors"))
        return self._checked(books, MasterCreated(master=account))

    def change_master(self, books: Facts) -> str:
        """Rename an account."""
        account = self._some_account(books)
        if account is None:
            return self.create_master(books)
        renamed = replace(account, name=f"Party {self.chance.randint(1, 99)}")
        return self._checked(books, MasterChanged(master=renamed, base=books.master_version(account.id) or ""))

    def retire_master(self, books: Facts) -> str:
        """Offer an account no more."""
        account = self._some_account(books)
        if account is None:
            return self.create_master(books)
        return self._checked(books, MasterRetired(master=account.id, base=books.master_version(account.id) or ""))

    def merge(self, books: Facts) -> str:
        """Make two accounts one."""
        one, other = self._some_account(books), self._some_account(books)
        if one is None or other is None or books.chart.problems_of_merge(one.id, other.id):
            return self.create_master(books)
        body = MasterMerged(
            merged=one.id, into=other.id, base=books.master_version(one.id) or "",
            into_base=books.master_version(other.id) or "",
        )  # fmt: skip
        return self._checked(books, body)

    def _some_account(self, books: Facts) -> Account | None:
        own = [books.chart.accounts[master] for master in books.master_versions if master in books.chart.accounts]
        return self.chance.choice(own) if own else None

    def change_numbering(self, books: Facts) -> str:
        """Number journals another way, or put another prefix before their numbers; others do not know yet."""
        kind, chance = books.chart.voucher_types[JOURNAL], self.chance
        if chance.random() < 0.6:
            other = chance.choice([numbering for numbering in Numbering if numbering is not kind.numbering])
            changed = replace(kind, numbering=other)
        else:
            changed = replace(kind, prefix=chance.choice([prefix for prefix in _PREFIXES if prefix != kind.prefix]))
        body = MasterChanged(master=changed, base=books.master_version(JOURNAL) or "")
        said = self._checked(books, body)
        return f"{said} numbered {changed.numbering} {changed.prefix}"

    def change_company(self, books: Facts) -> str:
        """Move the company."""
        assert books.company is not None, "asked before"
        moved = replace(books.company, name=f"Lotus Traders {self.chance.randint(1, 99)}")
        return self._checked(books, CompanyChanged(company=moved, base=books.company_version))

    def lock(self, books: Facts) -> str:
        """Lock the books some way further."""
        begin = books.locked_until or _FIRST_DAY
        until = min(begin + timedelta(days=self.chance.randint(1, 90)), _FIRST_DAY + timedelta(days=200))
        return self._checked(books, PeriodLocked(until=until, base=books.lock_version))

    def unlock(self, books: Facts) -> str:
        """Take the lock back, for a reason."""
        if books.locked_until is None:
            return self.lock(books)
        until = books.locked_until - timedelta(days=self.chance.randint(1, 60))
        return self._checked(books, PeriodUnlocked(until=until, reason="late invoice", base=books.lock_version))

    def resolve(self, books: Facts) -> str:
        """Decide about something parked."""
        waiting = [event for event, waits in books.open_conflicts.items() if waits]
        if not waiting:
            return self.post(books)
        return self._checked(books, ConflictResolved(event=self.chance.choice(waiting), decision="kept"))

    # --- saving ---------------------------------------------------------------------------------

    def _checked(self, books: Facts, body: Body, number: str = "") -> str:
        """Save what the books shown here permit; a program does not offer the rest."""
        draft = self.replica.drafted(body, EventId(self.replica.new_id()))
        decided = Decider(copied(books)).decide(decode_event(draft), "0" * 64, 0)
        if decided.verdict.reason:
            return f"may not {type(body).__name__}: {decided.verdict.reason}"
        self._write(body, number)
        return f"{type(body).__name__} {number}"

    def _write(self, body: Body, number: str = "") -> None:
        event = self.replica.write(body, number=number)
        self.saved(event, self.replica.disk.own[-1], number)
