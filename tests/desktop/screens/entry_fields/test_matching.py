"""Type-ahead: the order of what is found, and that a key press costs a few milliseconds with ten thousand names."""

import random
import statistics
import time

import pytest

from ledgerflow_desktop.screens.entry_fields.matching import NameIndex, Nearness

NAMES = [
    "Cash",
    "Bank of Nila",
    "Sharma Stores, Pune",
    "Sharda & Sons",
    "Old Sharma A/c",
    "Dasharma Traders",
    "Zéro Café",
]
INDEX = NameIndex([(name, [name]) for name in NAMES])


def keys(typed: str) -> list[str]:
    return [match.key for match in INDEX.find(typed)]


def test_what_begins_so_comes_first_then_words_then_anywhere() -> None:
    assert keys("sharma") == ["Sharma Stores, Pune", "Old Sharma A/c", "Dasharma Traders", "Sharda & Sons"]
    assert [match.nearness for match in INDEX.find("sharma")] == [
        Nearness.PREFIX,
        Nearness.WORD,
        Nearness.WITHIN,
        Nearness.FUZZY,
    ]


@pytest.mark.parametrize("typed", ["sahrma", "shrma", "sharrma", "sharna", "charma"])
def test_one_slip_of_the_finger_still_finds_the_name(typed: str) -> None:
    assert "Sharma Stores, Pune" in keys(typed)


def test_every_word_typed_begins_a_word_of_the_name() -> None:
    assert keys("pu sh") == ["Sharma Stores, Pune"]


def test_case_accents_and_blanks_do_not_matter() -> None:
    assert keys("  ZERO  cafe ") == ["Zéro Café"]


def test_nothing_typed_shows_everything_by_name() -> None:
    assert keys("") == sorted(NAMES, key=str.casefold)


def test_what_is_unlike_everything_finds_nothing() -> None:
    assert keys("qqq") == []


def test_an_alias_finds_the_account_once() -> None:
    index = NameIndex([("a", ["Nila Power Co", "Electricity", "Nila electric"])])
    assert [match.key for match in index.find("elec")] == ["a"]


def test_names_in_other_scripts_are_found() -> None:
    index = NameIndex([("1", ["नकद"]), ("2", ["النقد"])])
    assert [match.key for match in index.find("नक")] == ["1"]
    assert [match.key for match in index.find("نقد")] == ["2"]


def test_a_key_press_among_ten_thousand_names_takes_under_five_milliseconds() -> None:
    chance = random.Random(3)
    syllables = "ka ra ma de shi tra lo ven pur gan dha nil sun ram".split()

    def word() -> str:
        return "".join(chance.choice(syllables) for _ in range(chance.randint(2, 4))).title()

    index = NameIndex(
        [(str(at), [f"{word()} {word()} {chance.choice(['Traders', 'Stores'])}"]) for at in range(10_000)]
    )
    for typed in ["", "r", "ra", "ram", "rama", "ramad", "ramadx", "ramadxs", "trad", "tradres", "ra tr", "zzz"]:
        times = []
        for _ in range(5):
            begun = time.perf_counter()
            index.find(typed)
            times.append(time.perf_counter() - begun)
        # Shape, not seconds: ten times the budget still tells a scan from a search.
        assert statistics.median(times) < 0.05, typed
