"""An open book as neutral records: masters, then vouchers in the order of the day book."""

from collections.abc import Iterator, Mapping
from datetime import date

from ledgerflow_core.identifiers import AccountId, GroupId
from ledgerflow_core.ledger.entry import CostAllocation, Entry
from ledgerflow_core.masters.account import Account, Party
from ledgerflow_core.masters.chart import Chart
from ledgerflow_core.masters.cost_centre import PRIMARY_COST_CATEGORY, CostCentre, predefined_cost_categories
from ledgerflow_core.masters.group import PREDEFINED_GROUP_BY_RESERVED
from ledgerflow_core.masters.voucher_type import predefined_voucher_types
from ledgerflow_core.money.amount import decimal_text
from ledgerflow_core.money.currency import currency
from ledgerflow_core.vouchers.voucher import StockLine, Voucher
from ledgerflow_desktop.interchange.group_mapping import reads_as_predefined
from ledgerflow_desktop.interchange.records import (
    AccountRecord,
    BillRecord,
    CompanyRecord,
    CostCategoryRecord,
    CostCentreRecord,
    CostRecord,
    CurrencyRecord,
    EntryRecord,
    ForeignRecord,
    GroupRecord,
    InstrumentRecord,
    OpeningBillRecord,
    PartyRecord,
    Record,
    StockRecord,
    VoucherRecord,
    VoucherTypeRecord,
)
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.figures import BookFigures

_END_OF_TIME = date(9998, 12, 31)


def records_of(book: Book) -> Iterator[Record]:
    """Yield the whole book; reading them into an empty company gives equal books."""
    company = book.company
    yield CompanyRecord(
        name=company.name,
        currency=company.currency,
        books_begin=company.books_begin.isoformat(),
        country=company.country,
        state=company.state,
    )
    writer = _Writer(book.chart, company.exponent)
    # As of today, as the proof page of an import counts: a post-dated voucher is in no balance before its day.
    yield from writer.masters(BookFigures(book, book.machine.today()).balances(_END_OF_TIME))
    for voucher in book.vouchers_in_order():
        yield writer.voucher(voucher)


class _Writer:
    def __init__(self, chart: Chart, exponent: int) -> None:
        self._chart = chart
        self._exponent = exponent
        self._paths: dict[GroupId, list[str]] = {}

    def masters(self, closing: Mapping[AccountId, int]) -> Iterator[Record]:
        chart = self._chart
        for money in chart.currencies.values():
            rates = [(day.isoformat(), rate) for day, rate in money.rates]
            yield CurrencyRecord(code=money.code, rates=rates, retired=money.retired)
        yield from self._groups()
        yield from self._cost_masters()
        as_born = {made.id: made for made in predefined_voucher_types()}
        for kind in chart.voucher_types.values():
            if as_born.get(kind.id) != kind:
                yield VoucherTypeRecord(
                    name=kind.name,
                    parent=next(made.name for made in as_born.values() if made.nature is kind.nature),
                    abbreviation=kind.abbreviation,
                    numbering=kind.numbering.value,
                    prefix=kind.prefix,
                    width=kind.width,
                    reserved=kind.reserved or "",
                    retired=kind.retired,
                )
        for account in chart.accounts.values():
            if account.merged_into is None:
                yield self._account(account, closing.get(account.id, 0))

    def _groups(self) -> Iterator[Record]:
        for group in self._chart.groups.values():
            path, retired = self._path(group.id), group.retired
            if group.reserved is None:
                yield GroupRecord(path=path, own=reads_as_predefined(group.name), retired=retired)
            elif retired or group.name != PREDEFINED_GROUP_BY_RESERVED[group.reserved].name:
                yield GroupRecord(path=path, maps_to=group.reserved, renamed=group.name, retired=retired)

    def _cost_masters(self) -> Iterator[Record]:
        categories, centres = self._chart.cost_categories, self._chart.cost_centres
        as_born = {made.id: made for made in predefined_cost_categories()}
        for category in categories.values():
            if as_born.get(category.id) != category:
                yield CostCategoryRecord(name=category.name, reserved=category.reserved or "", retired=category.retired)

        def depth(centre: CostCentre) -> int:
            return 1 + depth(centres[centre.parent]) if centre.parent else 0

        for centre in sorted(centres.values(), key=depth):  # parents first, which a centre may be older than
            if centre.merged_into is not None:
                continue
            own = centre.category != PRIMARY_COST_CATEGORY
            yield CostCentreRecord(
                name=centre.name,
                category=categories[centre.category].name if own else "",
                parent=centres[self._chart.counted_on(centre.parent)].name if centre.parent else "",
                retired=centre.retired,
            )

    def voucher(self, voucher: Voucher) -> VoucherRecord:
        return VoucherRecord(
            id=voucher.id,
            type=self._chart.voucher_types[voucher.type].name,
            date=voucher.date.isoformat(),
            entries=[self._entry(entry) for entry in voucher.entries],
            number=voucher.number,
            party=self._chart.counted_on(voucher.party) if voucher.party else None,
            narration=voucher.narration,
            effective=voucher.effective.isoformat() if voucher.effective else "",
            reference=voucher.reference,
            reference_date=voucher.reference_date.isoformat() if voucher.reference_date else "",
            state=voucher.state.value,
            reverses_on=voucher.reverses_on.isoformat() if voucher.reverses_on else "",
            stock=[self._stock(line) for line in voucher.stock],
            kept=dict(voucher.kept),
        )

    def _money(self, minor: int) -> str:
        return decimal_text(minor, self._exponent)

    def _path(self, group: GroupId) -> list[str]:
        """The path by the names the predefined groups were born with: a renamed one is still itself."""
        known = self._paths.get(group)
        if known is None:
            known = self._paths[group] = [
                PREDEFINED_GROUP_BY_RESERVED[found.reserved].name if found.reserved else found.name
                for found in self._chart.ancestry(group)
            ][::-1]
        return known

    def _account(self, account: Account, closing: int) -> AccountRecord:
        foreign = account.currency
        return AccountRecord(
            id=account.id,
            uid=account.id,
            name=account.name,
            group=self._path(account.group),
            opening=self._money(account.opening),
            closing=self._money(closing),
            currency=foreign or "",
            opening_foreign=decimal_text(account.opening_foreign, currency(foreign).exponent) if foreign else "",
            aliases=list(account.aliases),
            code=account.code,
            bill_by_bill=account.bill_by_bill,
            cost_centres=account.cost_centres,
            opening_bills=[
                OpeningBillRecord(
                    name=bill.name,
                    date=bill.date.isoformat(),
                    amount=self._money(bill.amount),
                    due=bill.due.isoformat() if bill.due else "",
                )
                for bill in account.opening_bills
            ],
            party=self._party(account.party) if account.party else None,
            bank_account=account.bank_account,
            notes=account.notes,
            reserved=account.reserved or "",
            retired=account.retired,
        )

    def _party(self, party: Party) -> PartyRecord:
        return PartyRecord(
            mailing_name=party.mailing_name,
            address=list(party.address),
            state=party.state,
            country=party.country,
            postcode=party.postcode,
            contact=party.contact,
            phone=party.phone,
            email=party.email,
            tax_ids={identity.scheme: identity.number for identity in party.tax_identities},
            credit_days=party.credit_days,
            credit_limit=self._money(party.credit_limit) if party.credit_limit is not None else "",
        )

    def _entry(self, entry: Entry) -> EntryRecord:
        foreign, instrument = entry.foreign, entry.instrument
        return EntryRecord(
            ledger=self._chart.counted_on(entry.account),
            amount=self._money(entry.amount),
            foreign=ForeignRecord(
                currency=foreign.currency,
                amount=decimal_text(foreign.amount, currency(foreign.currency).exponent),
                rate=foreign.rate,
            )
            if foreign
            else None,
            bills=[
                BillRecord(
                    kind=bill.kind.value,
                    amount=self._money(bill.amount),
                    name=bill.name,
                    due=bill.due.isoformat() if bill.due else "",
                )
                for bill in entry.bills
            ]
            or None,
            costs=[self._cost(cost) for cost in entry.costs] or None,
            instrument=InstrumentRecord(
                kind=instrument.kind,
                number=instrument.number,
                date=instrument.date.isoformat() if instrument.date else "",
                cleared=instrument.cleared.isoformat() if instrument.cleared else "",
            )
            if instrument
            else None,
            narration=entry.narration,
        )

    def _cost(self, cost: CostAllocation) -> CostRecord:
        centre = self._chart.cost_centres[self._chart.counted_on(cost.centre)]
        return CostRecord(centre=centre.name, amount=self._money(cost.amount))

    def _stock(self, line: StockLine) -> StockRecord:
        return StockRecord(
            item=line.item,
            quantity=line.quantity,
            unit=line.unit,
            rate=line.rate,
            amount=self._money(line.amount),
            ledger=self._chart.counted_on(line.account) if line.account else line.account,
            godown=line.godown,
            batch=line.batch,
            kept=dict(line.kept),
        )
