"""What two offices changed at once waits in a list; both versions are shown, and a person decides by key."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from pytestqt.qtbot import QtBot

from desktop.screens.line_server import CODE, Served, line_server
from desktop.screens.office import BANK, RENT, Office, books, office, payment
from desktop.screens.window.test_window import nameless
from ledgerflow_core.identifiers import CompanyId, VoucherId, named
from ledgerflow_core.sync.replica import Status
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.actions import enrolling, periods, vouchers
from ledgerflow_desktop.screens.conflicts.page import ConflictsPage
from ledgerflow_desktop.screens.conflicts.sides_page import SidesPage
from ledgerflow_desktop.screens.destinations import ShowConflicts
from ledgerflow_desktop.screens.vouchers.page import VoucherPage
from ledgerflow_desktop.storage.writing import StoredVoucher

COMPANY = CompanyId(named("test", "company"))
FIRST = VoucherId(named("test-voucher", "1"))


@contextmanager
def two_offices(bot: QtBot, folder: Path) -> Iterator[tuple[Office, Served]]:
    """A window over a company that is in step with its server."""
    path = books(folder)
    with line_server(COMPANY) as served, office(bot) as desk:
        desk.open(path)
        done: list[object] = []
        desk.desk.work(
            desk.window, lambda book: enrolling.enrol_book(book, served.at.address, CODE, "front desk"), done.append
        )
        desk.settle()
        desk.desk.take_up_line()
        in_step(desk)
        yield desk, served


def in_step(desk: Office, *, conflicts: int = 0) -> None:
    wanted = Status.ATTENTION if conflicts else Status.UP_TO_DATE
    desk.bot.waitUntil(
        lambda: desk.desk.line.state.status is wanted and desk.desk.line.state.conflicts == conflicts, timeout=20_000
    )
    desk.settle()


def stored(desk: Office, voucher: VoucherId = FIRST) -> StoredVoucher:
    found: list[StoredVoucher] = []
    desk.desk.work(desk.window, lambda book: vouchers.load(book, voucher), found.append)
    desk.settle()
    return found[0]


def amounts(desk: Office) -> list[int]:
    return [entry.amount for entry in stored(desk).voucher.entries]


def changed_in_both(desk: Office, served: Served) -> None:
    """Payment 1 of 1.00 becomes 250.00 here and 111.00 in Delhi; the server hears of this office first."""
    before = stored(desk)
    served.far.alter(before.voucher, 111_00, base=before.version_hash)
    mine = payment(250)
    after = Voucher(
        id=FIRST, type=mine.type, date=before.voucher.date, number=before.voucher.number,
        narration="Rent of the shop", entries=mine.entries,
    )  # fmt: skip
    desk.desk.work(desk.window, lambda book: vouchers.alter(book, before, after), lambda _: None)
    desk.settle()
    in_step(desk)
    served.far.send()
    desk.desk.line.wake()
    in_step(desk, conflicts=1)


def opened(desk: Office) -> SidesPage:
    """Go to the list by keys, and open its first line."""
    desk.press("Alt+Z", "D")
    assert isinstance(desk.front, ConflictsPage)
    desk.settle()
    desk.press("Return")
    assert isinstance(desk.front, SidesPage)
    return desk.front


def cells(page: ConflictsPage) -> list[list[str]]:
    model = page.model
    return [
        [str(model.data(model.index(row, column))) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def texts(page: SidesPage) -> list[str]:
    grid = page.comparison._grid
    found = [grid.itemAt(at).widget() for at in range(grid.count())]
    return [widget.text() for widget in found if widget is not None]  # type: ignore[attr-defined]


def test_without_conflicts_the_list_says_that_all_is_well(qtbot: QtBot, tmp_path: Path) -> None:
    with two_offices(qtbot, tmp_path) as (desk, _):
        desk.navigation.open(ShowConflicts())
        desk.settle()
        page = desk.front
        assert isinstance(page, ConflictsPage)
        assert not page.table.isVisible()
        assert page._said.text() == "Nothing waits for a decision: every office's entries go together."
        assert not any(action.isEnabled() for action in page.commands)


def test_a_list_that_was_empty_has_its_room_when_something_arrives(qtbot: QtBot, tmp_path: Path) -> None:
    with two_offices(qtbot, tmp_path) as (desk, served):
        desk.navigation.open(ShowConflicts())
        desk.settle()
        page = desk.front
        assert isinstance(page, ConflictsPage)
        changed_in_both(desk, served)
        qtbot.waitUntil(lambda: len(cells(page)) == 1 and page.table.isVisible())
        assert all(action.isEnabled() for action in page.commands)
        assert page.table.height() > page.height() * 0.7


def test_the_list_says_who_changed_what_why_it_waits_and_what_it_would_move(qtbot: QtBot, tmp_path: Path) -> None:
    with two_offices(qtbot, tmp_path) as (desk, served):
        changed_in_both(desk, served)
        assert "Needs attention · 1 to decide" in desk.window.status_bar.light.text()
        desk.press("Alt+Z", "D")
        desk.settle()
        page = desk.front
        assert isinstance(page, ConflictsPage)
        (line,) = cells(page)
        assert line[1] == "Ravi (B)"
        assert line[2].startswith("Change: Payment")
        # 250.00 stands, 111.00 is parked: 139.00 would move back.
        assert line[3:] == ["02-Apr-2026", "", "111.00", "139.00", "Somebody else changed it first."]


def test_both_versions_stand_side_by_side_with_their_effect(qtbot: QtBot, tmp_path: Path) -> None:
    with two_offices(qtbot, tmp_path) as (desk, served):
        changed_in_both(desk, served)
        page = opened(desk)
        said = texts(page)
        at = said.index("Narration")
        assert said[at - 1 : at + 3] == ["≠", "Narration", "Rent of the shop", "Rent no. 1"]
        at = said.index("Rent", at + 3)
        assert said[at - 1 : at + 4] == ["≠", "Rent", "250.00 Dr", "111.00 Dr", "139.00 Cr"]
        assert "02-Apr-2026" in said
        assert "Entered by Ravi (B) at " in page._about.text()
        assert re.search(r"arrived .+\. What stands was entered by asha \(\w+\) at .+\.$", page._about.text())
        assert nameless(desk.window) == []


def test_keeping_leaves_the_books_as_they_are_and_every_office_hears_of_it(qtbot: QtBot, tmp_path: Path) -> None:
    with two_offices(qtbot, tmp_path) as (desk, served):
        changed_in_both(desk, served)
        before = served.size
        opened(desk)
        desk.press("K")
        assert isinstance(desk.front, ConflictsPage)
        in_step(desk)
        assert amounts(desk) == [250_00, -250_00]
        assert served.size == before + 1


def test_applying_puts_the_parked_version_on_top_of_what_stands(qtbot: QtBot, tmp_path: Path) -> None:
    with two_offices(qtbot, tmp_path) as (desk, served):
        changed_in_both(desk, served)
        opened(desk)
        desk.press("A")
        in_step(desk)
        assert amounts(desk) == [111_00, -111_00]


def test_correcting_opens_the_parked_version_and_accepting_it_decides(qtbot: QtBot, tmp_path: Path) -> None:
    with two_offices(qtbot, tmp_path) as (desk, served):
        changed_in_both(desk, served)
        opened(desk)
        desk.press("C")
        page = desk.front
        assert isinstance(page, VoucherPage) and page.form is not None
        assert page.form.content.narration == "Rent no. 1"
        page.form.content.narration = "Rent, both offices"
        desk.press("Ctrl+A")
        assert isinstance(desk.front, ConflictsPage)
        in_step(desk)
        assert amounts(desk) == [111_00, -111_00]
        assert stored(desk).voucher.narration == "Rent, both offices"


def test_a_reason_can_be_typed_and_its_letters_decide_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    with two_offices(qtbot, tmp_path) as (desk, served):
        changed_in_both(desk, served)
        page = opened(desk)
        page.reason.setFocus()
        desk.type("a ack")
        assert desk.front is page
        assert page.reason.text() == "a ack"


def test_what_is_parked_behind_a_lock_is_applied_for_a_reason(qtbot: QtBot, tmp_path: Path) -> None:
    with two_offices(qtbot, tmp_path) as (desk, served):
        desk.desk.work(desk.window, lambda book: periods.lock(book, date(2026, 5, 31)), lambda _: None)
        desk.settle()
        in_step(desk)
        (late,) = served.far.post(1, RENT, BANK, on=date(2026, 5, 4), amount=5_00)
        served.far.send()
        desk.desk.line.wake()
        in_step(desk, conflicts=1)
        page = opened(desk)
        desk.press("A")
        assert page.field.problem == "Say why the period is opened for it."
        desk.type("Bill came late")
        page.keep.setFocus()
        desk.press("A")
        in_step(desk)
        assert stored(desk, late.id).voucher.date == date(2026, 5, 4)
