"""The chart: found by name whatever its case, behaviour from the reserved group above, renames without a trace."""

from msgspec.structs import replace

from builders import BANK, CUSTOMER, RENT, SALES, SUPPLIER, a_centre, a_chart, a_group, account_id, an_account
from ledgerflow_core.masters.account import CASH
from ledgerflow_core.masters.chart import Chart, predefined_chart
from ledgerflow_core.masters.group import Nature, group_id

DEBTORS, CREDITORS = group_id("sundry-debtors"), group_id("sundry-creditors")


def test_a_name_is_found_whatever_its_case_and_blanks() -> None:
    chart = a_chart()
    chart.put(replace(an_account("Straße 5"), aliases=("Short  Name",)))
    for given in ("straße 5", "STRASSE 5", " Straße   5 ", "short name"):
        found = chart.account_named(given)
        assert found is not None, given
        assert found.id == account_id("Straße 5")
    assert chart.account_named("Straße") is None
    assert chart.voucher_type_named("CREDIT note") is not None
    assert chart.cost_centre_named("pune") is not None
    assert chart.cost_category_named("primary cost category") is not None
    assert chart.currency("USD") is None


def test_the_nearest_predefined_group_above_decides_what_an_account_is() -> None:
    chart = a_chart()
    north = a_group("North", DEBTORS)
    far = a_group("Far North", north.id)
    chart.put(north)
    chart.put(far)
    chart.put(replace(an_account("Nila Traders"), group=far.id))
    nila = account_id("Nila Traders")
    assert chart.reserved_of(far.id).reserved == "sundry-debtors"
    assert chart.nature_of(nila) is Nature.ASSET
    assert chart.is_party(nila)
    assert not chart.is_cash_or_bank(nila)
    assert chart.path_of(nila) == ["Current Assets", "Sundry Debtors", "North", "Far North"]
    assert [chart.nature_of(account) for account in (SUPPLIER, SALES, RENT)] == [
        Nature.LIABILITY,
        Nature.INCOME,
        Nature.EXPENSE,
    ]


def test_cash_bank_and_overdraft_are_what_a_contra_moves_between() -> None:
    chart = a_chart()
    chart.put(an_account("Overdraft", "bank-od"))
    assert all(chart.is_cash_or_bank(account) for account in (CASH, BANK, account_id("Overdraft")))
    assert not chart.is_cash_or_bank(CUSTOMER)
    assert [chart.is_party(account) for account in (CUSTOMER, SUPPLIER, BANK)] == [True, True, False]


def test_a_renamed_group_keeps_its_behaviour_and_loses_its_old_name() -> None:
    chart = a_chart()
    debtors = chart.groups[DEBTORS]
    chart.put(replace(debtors, name="Customers"))
    assert chart.group_named("Sundry Debtors") is None
    assert chart.group_named("customers") == replace(debtors, name="Customers")
    assert chart.is_party(CUSTOMER)
    assert chart.path_of(CUSTOMER) == ["Current Assets", "Customers"]


def test_a_name_given_up_may_be_taken_by_another() -> None:
    chart = a_chart()
    chart.put(replace(chart.accounts[RENT], name="Rent of Shop"))
    chart.put(replace(an_account("Rent of Godown"), name="Rent"))
    found = chart.account_named("rent")
    assert found is not None
    assert found.id == account_id("Rent of Godown")


def test_two_groups_of_one_name_are_told_apart_by_what_is_above_them() -> None:
    chart = predefined_chart()
    customers, suppliers = a_group("North", DEBTORS), a_group("North", CREDITORS)
    chart.put(customers)
    chart.put(suppliers)
    assert chart.group_under(DEBTORS, "north") == customers
    assert chart.group_under(CREDITORS, "north") == suppliers
    assert chart.group_under(group_id("capital"), "north") is None
    assert not chart.name_taken(a_group("North", group_id("capital")))
    assert chart.name_taken(replace(a_group("Other", CREDITORS), name="NORTH"))


def test_when_the_first_of_two_namesakes_is_renamed_the_other_is_still_found() -> None:
    chart = predefined_chart()
    customers, suppliers = a_group("North", DEBTORS), a_group("North", CREDITORS)
    chart.put(customers)
    chart.put(suppliers)
    chart.put(replace(customers, name="Northern Customers"))
    assert chart.group_under(CREDITORS, "North") == suppliers
    assert chart.group_named("North") == suppliers
    assert chart.name_taken(replace(a_group("Another", CREDITORS), name="North"))


def test_an_alias_taken_away_is_free_again() -> None:
    chart = a_chart()
    rent = chart.accounts[RENT]
    chart.put(replace(rent, aliases=("R",)))
    assert chart.name_taken(an_account("r"))
    chart.put(rent)
    assert not chart.name_taken(an_account("r"))


def test_groups_stand_in_tallys_order_and_own_ones_after_by_name() -> None:
    chart = predefined_chart()
    for name in ("zeta", "Alpha", "beta"):
        chart.put(a_group(name, group_id("current-liabilities")))
    found = [chart.groups[group].name for group in chart.subgroups(group_id("current-liabilities"))]
    assert found == ["Duties & Taxes", "Provisions", "Sundry Creditors", "Alpha", "beta", "zeta"]
    assert len(chart.subgroups(None)) == 15
    chart.put(a_group("Aardvark", group_id("current-liabilities")))
    assert chart.groups[chart.subgroups(group_id("current-liabilities"))[3]].name == "Aardvark"


def test_a_chart_of_the_same_masters_is_the_same_chart() -> None:
    chart = a_chart()
    chart.put(a_centre("Nagpur"))
    again = Chart(chart.masters.values())
    assert again.masters == chart.masters
    assert list(again.masters) == list(chart.masters)
    assert again.account_named("ravi stores") == chart.account_named("ravi stores")
