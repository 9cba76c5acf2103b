"""Every rule a master must meet: each on both sides of its limit, all problems at once, in a fixed order."""

from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from builders import CUSTOMER, RENT, a_centre, a_chart, a_company, a_group, account_id, an_account, centre_id
from ledgerflow_core.identifiers import CostCategoryId, GroupId, MasterId, named
from ledgerflow_core.masters.account import (
    ADDRESS_LINES_MAX,
    ALIASES_MAX,
    CASH,
    OPENING_BILLS_MAX,
    TAX_IDENTITIES_MAX,
    Account,
    OpeningBill,
    Party,
    TaxIdentity,
)
from ledgerflow_core.masters.chart import Chart, Master
from ledgerflow_core.masters.group import Group, group_id
from ledgerflow_core.masters.rates import RATES_MAX, ForeignCurrency, currency_id
from ledgerflow_core.masters.validation import GROUP_DEPTH_MAX, problems_in_company, problems_in_master
from ledgerflow_core.masters.voucher_type import Numbering, VoucherNature, VoucherType, voucher_type_id

NOWHERE = GroupId(MasterId(named("test-group", "nowhere")))
OVERRIDE = "\u202e"


def found(master: Master, chart: Chart | None = None) -> list[tuple[str, str]]:
    return [(problem.code, problem.place) for problem in problems_in_master(master, chart or a_chart())]


def a_bill(name: str, amount: int) -> OpeningBill:
    return OpeningBill(name=name, date=date(2026, 3, 1), amount=amount)


def with_parts(beyond: int) -> dict[str, tuple[Master, str]]:
    """Return masters whose lists are longer by `beyond` than the longest allowed, each with the list's place."""
    light = an_account("Light")
    bills = tuple(a_bill(f"B{at}", 1) for at in range(OPENING_BILLS_MAX + beyond))
    identities = tuple(TaxIdentity("VAT", str(at)) for at in range(TAX_IDENTITIES_MAX + beyond))
    rates = tuple((date(2026, 4, 1) + timedelta(at), "83.25") for at in range(RATES_MAX + beyond))
    lines = ("Main Road",) * (ADDRESS_LINES_MAX + beyond)
    return {
        "too-many-aliases": (
            replace(light, aliases=tuple(f"Light {at}" for at in range(ALIASES_MAX + beyond))),
            "aliases",
        ),
        "too-many-opening-bills": (replace(light, opening=len(bills), opening_bills=bills), "opening_bills"),
        "too-many-address-lines": (replace(light, party=Party(address=lines)), "party.address"),
        "too-many-tax-identities": (replace(light, party=Party(tax_identities=identities)), "party.tax_identities"),
        "too-many-rates": (ForeignCurrency(id=currency_id("USD"), code="USD", rates=rates), "rates"),
    }


def a_type(name: str = "Cash Sale", *, prefix: str = "CS", width: int = 5) -> VoucherType:
    return VoucherType(
        id=MasterId(named("test-type", name)),  # type: ignore[arg-type]
        name=name,
        nature=VoucherNature.SALES,
        abbreviation="CS",
        prefix=prefix,
        width=width,
    )


MASTERS_THAT_MAY_BE_SAVED: dict[str, Master] = {
    "an account": an_account("Light"),
    "an account with its own name again": an_account("Rent"),
    "the largest opening": an_account("Light", opening=2**53 - 1),
    "opening bills that add up": replace(
        an_account("Light", "sundry-debtors", opening=300), opening_bills=(a_bill("A", 500), a_bill("B", -200))
    ),
    "a name in Arabic with its mark": an_account("النور\u200f (AED)"),
    "a group": a_group("North", group_id("sundry-debtors")),
    "a namesake elsewhere": a_group("Sundry Debtors", group_id("capital")),
    "a renamed predefined group": Group(
        id=group_id("sundry-debtors"), name="Customers", parent=group_id("current-assets"), reserved="sundry-debtors"
    ),
    "a voucher type": a_type(),
    "numbers of sixteen characters": a_type(prefix="SH", width=5),
    "the widest prefix": a_type(prefix="SHOP-1", width=1),
    "the widest number of a type numbered by hand": replace(
        a_type(prefix="SHOP-1", width=10), numbering=Numbering.MANUAL
    ),
    "a cost centre": a_centre("Nagpur"),
    "a cost centre under another": replace(a_centre("Kothrud"), parent=centre_id("Pune")),
    "a currency": ForeignCurrency(id=currency_id("USD"), code="USD", rates=((date(2026, 4, 1), "83.25"),)),
}


@pytest.mark.parametrize("master", MASTERS_THAT_MAY_BE_SAVED.values(), ids=MASTERS_THAT_MAY_BE_SAVED.keys())
def test_what_is_right_has_no_problem(master: Master) -> None:
    assert found(master) == []


REFUSED: dict[str, tuple[Master, list[tuple[str, str]]]] = {
    "no name": (an_account(" "), [("name-empty", "name")]),
    "a name of 201 characters": (an_account("x" * 201), [("text-too-long", "name")]),
    "a trick in the name": (an_account(f"a{OVERRIDE}b"), [("character-not-allowed", "name")]),
    "a name that is taken": (an_account("RENT  "), [("name-taken", "name")]),
    "an alias that is a name": (replace(an_account("Light"), aliases=("rent",)), [("name-taken", "name")]),
    "a bad alias": (replace(an_account("Light"), aliases=("ok", "")), [("name-empty", "aliases[1]")]),
    "an unknown group": (replace(an_account("Light"), group=NOWHERE), [("unknown-group", "group")]),
    "an opening too large": (an_account("Light", opening=2**53), [("amount-too-large", "opening")]),
    "an opening too small": (an_account("Light", opening=-(2**53)), [("amount-too-large", "opening")]),
    "bills that do not add up": (
        replace(an_account("Light", opening=300), opening_bills=(a_bill("A", 299),)),
        [("bills-do-not-add-up", "opening_bills")],
    ),
    "a bill without a name": (
        replace(an_account("Light", opening=300), opening_bills=(a_bill("", 300),)),
        [("name-empty", "opening_bills[0].name")],
    ),
    "a bill of a day no book has": (
        replace(
            an_account("Light", opening=300),
            opening_bills=(OpeningBill(name="A", date=date(1899, 12, 31), amount=300, due=date(2200, 1, 1)),),
        ),
        [("day-out-of-range", "opening_bills[0].date"), ("day-out-of-range", "opening_bills[0].due")],
    ),
    "numbers beyond the range of amounts": (
        replace(
            an_account("Light", opening=300),
            opening_foreign=2**53,
            opening_bills=(a_bill("A", 2**53 + 300), a_bill("B", -(2**53))),
            party=Party(credit_days=2**60, credit_limit=-(2**53)),
        ),
        [
            ("amount-too-large", "opening_foreign"),
            ("amount-too-large", "opening_bills[0].amount"),
            ("amount-too-large", "opening_bills[1].amount"),
            ("amount-too-large", "party.credit_days"),
            ("amount-too-large", "party.credit_limit"),
        ],
    ),
    "a registration of two lines": (
        replace(an_account("Light"), party=Party(tax_identities=(TaxIdentity("GST\nIN", "x" * 201),))),
        [("character-not-allowed", "party.tax_identities[0]"), ("text-too-long", "party.tax_identities[0]")],
    ),
    "a trick in the notes": (replace(an_account("Light"), notes=OVERRIDE), [("character-not-allowed", "notes")]),
    "tricks in the small print": (
        replace(an_account("Light"), code="\0", bank_account=OVERRIDE),
        [("character-not-allowed", "code"), ("character-not-allowed", "bank_account")],
    ),
    "tricks in the party": (
        replace(
            an_account("Light"),
            party=Party(
                mailing_name=OVERRIDE,
                address=("Main Road", "\0"),
                email="a\x1b[2J@example.org",
                tax_identities=(TaxIdentity("GSTIN", OVERRIDE),),
            ),
        ),
        [
            ("character-not-allowed", "party.mailing_name"),
            ("character-not-allowed", "party.address[1]"),
            ("character-not-allowed", "party.email"),
            ("character-not-allowed", "party.tax_identities[0]"),
        ],
    ),
    "another reserved name": (
        replace(an_account("Cash", "cash-in-hand"), id=CASH),
        [("reserved-name-is-fixed", "reserved")],
    ),
    "a reserved name of one's own making": (
        replace(an_account("Light"), reserved="cash"),
        [("reserved-name-is-fixed", "reserved")],
    ),
    "everything at once, in order": (
        replace(
            an_account("", opening=2**53),
            group=NOWHERE,
            aliases=(OVERRIDE,),
            opening_bills=(a_bill("A", 1),),
            notes="\0",
        ),
        [
            ("name-empty", "name"),
            ("character-not-allowed", "aliases[0]"),
            ("unknown-group", "group"),
            ("amount-too-large", "opening"),
            ("bills-do-not-add-up", "opening_bills"),
            ("character-not-allowed", "notes"),
        ],
    ),
    "a group without a parent": (a_group("North", NOWHERE), [("unknown-group", "parent")]),
    "a primary group of one's own": (replace(a_group("North", NOWHERE), parent=None), [("unknown-group", "parent")]),
    "a group that says it is predefined": (
        replace(a_group("North", group_id("capital")), reserved="sales"),
        [("reserved-name-is-fixed", "reserved")],
    ),
    "a predefined group moved": (
        Group(
            id=group_id("sundry-debtors"), name="Sundry Debtors", parent=group_id("capital"), reserved="sundry-debtors"
        ),
        [("reserved-name-is-fixed", "reserved")],
    ),
    "a predefined group freed": (
        Group(id=group_id("sundry-debtors"), name="Sundry Debtors", parent=group_id("current-assets")),
        [("reserved-name-is-fixed", "reserved")],
    ),
    "a voucher type's nature changed": (
        replace(a_type("Sales"), id=voucher_type_id(VoucherNature.SALES), nature=VoucherNature.PURCHASE),
        [("nature-cannot-change", "nature")],
    ),
    "numbers too narrow": (a_type(width=0), [("bad-width", "width")]),
    "numbers too wide": (a_type(width=11), [("bad-width", "width")]),
    "numbers of seventeen characters": (a_type(prefix="SHO", width=5), [("number-too-long", "prefix")]),
    "a prefix of two lines": (a_type(prefix="A\nB", width=1), [("character-not-allowed", "prefix")]),
    "a prefix that ends in a blank": (a_type(prefix="A "), [("prefix-has-blanks", "prefix")]),
    "a prefix of a blank": (a_type(prefix=" "), [("name-empty", "prefix")]),
    "a prefix too long": (a_type(prefix="SHOP-12"), [("text-too-long", "prefix")]),
    "a trick in the prefix": (a_type(prefix=OVERRIDE), [("character-not-allowed", "prefix")]),
    "an unknown cost category": (
        replace(a_centre("Nagpur"), category=CostCategoryId(NOWHERE)),
        [("unknown-cost-category", "category")],
    ),
    "a cost centre under itself": (
        replace(a_centre("Pune"), parent=centre_id("Pune")),
        [("stands-under-itself", "parent")],
    ),
    "a currency no bank knows, at no price": (
        ForeignCurrency(id=currency_id("usd"), code="usd", rates=((date(2026, 4, 1), "83"), (date(2026, 5, 1), "0"))),
        [("bad-currency", "code"), ("bad-rate", "rates[1]")],
    ),
    "another kind of master": (
        Account(id=MasterId(group_id("sales")), name="Light", group=group_id("sales")),  # type: ignore[arg-type]
        [("kind-cannot-change", "kind")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("master", "problems"), REFUSED.values(), ids=REFUSED.keys())
def test_every_problem_is_named_with_its_place_in_a_fixed_order(
    master: Master, problems: list[tuple[str, str]]
) -> None:
    assert found(master) == problems


def a_chain(length: int) -> Iterable[Group]:
    parent = group_id("sundry-debtors")
    for level in range(length):
        group = a_group(f"Level {level}", parent)
        parent = group.id
        yield group


def test_groups_go_thirty_levels_deep_and_no_further() -> None:
    chart = a_chart()
    chain = list(a_chain(GROUP_DEPTH_MAX - 1))  # two predefined groups stand above the first
    for group in chain[:-1]:
        assert found(group, chart) == []
        chart.put(group)
    assert found(chain[-1], chart) == [("groups-too-deep", "parent")]


def test_a_group_cannot_stand_under_one_of_its_own() -> None:
    chart = a_chart()
    top, middle, low = a_chain(3)
    for group in (top, middle, low):
        chart.put(group)
    assert found(replace(top, parent=low.id), chart) == [("stands-under-itself", "parent")]
    assert found(replace(top, parent=top.id), chart) == [("stands-under-itself", "parent")]
    assert found(replace(low, parent=top.id), chart) == []


def test_a_cost_centre_cannot_stand_under_one_of_its_own() -> None:
    chart = a_chart()
    kothrud = replace(a_centre("Kothrud"), parent=centre_id("Pune"))
    chart.put(kothrud)
    assert found(replace(a_centre("Pune"), parent=kothrud.id), chart) == [("stands-under-itself", "parent")]


def test_an_account_may_be_changed_under_its_own_name() -> None:
    chart = a_chart()
    assert found(replace(chart.accounts[RENT], name="RENT", notes="of the shop"), chart) == []
    assert found(replace(chart.accounts[CUSTOMER], retired=True), chart) == []
    assert found(replace(chart.accounts[CASH], name="Till"), chart) == []
    assert account_id("Rent") == RENT


@pytest.mark.parametrize("code", with_parts(0))
def test_a_master_has_no_more_parts_than_its_bound(code: str) -> None:
    assert found(with_parts(0)[code][0]) == []
    master, place = with_parts(1)[code]
    assert found(master) == [(code, place)]


def test_the_parts_of_a_master_with_too_many_are_not_looked_at() -> None:
    aliases = ("",) * 85_000
    assert found(replace(an_account("Light"), aliases=aliases)) == [("too-many-aliases", "aliases")]


@pytest.mark.parametrize(
    ("changed", "problems"),
    [
        ({}, []),
        ({"currency": "JPY", "exponent": 0}, []),
        ({"exponent": 4}, []),
        ({"exponent": 5}, [("bad-exponent", "exponent")]),
        ({"exponent": -1}, [("bad-exponent", "exponent")]),
        ({"currency": "rupee"}, [("bad-currency", "currency")]),
        ({"year_start_month": 2, "year_start_day": 31}, [("bad-year-start", "year_start")]),
        ({"year_start_month": 10**15}, [("bad-year-start", "year_start")]),
        ({"books_begin": date(9999, 12, 31)}, [("day-out-of-range", "books_begin")]),
        ({"address": ("Main Road",) * ADDRESS_LINES_MAX}, []),
        ({"address": ("Main Road",) * (ADDRESS_LINES_MAX + 1)}, [("too-many-address-lines", "address")]),
        (
            {"tax_identities": (TaxIdentity("VAT", "1"),) * (TAX_IDENTITIES_MAX + 1)},
            [("too-many-tax-identities", "tax_identities")],
        ),
        ({"country": "x" * 501}, [("text-too-long", "country")]),
    ],
)
def test_a_company_is_kept_in_what_books_can_be_kept_in(
    changed: dict[str, object], problems: list[tuple[str, str]]
) -> None:
    company = replace(a_company(), **changed)
    assert [(problem.code, problem.place) for problem in problems_in_company(company)] == problems
