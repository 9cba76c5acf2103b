"""Records of masters to masters of the book: each found by name or made, with every problem at its place."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from msgspec.structs import replace

from ledgerflow_core.calendar import parse_date
from ledgerflow_core.errors import InvalidInput, Problem, refuse
from ledgerflow_core.identifiers import (
    AccountId,
    CostCategoryId,
    CostCentreId,
    MasterId,
    VoucherTypeId,
    named,
    to_bytes,
)
from ledgerflow_core.masters.account import Account, OpeningBill, Party, TaxIdentity, account_id
from ledgerflow_core.masters.chart import Chart, Master
from ledgerflow_core.masters.company import Company
from ledgerflow_core.masters.cost_centre import PRIMARY_COST_CATEGORY, CostCategory, CostCentre
from ledgerflow_core.masters.rates import ForeignCurrency, currency_id
from ledgerflow_core.masters.validation import PREFIX_LENGTH_MAX, problems_in_master, problems_of_lock
from ledgerflow_core.masters.voucher_type import PREFIX_AND_WIDTH_MAX, Numbering, VoucherType
from ledgerflow_core.money.amount import parse_minor
from ledgerflow_core.money.currency import currency
from ledgerflow_desktop.interchange.group_mapping import GroupMapping
from ledgerflow_desktop.interchange.proof import Proof
from ledgerflow_desktop.interchange.records import (
    AccountRecord,
    CompanyRecord,
    CostCategoryRecord,
    CostCentreRecord,
    CurrencyRecord,
    FileId,
    GroupRecord,
    NotImported,
    PartyRecord,
    Placed,
    VoucherTypeRecord,
)

Made = TypeVar("Made", bound=Master)

# After so many problems the rest of a file is most likely the same mistake again.
PROBLEMS_MAX = 100


@dataclass
class LoadedMasters:
    """What the masters of a file come to.

    `created` are to be added in order, `changed` replace what is there; `accounts` gives the account of each
    of the file's ids, `stated` the closing balances that the source states, in minor units.
    """

    created: list[Master] = field(default_factory=list)
    changed: list[Master] = field(default_factory=list)
    accounts: dict[FileId, AccountId] = field(default_factory=dict)
    stated: dict[AccountId, int] = field(default_factory=dict)


class MasterLoader:
    """Takes the master records of one import, in any order, and turns them into masters of `chart` (a copy)."""

    def __init__(
        self,
        company: Company,
        chart: Chart,
        *,
        in_use: Callable[[AccountId], bool],
        books_empty: bool,
        proof: Proof,
        locked_until: date | None = None,
    ) -> None:
        self._company = company
        self._chart = chart
        self._in_use = in_use
        self._books_empty = books_empty
        self._locked_until = locked_until
        self._proof = proof
        self._money = company.base_currency
        self._meant: set[AccountId] = set()  # accounts that a record of this file has been found to mean
        self.problems: list[Problem] = []
        self.loaded = LoadedMasters()

    def load(self, records: Iterable[Placed]) -> LoadedMasters:
        """Load them all; raises `InvalidInput` with up to a hundred problems, nothing being changed."""
        by_kind: dict[type, list[Placed]] = {}
        for placed in records:
            by_kind.setdefault(type(placed.record), []).append(placed)
        maps_to: dict[tuple[str, ...], str] = {}
        own: set[tuple[str, ...]] = set()
        for placed in by_kind.get(GroupRecord, []):
            record = placed.record
            assert isinstance(record, GroupRecord), "sorted by kind"
            if record.maps_to:
                maps_to[tuple(record.path)] = record.maps_to
            elif record.own:
                own.add(tuple(record.path))
        self._groups = GroupMapping(self._chart, lambda name: MasterId(self._id("group", name)), maps_to, own)
        # Masters first that others refer to.
        for kind, take in (
            (CompanyRecord, self._company_record),
            (CurrencyRecord, self._currency),
            (GroupRecord, self._group),
            (CostCategoryRecord, self._cost_category),
            (CostCentreRecord, self._cost_centre),
            (VoucherTypeRecord, self._voucher_type),
            (AccountRecord, self._account),
            (NotImported, self._not_imported),
        ):
            for placed in by_kind.get(kind, []):
                self._take(placed, take)
        if self.problems:
            raise InvalidInput(self.problems)
        self.loaded.created[:0] = self._groups.made
        self._proof.groups_made += len(self._groups.made)
        return self.loaded

    def _take(self, placed: Placed, take: Callable[..., None]) -> None:
        if len(self.problems) >= PROBLEMS_MAX:
            return
        try:
            take(placed.record)
        except InvalidInput as error:
            self.problems += [problem.at(placed.place) for problem in error.problems]

    def _id(self, kind: str, name: str) -> str:
        """The same file imported into the same company makes the same ids, whenever and wherever."""
        return named(f"import/{self._company.id}/{kind}", name)

    def _problems_in(self, master: Master) -> list[Problem]:
        earlier = self._chart.masters.get(master.id)
        return problems_in_master(master, self._chart) + problems_of_lock(earlier, master, self._locked_until)

    def _add(self, master: Made) -> Made:
        problems = self._problems_in(master)
        if problems:
            raise InvalidInput(problems)
        self._chart.put(master)
        self.loaded.created.append(master)
        return master

    def _change(self, master: Master) -> None:
        problems = self._problems_in(master)
        if problems:
            raise InvalidInput(problems)
        self._chart.put(master)
        self.loaded.changed.append(master)

    def _change_to(self, known: Master, changed: Master) -> None:
        if changed != known:
            self._change(changed)

    def _company_record(self, record: CompanyRecord) -> None:
        if record.currency and record.currency != self._company.currency:
            raise refuse("currency-differs", "currency", file=record.currency, book=self._company.currency)

    def _not_imported(self, record: NotImported) -> None:
        self._proof.not_imported.append((record.what, record.count, record.example))

    def _group(self, record: GroupRecord) -> None:
        found = self._chart.groups[self._groups.group_of(record.path)]
        name = record.renamed if record.renamed and found.reserved is not None else found.name
        self._change_to(found, replace(found, name=name, retired=found.retired or record.retired))

    def _currency(self, record: CurrencyRecord) -> None:
        if record.code == self._company.currency:
            return
        currency(record.code)
        rates = {parse_date(day): rate for day, rate in record.rates}
        known = self._chart.currency(record.code)
        merged = tuple(sorted(((dict(known.rates) if known else {}) | rates).items()))
        if known is None:
            made = ForeignCurrency(id=currency_id(record.code), code=record.code, rates=merged, retired=record.retired)
            self._add(made)
            self._proof.other_masters_made += 1
        else:
            self._change_to(known, replace(known, rates=merged))

    def _cost_category(self, record: CostCategoryRecord) -> None:
        primary = self._chart.cost_categories[PRIMARY_COST_CATEGORY]
        if record.reserved and record.reserved == primary.reserved:
            if self._books_empty:
                self._change_to(primary, replace(primary, name=record.name, retired=record.retired))
        elif self._chart.cost_category_named(record.name) is None:
            category_id = CostCategoryId(MasterId(self._id("cost-category", record.name)))
            self._add(CostCategory(id=category_id, name=record.name, retired=record.retired))
            self._proof.other_masters_made += 1

    def _cost_centre(self, record: CostCentreRecord) -> None:
        if self._chart.cost_centre_named(record.name) is not None:
            return
        category = self._chart.cost_category_named(record.category) if record.category else None
        parent = self._chart.cost_centre_named(record.parent) if record.parent else None
        if (record.category and category is None) or (record.parent and parent is None):
            raise refuse("unknown-cost-centre", "parent", given=record.parent or record.category)
        self._add(
            CostCentre(
                id=CostCentreId(MasterId(self._id("cost-centre", record.name))),
                name=record.name,
                category=category.id if category else PRIMARY_COST_CATEGORY,
                parent=parent.id if parent else None,
                retired=record.retired,
            )
        )
        self._proof.other_masters_made += 1

    def _voucher_type(self, record: VoucherTypeRecord) -> None:
        known = self._predefined_type(record.reserved) or self._chart.voucher_type_named(record.name)
        if known is not None:
            self._change_predefined(known, record)
            return
        parent = self._predefined_type(record.parent) or self._chart.voucher_type_named(record.parent.replace("-", " "))
        if parent is None:
            raise refuse("unknown-voucher-type", "parent", given=record.parent)
        self._add(
            VoucherType(
                id=VoucherTypeId(MasterId(self._id("voucher-type", record.name))),
                name=record.name,
                nature=parent.nature,
                abbreviation=record.abbreviation or record.name[:8],
                numbering=Numbering(record.numbering),
                prefix=_prefix(record),
                width=_width(record),
                parent=parent.id,
                retired=record.retired,
            )
        )
        self._proof.other_masters_made += 1

    def _predefined_type(self, said: str) -> VoucherType | None:
        """Return a predefined type by the name it was born with or that of its nature, whatever it is called here."""
        reserved = said.casefold().replace(" ", "-")
        return self._chart.voucher_types.get(named("voucher-type", reserved)) if reserved else None

    def _change_predefined(self, known: VoucherType, record: VoucherTypeRecord) -> None:
        """A predefined type takes its name and numbering from the file while nothing is numbered by it here."""
        if known.reserved is None or not self._books_empty:
            return
        changed = replace(known, numbering=Numbering(record.numbering), prefix=_prefix(record), width=_width(record))
        if record.reserved:
            abbreviation = record.abbreviation or known.abbreviation
            changed = replace(changed, name=record.name, abbreviation=abbreviation, retired=record.retired)
        self._change_to(known, changed)

    def _account(self, record: AccountRecord) -> None:
        if record.id in self.loaded.accounts:
            raise refuse("duplicate-account", "id", given=str(record.id))
        account = self._account_of(record)
        if account.id in self._meant:
            if record.uid:
                raise refuse("duplicate-account", "uid", given=record.uid)
            # Two of one name in one group: the second is an account of its own, whatever it will be called.
            told_apart = f"{'/'.join(record.group)}\n{record.name}\n{record.id}"
            account = replace(account, id=AccountId(MasterId(self._id("account", told_apart))))
        existing = self._existing(record, account)
        if existing is None:
            if self._chart.name_taken(account):
                account = self._renamed(account)
            self._add(account)
            self._proof.accounts_made += 1
        else:
            account = self._merged(existing, account, record)
            self._proof.accounts_known += 1
        self.loaded.accounts[record.id] = account.id
        self._meant.add(account.id)
        if record.closing:
            self.loaded.stated[account.id] = parse_minor(record.closing, self._money.exponent)

    def _account_of(self, record: AccountRecord) -> Account:
        def minor(text: str) -> int:
            return parse_minor(text, self._money.exponent)

        if record.uid:
            to_bytes(record.uid)
        foreign = record.currency if record.currency != self._company.currency else ""
        return Account(
            id=AccountId(MasterId(record.uid or self._id("account", f"{'/'.join(record.group)}\n{record.name}"))),
            name=" ".join(record.name.split()) or record.name,
            group=self._groups.group_of(record.group, record.kind),
            opening=_at("opening", lambda: minor(record.opening)),
            aliases=tuple(record.aliases),
            code=record.code,
            currency=currency(foreign).code if foreign else None,
            opening_foreign=parse_minor(record.opening_foreign or "0", currency(foreign).exponent) if foreign else 0,
            bill_by_bill=record.bill_by_bill or bool(record.opening_bills),
            cost_centres=record.cost_centres,
            opening_bills=tuple(
                OpeningBill(
                    name=bill.name,
                    date=parse_date(bill.date),
                    amount=minor(bill.amount),
                    due=parse_date(bill.due) if bill.due else None,
                )
                for bill in record.opening_bills
            ),
            party=self._party(record.party) if record.party else None,
            bank_account=record.bank_account,
            notes=record.notes,
            retired=record.retired,
        )

    def _party(self, record: PartyRecord) -> Party:
        return Party(
            mailing_name=record.mailing_name,
            address=tuple(record.address),
            state=record.state,
            country=record.country,
            postcode=record.postcode,
            contact=record.contact,
            phone=record.phone,
            email=record.email,
            tax_identities=tuple(TaxIdentity(scheme, number) for scheme, number in record.tax_ids.items()),
            credit_days=record.credit_days,
            credit_limit=parse_minor(record.credit_limit, self._money.exponent) if record.credit_limit else None,
        )

    def _existing(self, record: AccountRecord, account: Account) -> Account | None:
        """Return the account of the book that a record means: by reserved name, id, or name in the same group."""
        reserved = self._chart.accounts.get(account_id(record.reserved)) if record.reserved else None
        if reserved is not None:
            return reserved
        if account.id in self._chart.accounts:
            return self._chart.accounts[account.id]
        found = self._chart.account_named(account.name)
        if found is None:
            return None
        same = found.group == account.group and found.id not in self._meant
        return found if found.reserved is not None or same else None

    def _renamed(self, account: Account) -> Account:
        """Programs with a tree of accounts may use a name twice; ours are found by name alone."""
        group = self._chart.groups[account.group].name
        for count in range(1, 1000):
            name = f"{account.name} ({group})" if count == 1 else f"{account.name} ({group} {count})"
            renamed = replace(account, name=name, aliases=())
            if not self._chart.name_taken(renamed):
                self._proof.remarks.append(("account-renamed", f"{account.name} → {name}"))
                return renamed
        raise refuse("name-taken", "name", name=account.name)

    def _merged(self, existing: Account, account: Account, record: AccountRecord) -> Account:
        """An account that is there keeps what it has; an opening balance comes in while nothing rests on it.

        A predefined account that the file knows as such is what the file says, in books that are empty.
        """
        if record.reserved and record.reserved == existing.reserved and self._books_empty:
            group = account.group if record.uid else existing.group
            changed = replace(account, id=existing.id, group=group, reserved=existing.reserved)
            self._change_to(existing, changed)
            return changed
        if existing.opening == account.opening:
            return existing
        if existing.opening == 0 and not self._in_use(existing.id):
            changed = _completed(existing, account)
            self._change(changed)
            return changed
        self._proof.remarks.append(("opening-balance-kept", existing.name))
        return existing


def _completed(existing: Account, account: Account) -> Account:
    """Return an account with the opening balance of another, and with what it has nothing of itself."""
    names = ("aliases", "code", "currency", "party", "bank_account", "notes", "bill_by_bill", "cost_centres")
    filled = replace(existing, **{name: getattr(existing, name) or getattr(account, name) for name in names})
    foreign = account.opening_foreign if filled.currency == account.currency else existing.opening_foreign
    return replace(filled, opening=account.opening, opening_foreign=foreign, opening_bills=account.opening_bills)


def _prefix(record: VoucherTypeRecord) -> str:
    return record.prefix[:PREFIX_LENGTH_MAX].strip()


def _width(record: VoucherTypeRecord) -> int:
    """Fewer zeros where numbers would get longer than tax law takes; a number is the same with fewer."""
    room = PREFIX_AND_WIDTH_MAX - len(_prefix(record))
    return min(record.width, room) if record.numbering == "automatic" and record.width <= 10 else record.width


def _at(place: str, parse: Callable[[], int]) -> int:
    try:
        return parse()
    except InvalidInput as error:
        raise InvalidInput([problem.at(place) for problem in error.problems]) from None
