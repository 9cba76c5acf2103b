"""A problem's code and facts as a sentence for people, with what to do next; the same on screen and terminal."""

import re

from ledgerflow_core.errors import Fact, Problem
from ledgerflow_core.money.amount import grouped_text
from ledgerflow_core.money.currency import Currency
from ledgerflow_desktop.phrases.sentences.company_file import COMPANY_FILE
from ledgerflow_desktop.phrases.sentences.device import DEVICE
from ledgerflow_desktop.phrases.sentences.entry import ENTRY
from ledgerflow_desktop.phrases.sentences.files import FILES
from ledgerflow_desktop.phrases.sentences.reports import REPORTS
from ledgerflow_desktop.phrases.sentences.server import SERVER
from ledgerflow_desktop.phrases.sentences.sync import NO_ANSWER, SYNC
from ledgerflow_desktop.phrases.sentences.verification import VERIFICATION
from ledgerflow_desktop.phrases.visible import visible

SENTENCES = {**ENTRY, **FILES, **COMPANY_FILE, **REPORTS, **VERIFICATION, **SYNC, **DEVICE, **SERVER}

_OPTIONAL_PART = re.compile(r"\[([^\[\]]*)\]")
_HOLE = re.compile(r"\{(\w+)\}")
_INDEX = re.compile(r"\[(\d+)\]")
_FACT_LENGTH_MAX = 200


def say(problem: Problem, *, currency: Currency | None = None) -> str:
    """Return what is wrong and what to do next.

    Facts come from files and people: they are made visible and cut, never trusted. A code without a sentence,
    or a sentence with a fact missing, is said as the code and its facts. `currency` puts amounts in its
    decimals; without it they are said in minor units.
    """
    sentence = SENTENCES.get(problem.code)
    if problem.code == "no-answer":
        sentence = NO_ANSWER.get(str(problem.facts.get("reason")), sentence)
    if sentence is None:
        return _bare(problem)
    said = {name: _fact(name, value, currency) for name, value in problem.facts.items() if value is not None}
    sentence = _OPTIONAL_PART.sub(lambda part: part[1] if _holes(part[1]) <= said.keys() else "", sentence)
    if not _holes(sentence) <= said.keys():
        return _bare(problem)
    filled = _HOLE.sub(lambda hole: said[hole[1]], sentence)
    return filled[:1].upper() + filled[1:]


def say_with_place(problem: Problem, *, currency: Currency | None = None) -> str:
    """Return the sentence with where the fault is before it: ``Entry 3, amount: ...``, ``books.jsonl:17: ...``."""
    said = say(problem, currency=currency)
    return f"{place_text(problem.place)}: {said}" if problem.place else said


def place_text(place: str) -> str:
    """Return a place in words: ``entries[2].amount`` is the amount of the third entry, a file's line stays as it is."""
    text = visible(place)
    if not _INDEX.search(text):
        return text
    counted = _INDEX.sub(lambda at: f" {int(at[1]) + 1}", text)
    words = counted.replace("entries ", "entry ").replace("bills ", "bill ").replace("costs ", "cost centre ")
    words = words.replace(".", ", ").replace("_", " ")
    return words[:1].upper() + words[1:]


def _holes(text: str) -> set[str]:
    return set(_HOLE.findall(text))


def _fact(name: str, value: Fact, currency: Currency | None) -> str:
    if isinstance(value, int) and name.endswith("_minor"):
        if currency is None:
            return f"{abs(value)} minor units"
        return f"{currency.code} {grouped_text(value, currency.exponent, indian=currency.code == 'INR')}"
    text = visible(str(value))
    return text if len(text) <= _FACT_LENGTH_MAX else text[:_FACT_LENGTH_MAX] + "…"


def _bare(problem: Problem) -> str:
    facts = ", ".join(
        f"{name} {_fact(name, value, None)}" for name, value in problem.facts.items() if value is not None
    )
    words = visible(problem.code).replace("-", " ").capitalize()
    return f"{words} ({facts})." if facts else f"{words}."
