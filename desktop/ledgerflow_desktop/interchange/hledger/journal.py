"""The lines of a plain hledger journal, one transaction at a time, in memory bounded by the largest of them.

Understood: transactions with dates, status, code, description, comments and tags; postings with an account
and an amount in one currency, with a price (``@``, ``@@``) or none, one of them without amount; ``account``
with a ``type:`` tag; ``commodity`` and ``decimal-mark`` that agree with a decimal point; ``payee`` and
``tag``; comments. Everything else is refused as `hledger-not-understood` with its line, because leaving it
out could change a balance.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from ledgerflow_core.errors import InvalidInput, refuse
from ledgerflow_desktop.interchange.lines import blocks_of_lines, line_place

_HEAD = re.compile(
    r"(?P<date>[0-9]{4}([-/.])[0-9]{1,2}\2[0-9]{1,2})(?P<second>=\S+)?"
    r"(?:[ \t]+[*!])?(?:[ \t]+\((?P<code>[^)]*)\))?(?:[ \t]+(?P<description>[^;]*))?(?:;(?P<comment>.*))?",
    re.ASCII,
)
_AFTER_ACCOUNT = re.compile(r" {2,}|[ ]?\t")
_SYMBOL = r"[A-Z]{3}|[€₹£$]"
_NUMBER = r"[0-9]{1,20}(?:\.[0-9]{0,12})?|[0-9]{1,3}(?:,[0-9]{2,3}){1,8}\.[0-9]{0,12}"
_ONE_AMOUNT = (
    rf"(?P<sign{{n}}>[-+]?)(?:(?P<before{{n}}>{_SYMBOL})[ \t]*(?P<inner{{n}}>[-+]?)[ \t]*)?"
    rf"(?P<number{{n}}>{_NUMBER})(?:[ \t]*(?P<after{{n}}>{_SYMBOL}))?"
)
_AMOUNT = re.compile(
    _ONE_AMOUNT.replace("{n}", "") + r"(?:[ \t]*(?P<at>@@?)[ \t]*" + _ONE_AMOUNT.replace("{n}", "_price") + r")?[ \t]*",
    re.ASCII,
)
_TAG = re.compile(r"(?:^|[\s,])([A-Za-z][\w-]*):[ \t]*([^,]*)")
_CODE_BY_SYMBOL = {"€": "EUR", "₹": "INR", "£": "GBP", "$": "USD"}

# Directives that say nothing a balance depends on.
_PASSED_OVER = ("payee ", "tag ", "decimal-mark .")
_COMMENTS = (";", "#", "*")


class Amount(NamedTuple):
    """A number of some currency; the currency is empty where the journal names none."""

    number: Fraction
    currency: str


class Posting(NamedTuple):
    """One posting, debit positive. `amount` is None where it was left out; `price` is for all of it, never negative."""

    account: str
    amount: Amount | None
    price: Amount | None
    comment: str
    line: int


@dataclass(slots=True)
class JournalTransaction:
    """A transaction as written; `tags` are those of its own comments, not of its postings'."""

    line: int
    date: str
    code: str
    description: str
    comments: list[str] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
    postings: list[Posting] = field(default_factory=list)

    def remark(self, text: str) -> None:
        """Take a comment in: its tags, or else its words."""
        found = {name: value.strip() for name, value in _TAG.findall(text)}
        self.tags |= found
        if not found and text.strip():
            self.comments.append(text.strip())


@dataclass(slots=True)
class AccountDirective:
    """An account as declared; `type` is a letter or word of hledger's, or empty."""

    line: int
    name: str
    type: str = ""


Item = JournalTransaction | AccountDirective


def items(path: Path, progress: Callable[[int], None] | None = None) -> Iterator[Item]:
    """Yield transactions and account directives in the journal's order. Raises `InvalidInput` with the line."""
    current: Item | None = None
    is_comment_block = False
    for number, line in _lines(path, progress):
        try:
            if is_comment_block:
                is_comment_block = line.strip() != "end comment"
            elif not line.strip() or line[0] not in " \t":
                if current is not None:
                    yield current
                current = None
                is_comment_block = line.strip() == "comment"
                if line.strip() and not is_comment_block and not line.startswith(_COMMENTS):
                    current = _begin(line, number)
            else:
                _go_on(current, line, number)
        except InvalidInput as error:
            raise InvalidInput([problem.at(line_place(path, number)) for problem in error.problems]) from None
    if current is not None:
        yield current


def _lines(path: Path, progress: Callable[[int], None] | None) -> Iterator[tuple[int, str]]:
    for first, block in blocks_of_lines(path, progress):
        for at, line in enumerate(block.split(b"\n"), first):
            try:
                yield at, line.decode()
            except UnicodeDecodeError:
                raise refuse("bad-utf-8", line_place(path, at)) from None


def _begin(line: str, number: int) -> Item | None:
    """Return what an unindented line begins; None for a directive that goes on in no way that matters."""
    if line[0].isdigit():
        head = _HEAD.fullmatch(line)
        if head is None or head["second"]:
            raise _not_understood(line)
        year, month, day = re.split("[-/.]", head["date"])
        found = JournalTransaction(
            line=number,
            date=f"{year}-{month:0>2}-{day:0>2}",
            code=(head["code"] or "").strip(),
            description=(head["description"] or "").strip(),
        )
        found.remark(head["comment"] or "")
        return found
    if line.startswith("account "):
        name, _, comment = line.removeprefix("account ").partition("  ;")
        return AccountDirective(number, name.strip(), _type(comment))
    if line.startswith("commodity "):
        _check_format(line.removeprefix("commodity "))
        return None
    if line.startswith(_PASSED_OVER):
        return None
    raise _not_understood(line)


def _go_on(current: Item | None, line: str, number: int) -> None:
    """Take in an indented line."""
    text = line.strip()
    match current:
        case JournalTransaction():
            if text.startswith(";"):
                if current.postings:
                    last = current.postings[-1]
                    current.postings[-1] = last._replace(comment=f"{last.comment} {text[1:].strip()}".strip())
                else:
                    current.remark(text[1:])
            else:
                current.postings.append(_posting(line, number))
        case AccountDirective():
            if not text.startswith(";"):
                raise _not_understood(line)
            current.type = current.type or _type(text[1:])
        case None:
            if text.startswith("format "):
                _check_format(text.removeprefix("format "))
            elif not text.startswith(_COMMENTS):
                raise _not_understood(line)


def _posting(line: str, number: int) -> Posting:
    """Return a posting: an account, and after two blanks or a tab an amount or a comment."""
    text = line.strip()
    if text[0] in "*!":
        text = text[1:].lstrip()
    account, *rest = _AFTER_ACCOUNT.split(text, maxsplit=1)
    # In brackets it would not have to balance; a semicolon in a name is more likely a comment gone wrong.
    if not account or account[0] in "([" or ";" in account:
        raise _not_understood(line)
    written, _, comment = (rest[0].strip() if rest else "").partition(";")
    amount, price = _amount(written.strip()) if written.strip() else (None, None)
    return Posting(account, amount, price, comment.strip(), number)


def _amount(text: str) -> tuple[Amount, Amount | None]:
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise _not_understood(text)
    amount = _one(found, "")
    if not found["at"]:
        return amount, None
    price = _one(found, "_price")
    if price.number < 0:
        raise _not_understood(text)
    total = price.number if found["at"] == "@@" else abs(amount.number) * price.number
    return amount, Amount(total, price.currency)


def _one(found: re.Match[str], which: str) -> Amount:
    before, after = found[f"before{which}"], found[f"after{which}"]
    signs = (found[f"sign{which}"] or "") + (found[f"inner{which}"] or "")
    if (before and after) or len(signs) > 1:
        raise _not_understood(found[0])
    number = Fraction(found[f"number{which}"].replace(",", ""))
    symbol = before or after or ""
    return Amount(-number if signs == "-" else number, _CODE_BY_SYMBOL.get(symbol, symbol))


def _check_format(text: str) -> None:
    """Refuse a format whose decimal mark is not a point: then every amount would mean something else."""
    numbers = re.findall(r"[0-9][0-9.,]*", text)
    if any("," in number.rpartition(".")[2] for number in numbers) or any(
        number.count(",") and "." not in number for number in numbers
    ):
        raise _not_understood(text)


def _type(comment: str) -> str:
    return next((value.strip() for name, value in _TAG.findall(comment) if name == "type"), "")


def _not_understood(text: str) -> InvalidInput:
    return refuse("hledger-not-understood", given=text.strip()[:60])
