"""Voucher records to vouchers: the hot path of an import, with a slow twin that explains what went wrong."""

import re
from collections.abc import Mapping
from datetime import date
from operator import attrgetter

from ledgerflow_core.calendar import parse_date
from ledgerflow_core.errors import InvalidInput, Problem
from ledgerflow_core.identifiers import AccountId, VoucherId, VoucherTypeId, named, to_bytes, to_text
from ledgerflow_core.ledger.entry import (
    BillAllocation,
    BillKind,
    CostAllocation,
    Entry,
    ForeignAmount,
    Instrument,
)
from ledgerflow_core.masters.chart import Chart
from ledgerflow_core.masters.company import Company
from ledgerflow_core.money.amount import parse_minor
from ledgerflow_core.money.currency import currency
from ledgerflow_core.vouchers.voucher import StockLine, Voucher, VoucherState
from ledgerflow_desktop.interchange.records import EntryRecord, FileId, StockRecord, VoucherRecord

_STATES = {state.value: state for state in VoucherState}
_TWO_DECIMALS = re.compile(r"-?[0-9]{1,13}\.[0-9]{2}(?: -?[0-9]{1,13}\.[0-9]{2})*", re.ASCII)
# Fields few vouchers have: one that has any goes the long way.
_seldom = attrgetter("stock", "kept", "effective", "reference_date", "reverses_on")
_NONE_OF_THEM: tuple[object, ...] = ([], {}, "", "", "")


class VoucherBuilder:
    """Turns records into vouchers of one company. `accounts` maps the file's ids to accounts of the book."""

    def __init__(self, company: Company, chart: Chart, accounts: Mapping[FileId, AccountId]) -> None:
        self._company = company
        self._chart = chart
        self._exponent = company.base_currency.exponent
        self._accounts = dict(accounts)
        self._types: dict[str, VoucherTypeId] = {}
        self._dates: dict[str, date] = {}

    def build(self, record: VoucherRecord) -> Voucher:
        """Return the voucher of a record; `InvalidInput` with every problem, placed in the record."""
        plain = self._plain(record)
        return plain if plain is not None else self._whole(record)

    def _plain(self, record: VoucherRecord) -> Voucher | None:
        """Build a voucher of the common form without detours; None for anything else or anything wrong."""
        if self._exponent != 2 or _seldom(record) != _NONE_OF_THEM:
            return None
        # One look at all amounts of the voucher: each ``-1234.50``, so that the digits may be read as they are.
        if not _TWO_DECIMALS.fullmatch(" ".join([entry.amount for entry in record.entries])):
            return None
        accounts = self._accounts
        try:
            raw_id = bytes.fromhex(record.id.replace("-", ""))
            entries = [
                Entry(
                    account=accounts[entry.ledger],
                    amount=int(entry.amount[:-3] + entry.amount[-2:]),
                    narration=entry.narration,
                )
                for entry in record.entries
                if not (entry.bills or entry.costs or entry.foreign or entry.instrument)
            ]
            day, kind = self._dates[record.date], self._types[record.type]
            party = accounts[record.party] if record.party is not None else None
        except (KeyError, ValueError):
            return None
        if len(entries) != len(record.entries) or len(raw_id) != 16 or to_text(raw_id) != record.id:
            return None
        return Voucher(
            id=VoucherId(record.id),
            type=kind,
            date=day,
            number=record.number,
            reference=record.reference,
            party=party,
            narration=record.narration,
            entries=tuple(entries),
            state=_STATES[record.state],
        )

    def _whole(self, record: VoucherRecord) -> Voucher:
        problems: list[Problem] = []

        def day(text: str, place: str) -> date | None:
            if not text:
                return None
            try:
                return self._dates.setdefault(text, parse_date(text))
            except InvalidInput as error:
                problems.extend(problem.at(place) for problem in error.problems)
                return None

        when = day(record.date, "date")
        if not record.date:
            problems.append(Problem("bad-date", "date", {"given": ""}))
        kind = self._type(record.type, problems)
        party = self._account(record.party, "party", problems) if record.party is not None else None
        entries = tuple(self._entry(entry, f"entries[{at}]", problems) for at, entry in enumerate(record.entries))
        stock = tuple(self._stock(line, f"stock[{at}]", problems) for at, line in enumerate(record.stock))
        effective = day(record.effective, "effective")
        reference_date = day(record.reference_date, "reference_date")
        reverses_on = day(record.reverses_on, "reverses_on")
        if problems or when is None or kind is None:
            raise InvalidInput(problems)
        return Voucher(
            id=self.voucher_id(record.id),
            type=kind,
            date=when,
            number=record.number,
            reference=record.reference,
            party=party,
            narration=record.narration,
            entries=entries,
            state=_STATES[record.state],
            stock=stock,
            kept=tuple(record.kept.items()),
            effective=effective,
            reference_date=reference_date,
            reverses_on=reverses_on,
        )

    def voucher_id(self, given: str) -> VoucherId:
        """Return the id of a voucher of the file: its UUID, or one that always follows from other text."""
        if _is_uuid(given.lower()):
            return VoucherId(given.lower())
        return VoucherId(named(f"import/{self._company.id}/voucher", given))

    def _type(self, name: str, problems: list[Problem]) -> VoucherTypeId | None:
        known = self._types.get(name)
        if known is None:
            master = self._chart.voucher_type_named(name) or self._chart.voucher_type_named(name.replace("-", " "))
            if master is None:
                problems.append(Problem("unknown-voucher-type", "type", {"given": name[:60]}))
                return None
            known = self._types[name] = master.id
        return known

    def _account(self, given: FileId, place: str, problems: list[Problem]) -> AccountId:
        """Find an account by the file's id, or, where it defines none, by name or id in the book."""
        known = self._accounts.get(given)
        if known is None:
            text = str(given)
            found = self._chart.account_named(text) or self._chart.accounts.get(text)
            if found is None:
                problems.append(Problem("unknown-account", place, {"given": text[:60]}))
                return AccountId("")  # type: ignore[arg-type]  # the voucher is refused
            known = self._accounts[given] = found.id
        return known

    def _minor(self, text: str, place: str, problems: list[Problem], exponent: int | None = None) -> int:
        try:
            return parse_minor(text, self._exponent if exponent is None else exponent)
        except InvalidInput as error:
            problems += [problem.at(place) for problem in error.problems]
            return 0

    def _entry(self, record: EntryRecord, place: str, problems: list[Problem]) -> Entry:
        def day(text: str, at: str) -> date | None:
            try:
                return parse_date(text) if text else None
            except InvalidInput as error:
                problems.extend(problem.at(at) for problem in error.problems)
                return None

        bills = tuple(
            BillAllocation(
                kind=BillKind(bill.kind),
                name=bill.name,
                amount=self._minor(bill.amount, f"{place}.bills[{at}].amount", problems),
                due=day(bill.due, f"{place}.bills[{at}].due"),
            )
            for at, bill in enumerate(record.bills or ())
        )
        costs = []
        for at, cost in enumerate(record.costs or ()):
            centre = self._chart.cost_centre_named(cost.centre)
            if centre is None:
                problems.append(Problem("unknown-cost-centre", f"{place}.costs[{at}]", {"given": cost.centre[:60]}))
            else:
                amount = self._minor(cost.amount, f"{place}.costs[{at}].amount", problems)
                costs.append(CostAllocation(centre=centre.id, amount=amount))
        instrument = record.instrument
        return Entry(
            account=self._account(record.ledger, f"{place}.ledger", problems),
            amount=self._minor(record.amount, f"{place}.amount", problems),
            foreign=self._foreign(record, place, problems),
            bills=bills,
            costs=tuple(costs),
            instrument=Instrument(
                kind=instrument.kind,
                number=instrument.number,
                date=day(instrument.date, f"{place}.instrument.date"),
                cleared=day(instrument.cleared, f"{place}.instrument.cleared"),
            )
            if instrument
            else None,
            narration=record.narration,
        )

    def _foreign(self, record: EntryRecord, place: str, problems: list[Problem]) -> ForeignAmount | None:
        foreign = record.foreign
        if foreign is None:
            return None
        try:
            exponent = currency(foreign.currency).exponent
        except InvalidInput as error:
            problems += [problem.at(f"{place}.foreign.currency") for problem in error.problems]
            return None
        amount = self._minor(foreign.amount, f"{place}.foreign.amount", problems, exponent)
        return ForeignAmount(currency=foreign.currency, amount=amount, rate=foreign.rate)

    def _stock(self, record: StockRecord, place: str, problems: list[Problem]) -> StockLine:
        return StockLine(
            item=record.item,
            quantity=record.quantity,
            unit=record.unit,
            rate=record.rate,
            amount=self._minor(record.amount, f"{place}.amount", problems),
            account=self._account(record.ledger, f"{place}.ledger", problems) if record.ledger is not None else None,
            godown=record.godown,
            batch=record.batch,
            kept=tuple(record.kept.items()),
        )


def _is_uuid(text: str) -> bool:
    try:
        to_bytes(text)
    except InvalidInput:
        return False
    return True
