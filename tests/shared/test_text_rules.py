"""Which text a book takes: every script, and no character that hides, reorders or ends other text."""

import pytest

from ledgerflow_core.text_rules import problems_in_name, problems_in_text

TRICKS = {
    "NUL": "\0",
    "backspace": "\b",
    "escape": "\x1b",
    "delete": "\x7f",
    "C1 control": "\x9b",
    "line separator": "\u2028",
    "paragraph separator": "\u2029",
    "right-to-left embedding": "\u202b",
    "right-to-left override": "\u202e",
    "left-to-right override": "\u202d",
    "pop directional": "\u202c",
    "isolate": "\u2067",
    "pop isolate": "\u2069",
    "lone surrogate": "\ud83d",
    "noncharacter": "\uffff",
    "swapped byte order mark": "\ufffe",
}


def codes(problems: list) -> list[str]:  # type: ignore[type-arg]
    return [problem.code for problem in problems]


@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS.keys())
def test_a_trick_character_is_refused_with_its_code_point_and_place(trick: str) -> None:
    for check in (problems_in_name, problems_in_text):
        (problem,) = check(f"Ravi{trick}Stores", "name")
        assert problem.code == "character-not-allowed"
        assert problem.facts == {"character": f"U+{ord(trick):04X}", "at": 5}
        assert problem.place == "name"


@pytest.mark.parametrize(
    "name",
    [
        "Ravi Stores",
        "रवि स्टोर्स",
        "मुंबई शाखा",
        "ரவி",
        "شركة النور",
        "حساب\u200f (USD)",  # right-to-left mark
        "\u061cعربي",
        "Acme\u200e שלום",
        "نیم\u200cفاصله",  # zero-width non-joiner: Persian is misspelt without it
        "क्\u200dष",
        "Ⅻ & Söhne GmbH — №7",
        "🪔 Lamps",
        "=HYPERLINK(1)",  # no trick inside a book: disarmed where it is written to a spreadsheet
    ],
)
def test_every_script_is_taken_with_its_marks(name: str) -> None:
    assert problems_in_name(name, "name") == []
    assert problems_in_text(name, "narration") == []


@pytest.mark.parametrize("name", ["", " ", "\t", "\u00a0\u3000", "\n"])
def test_a_name_of_blanks_is_no_name(name: str) -> None:
    assert codes(problems_in_name(name, "name")) == ["name-empty"]
    assert problems_in_text("", "narration") == []


def test_a_name_has_one_line_and_a_text_may_have_several() -> None:
    assert codes(problems_in_name("two\nlines", "name")) == ["character-not-allowed"]
    assert codes(problems_in_name("tab\tbed", "name")) == ["character-not-allowed"]
    assert problems_in_text("two\r\nlines\tand a tab", "narration") == []


def test_a_name_ends_at_200_characters_and_a_text_at_10_000() -> None:
    assert problems_in_name("x" * 200, "name") == []
    (long,) = problems_in_name("x" * 201, "name")
    assert (long.code, long.facts) == ("text-too-long", {"length": 201, "most": 200})
    assert problems_in_text("x" * 10_000, "narration") == []
    assert codes(problems_in_text("x" * 10_001, "narration")) == ["text-too-long"]
    assert codes(problems_in_name("x" * 10_000, "name")) == ["text-too-long"]
    assert problems_in_name("x" * 60, "number", length_max=60) == []
    assert codes(problems_in_name("x" * 61, "number", length_max=60)) == ["text-too-long"]
