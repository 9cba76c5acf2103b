"""The fields in which two states of a voucher or master differ, in words of the model: names and decimals."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

import msgspec

from ledgerflow_core.errors import InvalidInput
from ledgerflow_core.ledger.entry import ForeignAmount
from ledgerflow_core.masters.chart import Chart
from ledgerflow_core.masters.company import Company
from ledgerflow_core.money.amount import decimal_text
from ledgerflow_core.money.currency import currency

# Fields that hold minor units of the base currency.
_AMOUNTS = frozenset({"amount", "opening", "credit_limit"})


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field, ``entries[0].amount``, and its text before and after; None where it was not there."""

    field: str
    before: str | None
    after: str | None


class Names:
    """What ids are called now, and how many decimals the books have."""

    def __init__(self, chart: Chart, company: Company) -> None:
        self._chart = chart
        self.exponent = company.exponent

    def of(self, value: str) -> str:
        """Return the name of a master's id, any other text as it is."""
        master = self._chart.masters.get(value)
        return value if master is None else master.name


def changes_between(before: object, after: object, names: Names) -> tuple[FieldChange, ...]:
    """Return every field that differs, in the order of the model; fields at their defaults count as not there."""
    one = dict(_fields(before, "", names))
    other = dict(_fields(after, "", names))
    order = [*other, *(field for field in one if field not in other)]
    return tuple(
        FieldChange(field, one.get(field), other.get(field))
        for field in order
        if one.get(field) != other.get(field) and field != "id"
    )


def _fields(value: object, path: str, names: Names) -> Iterator[tuple[str, str]]:
    if value is None or value in ((), "") or value is False:
        return
    if isinstance(value, msgspec.Struct):
        exponent = _exponent(value, names)
        for name in value.__struct_fields__:
            inner = getattr(value, name)
            at = f"{path}.{name}" if path else name
            if name in _AMOUNTS and isinstance(inner, int):
                yield at, decimal_text(inner, exponent)
            else:
                yield from _fields(inner, at, names)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _fields(inner, str(name), names)
    elif isinstance(value, tuple):
        for index, inner in enumerate(value):
            yield from _fields(inner, f"{path}[{index}]", names)
    else:
        yield path, _text(value, names)


def _exponent(value: msgspec.Struct, names: Names) -> int:
    if isinstance(value, ForeignAmount):
        try:
            return currency(value.currency).exponent
        except InvalidInput:
            return 0
    return names.exponent


def _text(value: object, names: Names) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, date):
        return value.isoformat()
    if value is True:
        return "yes"
    return names.of(value) if isinstance(value, str) else str(value)
