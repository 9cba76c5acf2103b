"""Two years of a homeware shop, day by day: what is sold, bought, collected and paid, with its bills and branches."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from ledgerflow_core.exchange_rate import realised_gain, to_base
from ledgerflow_core.identifiers import AccountId, VoucherId
from ledgerflow_core.ledger.entry import BillAllocation, BillKind, CostAllocation, Entry, ForeignAmount, Instrument
from ledgerflow_core.masters.rates import ForeignCurrency
from ledgerflow_core.masters.voucher_type import VoucherNature, voucher_type_id
from ledgerflow_core.money.amount import divide_half_even, split_in_proportion
from ledgerflow_core.money.currency import currency
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState
from ledgerflow_desktop.sample.chart import RUPEE, SampleChart
from ledgerflow_desktop.sample.people import NARRATIONS

_N = VoucherNature
_INR, _USD = currency("INR"), currency("USD")


@dataclass
class _Bill:
    account: AccountId
    name: str
    due: date
    open: int  # debit positive
    foreign: int = 0


@dataclass
class Trade:
    """Makes the vouchers. `chance` decides everything, so one seed always gives the same shop."""

    chart: SampleChart
    chance: random.Random
    new_id: Callable[[], str]
    _bills: list[_Bill] = field(default_factory=list)
    _exports: list[_Bill] = field(default_factory=list)
    _serial: int = 0
    _cheque: int = 310_420

    def vouchers(self, begin: date, today: date, count: int) -> Iterator[Voucher]:
        """Yield about `count` vouchers in order of their dates, the last few post-dated beyond `today`."""
        days = (today - begin).days + 1
        made = 0
        for at in range(days):
            day = begin + timedelta(at)
            yield from (month := list(self._month_end(day)) if (day + timedelta(1)).day == 1 else [])
            made += len(month)
            while made < count * (at + 1) // days:
                made += 1
                yield self._daily(day)
        yield from self._waiting(today)

    def _daily(self, day: date) -> Voucher:
        pick = self.chance.random()
        if pick < 0.42:
            return self._sale(day)
        if pick < 0.56:
            return self._purchase(day)
        if pick < 0.76:
            return self._receipt(day)
        if pick < 0.87:
            return self._payment(day)
        if pick < 0.94:
            return self._expense(day)
        if pick < 0.97:
            return self._contra(day)
        return self._credit_note(day) if pick < 0.99 else self._export(day)

    # --- trade ----------------------------------------------------------------------------------

    def _sale(self, day: date) -> Voucher:
        party = self._skewed(self.chart.customers)
        taxable = self._rupees(1_800, 64_000)
        tax = self._tax(taxable, "output")
        total = -sum(entry.amount for entry in tax) + taxable
        sales = Entry(account=self._key("sales"), amount=-taxable, costs=self._branches(-taxable))
        number = self._reference("INV")
        return self._voucher(
            _N.SALES, day, [self._on_bill(party, total, day, number, 30), sales, *tax], "sales", party, number
        )

    def _purchase(self, day: date) -> Voucher:
        party = self._skewed(self.chart.suppliers)
        goods, freight = self._rupees(4_000, 105_000), self._rupees(200, 2_500)
        tax = self._tax(-(goods), "input")
        entries = [Entry(account=self._key("purchases"), amount=goods)]
        if self.chance.random() < 0.3:
            entries.append(Entry(account=self._key("freight-in"), amount=freight, costs=self._branches(freight)))
        entries += tax
        total = sum(entry.amount for entry in entries)
        number = self._reference("B")
        bill = self._on_bill(party, -total, day, number, 45)
        return self._voucher(_N.PURCHASE, day, [bill, *entries], "purchase", party, number)

    def _receipt(self, day: date) -> Voucher:
        bills = self._oldest(self.chart.customers, day)
        if not bills:
            return self._contra(day)
        amount = sum(bill.open for bill in bills)
        discount = amount // 5000 * 100 if self.chance.random() < 0.12 else 0
        party = bills[0].account
        entries = [self._bank(amount - discount, day), self._settling(party, bills)]
        if discount:
            entries.append(Entry(account=self._key("discount-allowed"), amount=discount))
        return self._voucher(_N.RECEIPT, day, entries, "receipt", party)

    def _payment(self, day: date) -> Voucher:
        bills = self._oldest(self.chart.suppliers, day)
        if not bills:
            return self._expense(day)
        party, amount = bills[0].account, -sum(bill.open for bill in bills)
        return self._voucher(
            _N.PAYMENT, day, [self._settling(party, bills), self._bank(-amount, day)], "payment", party
        )

    def _expense(self, day: date) -> Voucher:
        key = self.chance.choice(("electricity", "telephone", "advertising", "travel", "office", "bank-charges"))
        amount = self._rupees(350, 14_000)
        costs = self._branches(amount) if key in ("electricity", "advertising") else ()
        spent = Entry(account=self._key(key), amount=amount, costs=costs)
        paid = self._bank(-amount, day) if key == "bank-charges" or amount > 500_000 else self._cash(-amount)
        return self._voucher(_N.PAYMENT, day, [spent, paid], "expense")

    def _contra(self, day: date) -> Voucher:
        amount = self._rupees(5_000, 40_000) // (500 * RUPEE) * 500 * RUPEE
        into_bank = self.chance.random() < 0.35
        cash, bank = (-amount, amount) if into_bank else (amount, -amount)
        entries = [Entry(account=self._key("cash"), amount=cash), Entry(account=self._key("bank"), amount=bank)]
        narration = NARRATIONS["contra"][0 if into_bank else 1]
        return self._voucher(_N.CONTRA, day, entries, narration=narration)

    def _credit_note(self, day: date) -> Voucher:
        party = self._skewed(self.chart.customers)
        taxable = self._rupees(500, 6_000)
        tax = [Entry(account=entry.account, amount=-entry.amount) for entry in self._tax(taxable, "output")]
        back = Entry(account=self._key("sales-returns"), amount=taxable)
        total = taxable + sum(entry.amount for entry in tax)
        bill = BillAllocation(kind=BillKind.ON_ACCOUNT, amount=-total)
        entries = [Entry(account=party, amount=-total, bills=(bill,)), back, *tax]
        return self._voucher(_N.CREDIT_NOTE, day, entries, party=party, narration="Goods returned by customer")

    def _export(self, day: date) -> Voucher:
        dollars, rate = self.chance.randrange(400, 3_200) * 100, self._rate(day)
        base = to_base(dollars, rate, foreign=_USD, base=_INR)
        number = self._reference("EXP")
        party = self.chart.foreign_customer
        bill = BillAllocation(kind=BillKind.NEW, name=number, amount=base, due=day + timedelta(60))
        self._exports.append(_Bill(party, number, day + timedelta(60), base, dollars))
        owed = Entry(
            account=party, amount=base, bills=(bill,), foreign=ForeignAmount(currency="USD", amount=dollars, rate=rate)
        )
        sold = Entry(account=self._key("export-sales"), amount=-base)
        return self._voucher(_N.SALES, day, [owed, sold], "sales", party, number)

    def _export_receipt(self, day: date) -> Voucher | None:
        """Collect the oldest export bill at the day's rate; what the rate moved is realised."""
        due = [bill for bill in self._exports if bill.due <= day]
        if not due:
            return None
        self._exports.remove(due[0])
        dollars, carried, rate = due[0].foreign, due[0].open, self._rate(day)
        got = to_base(dollars, rate, foreign=_USD, base=_INR)
        gain = realised_gain(settled_foreign=-dollars, carried_foreign=dollars, carried_base=carried, settled_base=-got)
        bill = BillAllocation(kind=BillKind.AGAINST, name=due[0].name, amount=-carried)
        foreign = ForeignAmount(currency="USD", amount=-dollars, rate=rate)
        party = self.chart.foreign_customer
        entries = [self._bank(got, day), Entry(account=party, amount=-carried, bills=(bill,), foreign=foreign)]
        if gain:
            entries.append(Entry(account=self._key("exchange"), amount=gain))
        return self._voucher(_N.RECEIPT, day, entries, party=party, narration="Export bill collected by the bank")

    # --- month ends and what waits --------------------------------------------------------------

    def _month_end(self, day: date) -> Iterator[Voucher]:
        salaries, rent = 236_000 * RUPEE, 78_000 * RUPEE
        while (collected := self._export_receipt(day)) is not None:
            yield collected
        due = Entry(account=self._key("salaries"), amount=salaries, costs=self._branches(salaries))
        owed = Entry(account=self._key("salary-payable"), amount=-salaries)
        yield self._voucher(_N.JOURNAL, day, [due, owed], narration="Salaries of the month")
        held_back = rent // 10
        used = Entry(account=self._key("rent"), amount=rent, costs=self._branches(rent))
        entries = [used, Entry(account=self._key("tds"), amount=-held_back), self._bank(held_back - rent, day)]
        yield self._voucher(_N.PAYMENT, day, entries, narration="Showroom rent of the month, TDS held back")
        paid = [Entry(account=self._key("salary-payable"), amount=salaries), self._bank(-salaries, day)]
        yield self._voucher(_N.PAYMENT, day, paid, narration="Salaries paid")
        worn = {"furniture": 8_000, "vehicle": 9_800, "computers": 7_100}
        parts = [Entry(account=self._key(key), amount=-rupees * RUPEE) for key, rupees in worn.items()]
        total = Entry(account=self._key("depreciation"), amount=sum(worn.values()) * RUPEE)
        yield self._voucher(_N.JOURNAL, day, [total, *parts], narration="Depreciation of the month")
        interest = [Entry(account=self._key("interest"), amount=10_937_50),
                    Entry(account=self._key("term-loan"), amount=24_000_00), self._bank(-34_937_50, day)]  # fmt: skip
        yield self._voucher(_N.PAYMENT, day, interest, narration="Instalment of the term loan")

    def _waiting(self, today: date) -> Iterator[Voucher]:
        rent = 78_000 * RUPEE
        entries = [Entry(account=self._key("rent"), amount=rent, costs=self._branches(rent)), self._bank(-rent, today)]
        yield self._voucher(
            _N.PAYMENT,
            today + timedelta(20),
            entries,
            narration="Post-dated cheque for rent",
            state=VoucherState.POST_DATED,
        )
        offer = [Entry(account=self._key("advertising"), amount=18_000_00, costs=self._branches(18_000_00)),
                 self._cash(-18_000_00)]  # fmt: skip
        yield self._voucher(_N.PAYMENT, today, offer, narration="To be approved", state=VoucherState.OPTIONAL)
        memo = [Entry(account=self._key("travel"), amount=6_500_00), self._cash(-6_500_00)]
        yield self._voucher(_N.MEMORANDUM, today, memo, narration="Advance for travel, bills to come")

    # --- parts ----------------------------------------------------------------------------------

    def _voucher(
        self,
        nature: VoucherNature,
        day: date,
        entries: list[Entry],
        kind: str = "",
        party: AccountId | None = None,
        reference: str = "",
        *,
        narration: str = "",
        state: VoucherState = VoucherState.REGULAR,
    ) -> Voucher:
        return Voucher(
            id=VoucherId(self.new_id()),
            type=voucher_type_id(nature),
            date=day,
            party=party,
            reference=reference,
            narration=narration or self.chance.choice(NARRATIONS[kind]),
            entries=tuple(entries),
            state=state,
        )

    def _key(self, key: str) -> AccountId:
        return self.chart.by_key[key]

    def _rupees(self, low: int, high: int) -> int:
        """A price people pay: more small ones than large, to the rupee or ending in 50 paise."""
        share = self.chance.random() ** 2
        return int(low + (high - low) * share) * RUPEE + self.chance.choice((0, 0, 0, 50))

    def _skewed(self, accounts: list[AccountId]) -> AccountId:
        return accounts[int(len(accounts) * self.chance.random() ** 2)]

    def _reference(self, head: str) -> str:
        self._serial += 1
        return f"{head}-{self._serial:05d}"

    def _tax(self, taxable: int, side: str) -> list[Entry]:
        """GST at 18 % (a hand-typed tax: rates by law come with the tax rules), credit for output, debit for input."""
        if self.chance.random() < 0.8:
            half = divide_half_even(taxable * 9, 100)
            return [Entry(account=self._key(f"{side}-{kind}"), amount=-half) for kind in ("cgst", "sgst")]
        return [Entry(account=self._key(f"{side}-igst"), amount=-divide_half_even(taxable * 18, 100))]

    def _branches(self, amount: int) -> tuple[CostAllocation, ...]:
        weights = [self.chance.randrange(1, 6) for _ in self.chart.branches]
        if self.chance.random() < 0.5:
            return (CostAllocation(centre=self.chance.choice(self.chart.branches), amount=amount),)
        parts = split_in_proportion(amount, weights)
        return tuple(CostAllocation(centre=c, amount=part) for c, part in zip(self.chart.branches, parts, strict=True))

    def _on_bill(self, party: AccountId, amount: int, day: date, name: str, days: int) -> Entry:
        due = day + timedelta(days)
        self._bills.append(_Bill(party, name, due, amount))
        return Entry(
            account=party, amount=amount, bills=(BillAllocation(kind=BillKind.NEW, name=name, amount=amount, due=due),)
        )

    def _oldest(self, accounts: list[AccountId], day: date) -> list[_Bill]:
        """Take one or two open bills of one party that are nearly due; people pay late."""
        ripe = [bill for bill in self._bills if bill.account in accounts and bill.due <= day + timedelta(5)]
        if not ripe:
            return []
        party = self.chance.choice(ripe[:6]).account
        taken = [bill for bill in ripe if bill.account == party][: self.chance.choice((1, 2, 2, 3, 4))]
        self._bills = [bill for bill in self._bills if bill not in taken]
        return taken

    def _settling(self, party: AccountId, bills: list[_Bill]) -> Entry:
        parts = tuple(BillAllocation(kind=BillKind.AGAINST, name=bill.name, amount=-bill.open) for bill in bills)
        return Entry(account=party, amount=sum(part.amount for part in parts), bills=parts)

    def _bank(self, amount: int, day: date) -> Entry:
        if amount < 0 and self.chance.random() < 0.4:
            self._cheque += 1
            return Entry(
                account=self._key("bank"),
                amount=amount,
                instrument=Instrument(kind="Cheque", number=f"{self._cheque:06d}", date=day),
            )
        return Entry(account=self._key("bank" if self.chance.random() < 0.8 else "bank2"), amount=amount)

    def _cash(self, amount: int) -> Entry:
        return Entry(account=self._key("cash"), amount=amount)

    def _rate(self, day: date) -> str:
        money = next(m for m in self.chart.masters if isinstance(m, ForeignCurrency))
        rate = money.dated_rates().on(day)
        assert rate is not None, "rates begin with the books"
        return rate
