"""Amounts typed as sums (`1200*1.18`), worked exactly and rounded once, half to even, at the end.

A parser of our own over exact fractions: `eval` would run whatever is pasted, and a float would be wrong in
the last paisa. The sum `12,34,567.50 + 18%` adds 18 % of what stands before it, as a desk calculator does.
"""

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction

from ledgerflow_core.errors import refuse
from ledgerflow_core.money.amount import MINOR_MAX, divide_half_even

# Longer sums belong in a spreadsheet; the limits also keep a pasted page from costing time.
TEXT_LENGTH_MAX = 200
_DEPTH_MAX = 20

_TOKEN = re.compile(r"\s*(?:(?P<number>[0-9][0-9,]*(?:\.[0-9]*)?|\.[0-9]+)|(?P<sign>[-+*/()%]))")
_NUMBER_LENGTH_MAX = 30
# Signs as phones, spreadsheets and Arabic keyboards give them. `x` is typed for times.
_WRITTEN_AS = str.maketrans({"×": "*", "x": "*", "X": "*", "÷": "/", "−": "-", "–": "-", "٫": ".", "٬": ",", "،": ","})


@dataclass(frozen=True, slots=True)
class Worked:
    """The result of a sum in minor units; `was_rounded` when the exact value has more decimals than the currency."""

    minor: int
    was_sum: bool
    was_rounded: bool


def work_out(text: str, exponent: int) -> Worked:
    """Return the amount a text means, in minor units of a currency with `exponent` decimals.

    Refuses `amount-not-understood` with the place of the first character that does not fit, counted from 1,
    `division-by-zero` and `amount-too-large`.
    """
    written = _plain_digits(text).translate(_WRITTEN_AS)
    if len(written) > TEXT_LENGTH_MAX:
        raise refuse("amount-not-understood", given=text[:40], at=TEXT_LENGTH_MAX)
    reading = _Reading(text, _tokens(text, written))
    exact = reading.whole()
    scaled = exact * 10**exponent
    minor = divide_half_even(scaled.numerator, scaled.denominator)
    if abs(minor) > MINOR_MAX:
        raise refuse("amount-too-large", given=text[:40])
    return Worked(minor, was_sum=reading.signs_seen > 0, was_rounded=scaled.denominator != 1)


def work_out_decimal(text: str, decimals_max: int) -> str:
    """Return a sum, such as a rate, as plain decimal text, rounded half to even to `decimals_max` decimals."""
    worked = work_out(text, decimals_max)
    digits = str(abs(worked.minor)).zfill(decimals_max + 1)
    whole, decimals = digits[: len(digits) - decimals_max], digits[len(digits) - decimals_max :].rstrip("0")
    return ("-" if worked.minor < 0 else "") + whole + (f".{decimals}" if decimals else "")


def _plain_digits(text: str) -> str:
    """Return the text with the digits of every script as 0-9."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(c)) if unicodedata.decimal(c, None) is not None else c for c in text)


def _tokens(given: str, written: str) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    at, end = 0, len(written.rstrip())
    while at < end:
        match = _TOKEN.match(written, at)
        if match is None or len(match.group().strip()) > _NUMBER_LENGTH_MAX:
            blanks = len(written[at:]) - len(written[at:].lstrip())
            raise refuse("amount-not-understood", given=given[:40], at=at + blanks + 1)
        found.append((match.group().strip(), match.end()))
        at = match.end()
    return found


class _Reading:
    """One pass over the tokens, by recursive descent."""

    def __init__(self, text: str, tokens: list[tuple[str, int]]) -> None:
        self._text = text
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self.signs_seen = 0

    def whole(self) -> Fraction:
        value = self._sum()
        if self._at < len(self._tokens):
            raise self._refusal()
        return value

    def _sum(self) -> Fraction:
        value = self._product()[0]
        while self._next_is("+", "-"):
            sign = -1 if self._take() == "-" else 1
            term, is_percentage = self._product()
            value += sign * (value * term if is_percentage else term)
        return value

    def _product(self) -> tuple[Fraction, bool]:
        value, is_percentage = self._signed()
        while self._next_is("*", "/"):
            if self._take() == "*":
                value *= self._signed()[0]
            else:
                divisor = self._signed()[0]
                if divisor == 0:
                    raise refuse("division-by-zero", given=self._text[:40])
                value /= divisor
            is_percentage = False
        return value, is_percentage

    def _signed(self) -> tuple[Fraction, bool]:
        if self._next_is("-", "+"):
            sign = -1 if self._take() == "-" else 1
            self.signs_seen -= 1  # a leading minus alone makes no sum
            value, is_percentage = self._single()
            return sign * value, is_percentage
        return self._single()

    def _single(self) -> tuple[Fraction, bool]:
        if self._next_is("("):
            self._take()
            self._depth += 1
            if self._depth > _DEPTH_MAX:
                raise self._refusal()
            value = self._sum()
            self._depth -= 1
            if not self._next_is(")"):
                raise self._refusal()
            self._take()
        elif self._at < len(self._tokens) and self._tokens[self._at][0][0] in "0123456789.":
            value = Fraction(self._tokens[self._at][0].replace(",", "").rstrip("."))
            self._at += 1
        else:
            raise self._refusal()
        if self._next_is("%"):
            self._take()
            return value / 100, True
        return value, False

    def _next_is(self, *signs: str) -> bool:
        return self._at < len(self._tokens) and self._tokens[self._at][0] in signs

    def _take(self) -> str:
        taken = self._tokens[self._at][0]
        self._at += 1
        self.signs_seen += 1
        return taken

    def _refusal(self) -> Exception:
        at = self._tokens[self._at][1] if self._at < len(self._tokens) else len(self._text.rstrip()) + 1
        return refuse("amount-not-understood", given=self._text[:40], at=at)
