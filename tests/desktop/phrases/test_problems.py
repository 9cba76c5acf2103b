"""Problems in sentences: every code has one, and no fact can disturb the terminal it is shown on."""

import ast
import string
from pathlib import Path

import pytest

from ledgerflow_core.errors import Problem
from ledgerflow_core.money.currency import Currency
from ledgerflow_desktop.phrases.notes import NOTES, note_text
from ledgerflow_desktop.phrases.problems import SENTENCES, place_text, say, say_with_place
from ledgerflow_desktop.phrases.sentences.company_file import COMPANY_FILE
from ledgerflow_desktop.phrases.sentences.device import DEVICE
from ledgerflow_desktop.phrases.sentences.entry import ENTRY
from ledgerflow_desktop.phrases.sentences.files import FILES
from ledgerflow_desktop.phrases.sentences.reports import REPORTS
from ledgerflow_desktop.phrases.sentences.server import SERVER
from ledgerflow_desktop.phrases.sentences.sync import NO_ANSWER, SYNC
from ledgerflow_desktop.phrases.sentences.verification import VERIFICATION

ROOT = Path(__file__).resolve().parents[3]
SOURCES = [ROOT / "shared" / "ledgerflow_core", ROOT / "desktop" / "ledgerflow_desktop"]
INR = Currency("INR", 2)


def codes_in(tree: ast.Module) -> set[str]:
    """Codes written out in ``refuse("...")``, ``Problem("...")`` and the ``code`` of an error class."""
    codes = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if called in ("refuse", "Problem") and isinstance(node.args[0].value, str):
                codes.add(node.args[0].value)
        if isinstance(node, ast.ClassDef):
            for line in node.body:
                if isinstance(line, ast.Assign | ast.AnnAssign) and isinstance(line.value, ast.Constant):
                    target = line.targets[0] if isinstance(line, ast.Assign) else line.target
                    if getattr(target, "id", "") == "code" and isinstance(line.value.value, str) and line.value.value:
                        codes.add(line.value.value)
    return codes


def test_every_code_in_the_source_has_a_sentence() -> None:
    found = {
        code: path.name
        for package in SOURCES
        for path in package.rglob("*.py")
        for code in codes_in(ast.parse(path.read_text("utf-8")))
    }
    assert {code: file for code, file in found.items() if code not in SENTENCES} == {}
    assert len(found) > 50


def test_no_code_is_said_twice() -> None:
    assert len(SENTENCES) == sum(map(len, (ENTRY, FILES, COMPANY_FILE, REPORTS, VERIFICATION, SYNC, DEVICE, SERVER)))


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_every_sentence_is_whole_with_all_facts_and_with_none(code: str) -> None:
    sentence = SENTENCES[code]
    holes = {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
    said = say(Problem(code, "", dict.fromkeys(holes, 7)))
    assert said[0] == said[0].upper() and said.endswith((".", "?"))
    assert not set(said) & set("[]{}")
    assert not set(say(Problem(code))) & set("[]{}")


def test_an_amount_is_said_in_the_currency() -> None:
    problem = Problem("unbalanced", "", {"difference_minor": -12345678})
    assert say(problem, currency=INR) == (
        "Debit and credit differ by INR 1,23,456.78. Correct an amount, or add the missing entry."
    )
    assert "12345678 minor units" in say(problem)


@pytest.mark.parametrize("reason", sorted(NO_ANSWER))
def test_who_waits_for_an_answer_is_told_what_to_do_and_not_that_it_goes_on_by_itself(reason: str) -> None:
    said = say(Problem("no-answer", "", {"reason": reason}))
    assert said == NO_ANSWER[reason] and "goes on by itself" not in said


def test_an_unknown_code_is_said_with_its_facts() -> None:
    assert say(Problem("moon-is-full", "", {"day": "2026-04-02", "of": None})) == "Moon is full (day 2026-04-02)."


def test_a_fact_cannot_drive_the_terminal() -> None:
    said = say(Problem("bad-date", "", {"given": "\x1b[2J\u202etxt.exe\n" + "x" * 1000}))
    assert said.startswith("\N{REPLACEMENT CHARACTER}[2Jtxt.exe ")
    assert said.isprintable() and len(said) < 300


def test_a_fact_with_braces_is_not_filled_again() -> None:
    assert say(Problem("bad-date", "", {"given": "{given} [x]"})).startswith("{given} [x] is not a date.")


def test_a_place_is_said_in_words() -> None:
    assert place_text("entries[2].bills[0].amount") == "Entry 3, bill 1, amount"
    assert place_text("books.jsonl:17") == "books.jsonl:17"
    assert say_with_place(Problem("no-entries", "books.jsonl:3")).startswith(
        "books.jsonl:3: The voucher has no entries."
    )


def test_a_note_is_said_and_one_without_words_is_not_dropped() -> None:
    assert "INR 1,234.50 Cr" in note_text("opening-balances-differ", -123450, INR, indian=True)
    assert note_text("moon-is-full", 3, INR, indian=True) == "Moon is full: 3"
    assert all(text.format(amount="1", unsigned="1", count="1").endswith(".") for text in NOTES.values())
