"""What the two versions say in words: names of fields, amounts with their side, who and why."""

from dataclasses import replace

import pytest

from builders import a_company
from ledgerflow_core.events.event import CompanyCreated, Event
from ledgerflow_core.identifiers import EventId, ReplicaId, UserId
from ledgerflow_core.masters.chart import predefined_chart
from ledgerflow_desktop.actions import conflict_words
from ledgerflow_desktop.actions.conflict_list import Listed
from ledgerflow_desktop.actions.conflict_words import FieldLine, Money, MoneyLine
from ledgerflow_desktop.actions.conflicts import EffectLine, Sides
from ledgerflow_desktop.phrases.parked import reason_text
from ledgerflow_desktop.storage.field_changes import FieldChange
from ledgerflow_desktop.storage.offices import Office
from ledgerflow_desktop.storage.replica_store import Conflict

MONEY = Money(a_company())
RAVI = Office(ReplicaId("r"), "Ravi", "B")


def listed(**fields: object) -> Listed:
    known: dict[str, object] = {
        "id": EventId("e"), "at": "2026-11-21T10:00:00.000Z", "office": RAVI, "kind": "voucher.altered",
        "subject": "Sales 7", "day": None, "party": "", "amount": None, "reason": "stale-base", "effect": 0,
    }  # fmt: skip
    return Listed(**{**known, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("entries[0].bills[1].name", "Line 1, bill 2, name"),
        ("entries[2].costs[0].amount", "Line 3, cost 1"),
        ("reference_date", "Reference date"),
        ("amount", "Amount"),
    ],
)
def test_a_field_is_called_as_people_count_lines(field: str, words: str) -> None:
    assert conflict_words.place_words(field) == words


def test_amounts_stand_with_their_side_and_a_dash_for_nothing() -> None:
    lines = conflict_words.money_lines(
        [EffectLine("Rent", False, 1_23_456_78, 0), EffectLine("Output CGST", True, 0, -9_00)], MONEY, tax=False
    )
    assert lines == [MoneyLine("Rent", "1,23,456.78 Dr", "–", "1,23,456.78 Cr")]


def test_who_wrote_it_is_named_with_the_number_series_of_the_office() -> None:
    assert conflict_words.who_words(RAVI) == "Ravi (B)"
    assert conflict_words.who_words(Office(RAVI.replica, "", "")) == "?"


def test_where_it_was_written_is_said_as_the_list_of_offices_does() -> None:
    assert conflict_words.where_words(replace(RAVI, device="till-2")) == "Ravi on till-2 (B)"
    assert conflict_words.where_words(Office(ReplicaId("0198c0de-abcdef12"), "", "")) == "? (abcdef12)"


def test_every_kind_and_reason_is_said_in_words() -> None:
    one = listed()
    assert conflict_words.headline(one) == "Change: Sales 7"
    assert conflict_words.why(one) == f"{reason_text('stale-base')}."


def test_only_what_says_something_else_differs() -> None:
    assert FieldLine("Party", "A", "B").differs
    assert not FieldLine("Party", "A", "A").differs


def test_amounts_of_bills_stand_with_their_side_and_other_fields_as_they_are() -> None:
    fields = (
        FieldChange("entries[0].bills[0].amount", "7601.56", "-11402.34"),
        FieldChange("state", "27", "24"),
        FieldChange("entries[0].foreign.amount", None, "12.50"),
    )
    parked = Conflict(an_event(), "stale-base", 7, "")
    sides = Sides(parked, "", None, None, fields, (), None)
    lines = conflict_words.field_lines(sides, predefined_chart(), MONEY)
    assert lines == [
        FieldLine("Line 1, bill 1", "7,601.56 Dr", "11,402.34 Cr"),
        FieldLine("State", "27", "24"),
        FieldLine("Line 1, foreign", "", "12.50"),
    ]


def an_event() -> Event:
    return Event(
        v=1, id=EventId("e"), replica=ReplicaId("r"), seq=1, prev="", at="", user=UserId("u"),
        body=CompanyCreated(company=a_company()),
    )  # fmt: skip
