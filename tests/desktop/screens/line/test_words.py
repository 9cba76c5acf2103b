"""Times are said as people read them, whatever another office's clock or program wrote."""

import pytest

from desktop.storage.replica_books import an_office_machine
from ledgerflow_desktop.screens.line.words import iso_words

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
