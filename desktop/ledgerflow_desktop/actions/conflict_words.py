"""What a list of conflicts and the two versions of one say, in words: the same on screen and terminal."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ledgerflow_core.masters.chart import Chart
from ledgerflow_core.masters.company import Company
from ledgerflow_core.money.amount import grouped_text
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState
from ledgerflow_desktop.actions.conflict_list import Listed
from ledgerflow_desktop.actions.conflicts import EffectLine, Sides
from ledgerflow_desktop.phrases.parked import reason_text
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.printing.report_words import short_date
from ledgerflow_desktop.storage.offices import Office

_KINDS = {
    "voucher.posted": "New voucher",
    "voucher.altered": "Change",
    "voucher.cancelled": "Cancellation",
    "master.created": "New master",
    "master.changed": "Change of a master",
    "master.retired": "Retired master",
    "master.merged": "Merged masters",
    "company.changed": "Company details",
    "period.locked": "Lock",
    "period.unlocked": "Unlock",
    "conflict.resolved": "Decision",
}
_STATES = {
    VoucherState.REGULAR: "Regular",
    VoucherState.OPTIONAL: "Optional",
    VoucherState.POST_DATED: "Post-dated",
    VoucherState.CANCELLED: "Cancelled",
}
# Fields of a voucher that have a line of their own, or that the accounts below say.
_SAID = re.compile(
    r"(date|type|number|party|reference|reference_date|narration|state|entries\[\d+\]\.(account|amount))"
)
# Amounts of bills and cost centres; those in other currencies have decimals of their own.
_OWN_AMOUNT = re.compile(r"(bills|costs)\[\d+\]\.amount$")
_PLACE = re.compile(r"([a-z_]+)(?:\[(\d+)\])?")
_PLACES = {"entries": "line", "bills": "bill", "costs": "cost"}


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field of both versions; empty text where a version has none."""

    name: str
    stands: str
    parked: str

    @property
    def differs(self) -> bool:
        """Whether the two say different things."""
        return self.stands != self.parked


@dataclass(frozen=True, slots=True)
class MoneyLine:
    """What one account gets from either version, and what would change if the parked one were applied."""

    account: str
    stands: str
    parked: str
    difference: str


class Money:
    """Amounts of a company as people read them."""

    def __init__(self, company: Company) -> None:
        self._exponent, self._indian = company.exponent, company.groups_digits_indian

    def plain(self, minor: int) -> str:
        """Return an amount without a side."""
        return grouped_text(abs(minor), self._exponent, indian=self._indian)

    def sided(self, minor: int) -> str:
        """Return an amount with Dr or Cr; a dash for nothing."""
        return f"{self.plain(minor)} {'Dr' if minor > 0 else 'Cr'}" if minor else "–"


def kind_words(kind: str) -> str:
    """Return what an event is, such as ``Change``."""
    return _KINDS.get(kind, kind)


def who_words(office: Office) -> str:
    """Return who wrote an event, with the tag of the office's number series."""
    name = visible(office.user_name) or "?"
    return f"{name} ({visible(office.tag)})" if office.tag else name


def where_words(office: Office) -> str:
    """Return who wrote an event and on which machine, with what the list of offices calls it by."""
    return f"{visible(office.who) or '?'} ({visible(office.handle)})"


def headline(one: Listed) -> str:
    """Return what a conflict is about, on one line."""
    parts = (kind_words(one.kind), visible(one.subject))
    return ": ".join(part for part in parts if part)


def about(one: Listed, money: Money) -> str:
    """Return day, party and amount of the voucher a conflict is about."""
    parts = (
        "" if one.day is None else short_date(one.day),
        visible(one.party),
        "" if one.amount is None else money.plain(one.amount),
    )
    return "  ·  ".join(part for part in parts if part)


def why(one: Listed) -> str:
    """Return why it is parked, as a sentence."""
    return reason_text(one.reason) + "."


def field_lines(sides: Sides, chart: Chart, money: Money) -> list[FieldLine]:
    """Return both versions field by field: of a voucher all that people read, of anything else what differs."""
    is_voucher = sides.stands is not None or sides.parked is not None
    lines = [FieldLine(*line) for line in _of_vouchers(sides, chart)]
    for change in sides.fields:
        if not is_voucher or not _SAID.fullmatch(change.field):
            before, after = (_value(change.field, text or "", money) for text in (change.before, change.after))
            lines.append(FieldLine(place_words(change.field), before, after))
    return lines


def money_lines(effects: Sequence[EffectLine], money: Money, *, tax: bool) -> list[MoneyLine]:
    """Return what either version does to each tax account, or to each other account."""
    return [
        MoneyLine(
            visible(line.account), money.sided(line.stands), money.sided(line.parked), money.sided(line.difference)
        )
        for line in effects
        if line.is_tax is tax
    ]


def place_words(field: str) -> str:
    """Return the name of a field as people say it: ``entries[0].bills[1].name`` is ``Line 1, bill 2, name``."""
    said = []
    for part in field.split("."):
        found = _PLACE.fullmatch(part)
        name, index = (found[1], found[2]) if found else (part, None)
        words = _PLACES.get(name, name).replace("_", " ")
        said.append(words if index is None else f"{words} {int(index) + 1}")
    if len(said) > 1 and said[-1] == "amount":
        said.pop()
    text = ", ".join(said)
    return text[:1].upper() + text[1:]


def _value(field: str, text: str, money: Money) -> str:
    """Return a text of the model as people read it: amounts in the books' currency with their side."""
    if text and _OWN_AMOUNT.search(field):
        return money.sided(int(text.replace(".", "")))
    return visible(text)


def _of_vouchers(sides: Sides, chart: Chart) -> Iterator[tuple[str, str, str]]:
    one, other = sides.stands, sides.parked
    if one is None and other is None:
        return
    yield "Voucher", _type(one, chart), _type(other, chart)
    yield "Number", *_texts(one, other, "number")
    yield "Date", _day(one.date if one else None), _day(other.date if other else None)
    yield "Party", _name(one, chart), _name(other, chart)
    yield "State", _state(one), _state(other)
    for name, field in (("Reference", "reference"), ("Narration", "narration")):
        texts = _texts(one, other, field)
        if any(texts):
            yield name, *texts
    dates = [None if each is None else each.reference_date for each in (one, other)]
    if any(dates):
        yield "Reference date", _day(dates[0]), _day(dates[1])


def _texts(one: Voucher | None, other: Voucher | None, field: str) -> tuple[str, str]:
    first, second = ("" if each is None else visible(str(getattr(each, field))) for each in (one, other))
    return first, second


def _type(voucher: Voucher | None, chart: Chart) -> str:
    kind = None if voucher is None else chart.voucher_types.get(voucher.type)
    return "" if kind is None else visible(kind.name)


def _state(voucher: Voucher | None) -> str:
    return "" if voucher is None else _STATES[voucher.state]


def _name(voucher: Voucher | None, chart: Chart) -> str:
    found = None if voucher is None else chart.masters.get(voucher.party or "")
    return "" if found is None else visible(found.name)


def _day(day: date | None) -> str:
    return short_date(day) if day else ""
