"""Two masters that become one: what moves, what stays findable, and which may not."""

from datetime import date

import pytest
from msgspec.structs import replace

from builders import BANK, CUSTOMER, PURCHASES, RENT, SALES, SUPPLIER, a_centre, a_chart, an_account
from ledgerflow_core.errors import Damaged
from ledgerflow_core.masters.account import CASH, OPENING_BILLS_MAX, Account, OpeningBill
from ledgerflow_core.masters.chart import Chart
from ledgerflow_core.masters.validation import problems_in_master
from ledgerflow_core.money.amount import MINOR_MAX

RAVI, RAVI_AGAIN, RAVI_ONCE_MORE = (
    an_account(name, "sundry-debtors", opening=opening)
    for name, opening in (("Ravi & Co", 700), ("Ravi and Co", -200), ("Ravi Co", 50))
)


def chart_with(*masters: Account) -> Chart:
    chart = a_chart()
    for master in masters:
        chart.put(master)
    return chart


def codes(chart: Chart, merged: str, into: str) -> list[tuple[str, str]]:
    return [(problem.code, problem.place) for problem in chart.problems_of_merge(merged, into)]


def test_a_merged_account_gives_its_opening_balance_and_is_offered_no_more() -> None:
    bills = tuple(
        OpeningBill(name=f"b{at}", date=date(2026, 3, 1), amount=amount) for at, amount in ((1, 700), (2, -200))
    )
    chart = chart_with(replace(RAVI, opening_bills=bills[:1]), replace(RAVI_AGAIN, opening_bills=bills[1:]))
    assert codes(chart, RAVI_AGAIN.id, RAVI.id) == []
    chart.merge(RAVI_AGAIN.id, RAVI.id)
    kept, gone = chart.accounts[RAVI.id], chart.accounts[RAVI_AGAIN.id]
    assert (kept.opening, kept.opening_bills, kept.retired) == (500, bills, False)
    assert (gone.opening, gone.opening_bills, gone.retired, gone.merged_into) == (0, (), True, RAVI.id)
    assert gone.name == "Ravi and Co"


def test_the_sum_of_all_opening_balances_stays() -> None:
    chart = chart_with(RAVI, RAVI_AGAIN, RAVI_ONCE_MORE)
    before = sum(account.opening for account in chart.accounts.values())
    chart.merge(RAVI.id, RAVI_AGAIN.id)
    chart.merge(RAVI_AGAIN.id, RAVI_ONCE_MORE.id)
    assert sum(account.opening for account in chart.accounts.values()) == before
    assert chart.accounts[RAVI_ONCE_MORE.id].opening == 550


@pytest.mark.parametrize("last_first", [False, True])
def test_a_merge_into_one_that_was_merged_leads_to_the_end(last_first: bool) -> None:
    chart = chart_with(RAVI, RAVI_AGAIN, RAVI_ONCE_MORE)
    chart.merge(RAVI.id, RAVI_AGAIN.id)
    chart.merge(RAVI_AGAIN.id, RAVI_ONCE_MORE.id)
    loaded = Chart(reversed(chart.masters.values()) if last_first else chart.masters.values())
    for each in (chart, loaded, chart.copied()):
        assert [each.counted_on(account.id) for account in (RAVI, RAVI_AGAIN, RAVI_ONCE_MORE)] == [
            RAVI_ONCE_MORE.id
        ] * 3
    assert chart.counted_on(RENT) == RENT


def test_the_old_name_finds_what_it_became_and_is_free_for_it_alone() -> None:
    chart = chart_with(RAVI, RAVI_AGAIN)
    chart.merge(RAVI_AGAIN.id, RAVI.id)
    found = chart.account_named("ravi  AND co")
    assert found is not None and found.id == RAVI.id
    assert not chart.name_taken(replace(chart.accounts[RAVI.id], name="Ravi and Co"))
    assert chart.name_taken(replace(RAVI_ONCE_MORE, name="Ravi and Co"))


def test_a_copy_of_a_chart_changes_by_itself() -> None:
    chart = chart_with(RAVI, RAVI_AGAIN)
    copy = chart.copied()
    copy.merge(RAVI_AGAIN.id, RAVI.id)
    copy.retire(RENT)
    assert (chart.merged, chart.accounts[RENT].retired) == ({}, False)
    assert copy.accounts[RENT].retired


@pytest.mark.parametrize(
    ("merged", "into", "code", "place"),
    [
        ("no such id", CUSTOMER, "unknown-master", "merged"),
        (CUSTOMER, "no such id", "unknown-master", "into"),
        (CUSTOMER, CUSTOMER, "merges-into-itself", "into"),
        (CUSTOMER, SUPPLIER, "merges-unlike", "into"),
        (SALES, PURCHASES, "merges-unlike", "into"),
        (CUSTOMER, a_centre().id, "merges-unlike", "into"),
        (a_chart().accounts[RENT].group, a_chart().accounts[RENT].group, "merges-into-itself", "into"),
        (a_chart().accounts[RENT].group, a_chart().accounts[BANK].group, "merges-unlike", "into"),
    ],
)
def test_only_what_is_alike_may_become_one(merged: str, into: str, code: str, place: str) -> None:
    assert codes(a_chart(), merged, into) == [(code, place)]


@pytest.mark.parametrize("changed", [{"currency": "USD"}, {"bill_by_bill": True}])
def test_accounts_kept_in_another_way_stay_apart(changed: dict[str, object]) -> None:
    chart = chart_with(RAVI, replace(RAVI_AGAIN, **changed))
    assert codes(chart, RAVI_AGAIN.id, RAVI.id) == [("merges-unlike", "into")]


def test_a_predefined_account_is_neither_merged_nor_merged_into() -> None:
    chart = chart_with(an_account("Till", "cash-in-hand"))
    till = an_account("Till").id
    assert codes(chart, CASH, till) == [("reserved-name-is-fixed", "merged")]
    assert codes(chart, till, CASH) == [("reserved-name-is-fixed", "into")]


def test_nothing_is_merged_twice_nor_into_what_is_retired() -> None:
    chart = chart_with(RAVI, RAVI_AGAIN, RAVI_ONCE_MORE)
    chart.merge(RAVI_AGAIN.id, RAVI.id)
    assert codes(chart, RAVI_AGAIN.id, RAVI_ONCE_MORE.id) == [("master-merged", "merged")]
    assert codes(chart, RAVI_ONCE_MORE.id, RAVI_AGAIN.id) == [("master-merged", "into")]
    chart.retire(RAVI.id)
    assert codes(chart, RAVI_ONCE_MORE.id, RAVI.id) == [("master-retired", "into")]
    assert codes(chart, RAVI.id, RAVI_ONCE_MORE.id) == []


def test_what_would_not_be_a_right_account_is_refused() -> None:
    large = replace(RAVI, opening=MINOR_MAX)
    assert codes(chart_with(large, replace(RAVI_AGAIN, opening=1)), RAVI_AGAIN.id, RAVI.id) == [
        ("amount-too-large", "opening")
    ]
    billed = replace(RAVI, opening_bills=(OpeningBill(name="b", date=date(2026, 3, 1), amount=700),))
    assert codes(chart_with(billed, RAVI_AGAIN), RAVI_AGAIN.id, RAVI.id) == [("bills-do-not-add-up", "opening_bills")]


def test_accounts_that_would_have_too_many_opening_bills_together_stay_two() -> None:
    def billed(account: Account, count: int) -> Account:
        bills = tuple(OpeningBill(name=str(at), date=date(2026, 3, 1), amount=1) for at in range(count))
        return replace(account, opening=count, opening_bills=bills)

    full = billed(RAVI, OPENING_BILLS_MAX - 1)
    assert codes(chart_with(full, billed(RAVI_AGAIN, 1)), RAVI_AGAIN.id, RAVI.id) == []
    assert codes(chart_with(full, billed(RAVI_AGAIN, 2)), RAVI_AGAIN.id, RAVI.id) == [
        ("too-many-opening-bills", "opening_bills")
    ]


def test_cost_centres_of_one_category_merge_unless_others_stand_under_them() -> None:
    pune, camp, market = a_centre(), a_centre("Camp"), replace(a_centre("Market"), parent=a_centre("Camp").id)
    chart = a_chart()
    for centre in (pune, camp, market):
        chart.put(centre)
    assert codes(chart, camp.id, pune.id) == [("merges-a-parent", "merged")]
    assert codes(chart, market.id, pune.id) == []
    chart.merge(market.id, pune.id)
    found = chart.cost_centre_named("Market")
    assert found is not None and found.id == pune.id


def test_a_merge_of_unlike_kinds_that_came_all_the_same_is_damage() -> None:
    with pytest.raises(Damaged):
        a_chart().merge(RENT, a_centre().id)


def test_only_a_merge_merges() -> None:
    chart = chart_with(RAVI, RAVI_AGAIN)
    forged = replace(RAVI_ONCE_MORE, merged_into=RAVI.id)
    assert [problem.code for problem in problems_in_master(forged, chart)] == ["master-merged"]
    chart.merge(RAVI_AGAIN.id, RAVI.id)
    revived = replace(chart.accounts[RAVI_AGAIN.id], merged_into=None, opening=1)
    assert [problem.code for problem in problems_in_master(revived, chart)] == ["master-merged"]
