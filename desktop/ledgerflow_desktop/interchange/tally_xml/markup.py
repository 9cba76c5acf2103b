"""Lines of Tally's XML: fields, lists, amounts and dates as Tally writes them."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from xml.sax.saxutils import escape

_NOT_ALLOWED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Line ends are written as references, so that no program on the way joins or doubles them.
_LINE_ENDS = {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def text_xml(text: str) -> str:
    """Return text for an element or a quoted attribute; characters XML cannot hold are left out."""
    if text.isalnum():
        return text
    return escape(_NOT_ALLOWED.sub("", text), {'"': "&quot;", **_LINE_ENDS})


def field(name: str, text: str) -> str:
    """Return one field, or nothing at all for an empty text."""
    return f"<{name}>{text_xml(text)}</{name}>" if text else ""


def flag(name: str, *, is_set: bool) -> str:
    """Return a yes-or-no field."""
    return f"<{name}>{'Yes' if is_set else 'No'}</{name}>"


def element(name: str, lines: Iterable[str], attributes: str = "") -> Iterator[str]:
    """Yield an element around the lines that say something; its name may bring attributes along."""
    yield f"<{name}{attributes}>"
    for line in lines:
        if line:
            yield f" {line}"
    yield f"</{name}>"


def turned(amount: str) -> str:
    """Return a debit-positive amount with Tally's sign, in which debit is negative."""
    if amount.startswith("-"):
        return amount[1:]
    return f"-{amount}" if amount.strip("0.") else amount


def exchanged(base: str, base_symbol: str, *, foreign: str, symbol: str, rate: str) -> str:
    """Return ``-$ 100.00 @ ₹ 83.20/$  = -₹ 8320.00``, both amounts debit positive as given."""
    return f"{_signed(foreign, symbol)} @ {base_symbol} {rate}/{symbol}  = {_signed(base, base_symbol)}"


def _signed(amount: str, symbol: str) -> str:
    written = turned(amount)
    return f"-{symbol} {written[1:]}" if written.startswith("-") else f"{symbol} {written}"


def date_xml(iso: str) -> str:
    """Return ``20240401``; empty for no date."""
    return iso.replace("-", "")


def due_xml(iso: str) -> str:
    """Return ``1-Apr-2024``, the form of a credit period that is a date; empty for no date."""
    if not iso:
        return ""
    day = date.fromisoformat(iso)
    return f"{day.day}-{_MONTHS[day.month - 1]}-{day.year}"
