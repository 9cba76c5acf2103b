"""Writing from the right, joined letters, and lines that break without losing a letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerflow_desktop.phrases.visible import REPLACEMENT, visible
from ledgerflow_desktop.printing.fonts import face_for
from ledgerflow_desktop.printing.typesetting import Style, line_width, wrapped
from ledgerflow_desktop.printing.writing import directional_runs, joined_arabic, mirrored, reordered_devanagari


@pytest.mark.parametrize(
    ("line", "runs"),
    [
        ("Cash 12", [("Cash 12", False)]),
        ("שלום", [("שלום", True)]),
        ("Bill אב x", [("Bill ", False), ("אב", True), (" x", False)]),
        ("אב 12", [("12", False), ("אב ", True)]),
        ("אב 1,200.50 גד", [(" גד", True), ("1,200.50", False), ("אב ", True)]),
        ("אב Cash 7 גד", [(" גד", True), ("Cash 7", False), ("אב ", True)]),
        ("", []),
    ],
)
def test_a_line_stands_on_paper_as_its_letters_run(line: str, runs: list[tuple[str, bool]]) -> None:
    assert directional_runs(line) == runs


@given(st.text(alphabet="ab אבגم١2 ,.()", max_size=40))
def test_no_letter_is_lost_or_doubled_by_the_direction(line: str) -> None:
    assert sorted("".join(text for text, _ in directional_runs(line))) == sorted(line)


def test_brackets_turn_and_marks_follow_their_letter() -> None:
    assert mirrored("(אֹב)") == "(באֹ)"


def test_arabic_letters_join() -> None:
    """The forms are those of the Unicode charts: beh initial, alef final, beh isolated; lam and alef in one."""
    assert joined_arabic("باب") == "\ufe91\ufe8e\ufe8f"
    assert joined_arabic("لا") == "\ufefb"
    assert joined_arabic("Cash 5") == "Cash 5"


def test_the_short_i_of_hindi_stands_before_its_consonants() -> None:
    assert reordered_devanagari("हिन्दी") == "\u093fहन्दी"


@given(st.text(), st.integers(20, 400))
def test_wrapping_loses_nothing_but_blanks(text: str, width: int) -> None:
    style = Style(9)
    lines = wrapped(text, style, float(width))
    assert "".join("".join(lines).split()) == "".join(visible(text).split())
    for line in lines:
        assert len(line) == 1 or line_width(line, style) <= width + 0.01 or not line.isascii()


def test_every_letter_of_the_promised_scripts_has_a_face() -> None:
    promised = [
        *range(0x20, 0x7F),
        *range(0xA1, 0x180),
        *range(0x391, 0x3A2),
        *range(0x410, 0x450),
        *range(0x904, 0x93A),
    ]
    promised += [*range(0x627, 0x63B), *range(0x5D0, 0x5EB), *map(ord, "₹€£¥–—…·" + REPLACEMENT)]
    assert [hex(code) for code in promised if face_for(chr(code), bold=False) is None and code != 0xAD] == []
    assert face_for("₹", bold=True) == "NotoSans-Bold"


def test_figures_of_the_text_face_are_of_one_width() -> None:
    for bold in (False, True):
        assert len({line_width(digit, Style(10, bold=bold)) for digit in "0123456789"}) == 1
