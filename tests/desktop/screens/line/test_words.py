"""What the screens say of the line: what waits as a person would say it, times whatever another office wrote."""

import pytest

from desktop.storage.replica_books import an_office_machine
from ledgerflow_desktop.screens.line.words import iso_words, waiting_words

MACHINE = an_office_machine("asha")


def test_a_time_of_another_day_is_said_with_its_day() -> None:
    assert iso_words("2026-03-15T12:00:00.000Z", MACHINE).startswith("15-Mar-2026 ")
    assert iso_words("", MACHINE) == ""


@pytest.mark.parametrize(
    ("at", "said"),
    [("yesterday", "yesterday"), ("\x1b[2J", "\ufffd[2J"), ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00")],
)
def test_what_is_no_time_is_shown_as_it_stands_and_drives_nothing(at: str, said: str) -> None:
    assert iso_words(at, MACHINE) == said


@pytest.mark.parametrize(
    ("entries", "files", "said"),
    [
        (0, 0, "0"),
        (1, 0, "1 entry"),
        (1_200, 0, "1,200 entries"),
        (0, 1, "1 file"),
        (0, 2, "2 files"),
        (1, 1, "1 entry and 1 file"),
        (12, 3, "12 entries and 3 files"),
    ],
)
def test_what_waits_is_said_as_a_person_would(entries: int, files: int, said: str) -> None:
    assert waiting_words(entries, files) == said
