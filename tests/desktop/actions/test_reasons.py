"""A reason stays on record for good, so it is held to the rules of text."""

from datetime import date
from pathlib import Path

import pytest

from builders import a_sale
from desktop.builders import a_book
from ledgerflow_core.errors import InvalidInput
from ledgerflow_desktop.actions import periods, vouchers

BAD = [("x" * 501, "text-too-long"), ("twice\u202e", "character-not-allowed")]


@pytest.mark.parametrize(("reason", "code"), BAD)
def test_the_reason_of_a_cancellation_is_checked(tmp_path: Path, reason: str, code: str) -> None:
    with a_book(tmp_path) as book:
        posted = vouchers.post(book, [a_sale()]).value[0]
        with pytest.raises(InvalidInput) as refused:
            vouchers.cancel(book, vouchers.load(book, posted.id), reason)
        assert [(problem.code, problem.place) for problem in refused.value.problems] == [(code, "reason")]


@pytest.mark.parametrize(("reason", "code"), BAD)
def test_the_reason_of_unlocking_is_checked(tmp_path: Path, reason: str, code: str) -> None:
    with a_book(tmp_path) as book:
        periods.lock(book, date(2026, 4, 30))
        with pytest.raises(InvalidInput) as refused:
            periods.unlock(book, None, reason)
        assert [(problem.code, problem.place) for problem in refused.value.problems] == [(code, "reason")]
        assert book.locked_until == date(2026, 4, 30)
