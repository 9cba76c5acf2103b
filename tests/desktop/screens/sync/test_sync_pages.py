"""A company is connected in the window, kept in step while it is open, and what is said of it is true."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from desktop.screens.line_server import CODE, Served, line_server
from desktop.screens.office import BANK, PASSPHRASE, RENT, Office, books, office, payment
from desktop.screens.window.test_window import nameless
from desktop.storage.sample_company import MemoryKeyStore
from desktop.sync_client.answering import Answer, Asked
from desktop.sync_client.memory_http import problem
from ledgerflow_core.identifiers import CompanyId, named
from ledgerflow_core.sync.log import LogBatch
from ledgerflow_core.sync.replica import Status
from ledgerflow_core.sync.statements import Signed
from ledgerflow_desktop.actions import vouchers
from ledgerflow_desktop.actions.watched_replica import WatchedReplica
from ledgerflow_desktop.phrases.trouble import trouble_text
from ledgerflow_desktop.sample.trial_line import TrialLine
from ledgerflow_desktop.screens.companies.join_page import JoinPage
from ledgerflow_desktop.screens.companies.recovery_page import RecoveryPage
from ledgerflow_desktop.screens.destinations import ConnectServer, ShowReport, ShowSync
from ledgerflow_desktop.screens.sync.connect_page import ConnectPage
from ledgerflow_desktop.screens.sync.page import SyncPage

LIMIT_SECONDS = 0.1
COMPANY = CompanyId(named("test", "company"))


@contextmanager
def at_work(bot: QtBot, folder: Path) -> Iterator[tuple[Office, Served]]:
    """A window over a small company, and a server it is not connected with yet."""
    path = books(folder)
    with line_server(COMPANY) as served, office(bot) as desk:
        desk.open(path)
        yield desk, served


def wait_for(desk: Office, status: Status) -> None:
    desk.bot.waitUntil(lambda: desk.desk.line.state.status is status, timeout=20_000)


def connect(desk: Office, served: Served) -> None:
    desk.navigation.open(ConnectServer())
    page = desk.front
    assert isinstance(page, ConnectPage)
    page.address.setText(served.at.address)
    page.code.setText(CODE)
    page.accept()
    desk.settle()
    wait_for(desk, Status.UP_TO_DATE)


def light(desk: Office) -> str:
    return desk.window.status_bar.light.text()


def test_a_company_is_connected_with_address_and_code_alone(qtbot: QtBot, tmp_path: Path) -> None:
    with at_work(qtbot, tmp_path) as (desk, served):
        assert not desk.window.status_bar.light.isVisible()
        desk.press("N")
        assert isinstance(desk.front, ConnectPage)
        desk.type(served.at.address)
        desk.press("Return")
        desk.type(CODE)
        desk.press("Return")
        wait_for(desk, Status.UP_TO_DATE)
        assert isinstance(desk.front, SyncPage)
        assert desk.front.word.text() == "Up to date"
        assert light(desk).startswith("● Up to date · ")
        assert served.size > 450


def test_a_wrong_code_is_said_beside_it_and_an_address_without_a_server_beside_that(
    qtbot: QtBot, tmp_path: Path
) -> None:
    with at_work(qtbot, tmp_path) as (desk, served):
        desk.press("Alt+Z")
        page = desk.front
        assert isinstance(page, ConnectPage)
        for address, code, field in (
            ("http://192.0.2.1", CODE, page.address_field),
            ("http://127.0.0.1:1", CODE, page.address_field),
            (served.at.address, "no code", page.code_field),
            (served.at.address, "AAAA-BBBB-CCCC-DDDD", page.code_field),
        ):
            page.address.setText(address)
            page.code.setText(code)
            page.address_field.clear_problem()
            page.code_field.clear_problem()
            page.accept()
            qtbot.waitUntil(lambda field=field: bool(field.problem), timeout=10_000)  # type: ignore[misc]
            assert [each.problem for each in (page.address_field, page.code_field) if each is not field] == [""]
        assert not desk.desk.line.state.is_enrolled


def test_a_posted_voucher_is_sent_at_once(qtbot: QtBot, tmp_path: Path) -> None:
    with at_work(qtbot, tmp_path) as (desk, served):
        connect(desk, served)
        before, begun = served.size, time.monotonic()
        desk.desk.work(desk.window, lambda book: vouchers.post(book, [payment(900)]), lambda _: None)
        qtbot.waitUntil(lambda: desk.desk.line.state.status is Status.SYNCING, timeout=5000)
        qtbot.waitUntil(lambda: served.size == before + 1, timeout=5000)
        wait_for(desk, Status.UP_TO_DATE)
        assert time.monotonic() - begun < 5


def test_what_other_offices_entered_appears_in_the_report_that_is_open(qtbot: QtBot, tmp_path: Path) -> None:
    with at_work(qtbot, tmp_path) as (desk, served):
        connect(desk, served)
        desk.navigation.back_to(desk.navigation.pages[0])
        desk.navigation.open(ShowReport("day-book"))
        desk.settle()
        assert "B/2" not in str(shown(desk))
        served.far.post(1, RENT, BANK, amount=77_700)
        served.far.send()
        desk.desk.line.wake()
        qtbot.waitUntil(lambda: "77,700" in str(shown(desk)) or 77_700 in shown(desk), timeout=10_000)


def shown(desk: Office) -> list[object]:
    model = desk.report.view.model()
    if model is None:
        return []
    return [cell for at in range(model.rowCount()) if (row := model.row_at(at)) is not None for cell in row.cells]


def test_without_a_line_it_waits_says_until_when_and_why_and_sends_later(qtbot: QtBot, tmp_path: Path) -> None:
    with at_work(qtbot, tmp_path) as (desk, served):
        connect(desk, served)
        served.http.before = lambda asked: problem("busy", 503)
        desk.desk.work(desk.window, lambda book: vouchers.post(book, [payment(900)]), lambda _: None)
        wait_for(desk, Status.WAITING)
        qtbot.waitUntil(lambda: "1 to send" in light(desk), timeout=5000)
        assert "tries again at" in light(desk)
        page = desk.front
        assert isinstance(page, SyncPage)
        assert page.reason.text().startswith("The server is busy.")
        assert "The server is busy." in page.troubles.text()
        served.http.before = lambda asked: None
        before = served.size
        page.sync_now.click()
        wait_for(desk, Status.UP_TO_DATE)
        assert served.size == before + 1


def test_a_server_that_does_not_answer_keeps_nobody_from_posting_or_closing(qtbot: QtBot, tmp_path: Path) -> None:
    asked: list[Asked] = []

    def never(one: Asked) -> Answer:
        asked.append(one)
        return Answer(b"x" * 1_000, wait=lambda: time.sleep(0.05))

    with at_work(qtbot, tmp_path) as (desk, served):
        served.http.before = never
        desk.press("N")
        page = desk.front
        assert isinstance(page, ConnectPage)
        page.address.setText(served.at.address)
        page.code.setText(CODE)
        page.accept()
        qtbot.waitUntil(lambda: bool(asked), timeout=5000)
        posted: list[object] = []
        begun = time.monotonic()
        desk.desk.work(desk.window, lambda book: vouchers.post(book, [payment(900)]), posted.append)
        qtbot.waitUntil(lambda: bool(posted), timeout=5000)
        desk.window.close()
        assert time.monotonic() - begun < 5


def test_closing_the_window_ends_the_session_while_the_server_says_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    held: list[Asked] = []

    def never(asked: Asked) -> Answer | None:
        held.append(asked)
        return Answer(b"x" * 10_000, wait=lambda: time.sleep(0.05))

    with at_work(qtbot, tmp_path) as (desk, served):
        connect(desk, served)
        served.http.before = never
        desk.desk.line.wake()
        qtbot.waitUntil(lambda: bool(held), timeout=5000)
        session = desk.desk.line._session
        assert session is not None
        begun = time.monotonic()
        desk.window.close()
        assert time.monotonic() - begun < 5
        qtbot.waitUntil(lambda: session.join(0), timeout=5000)


def test_a_line_made_for_trying_out_is_cut_and_mended_on_the_page(qtbot: QtBot, tmp_path: Path) -> None:
    with at_work(qtbot, tmp_path) as (desk, served):
        line = TrialLine(int(served.at.address.rpartition(":")[2]))
        desk.desk.trial_line = line
        connect(desk, replace(served, at=replace(served.at, address=line.address)))
        page = desk.front
        assert isinstance(page, SyncPage) and page.cut is not None
        page.cut.click()
        assert line.is_cut
        wait_for(desk, Status.WAITING)
        assert page.reason.text().startswith("The server cannot be reached.")
        page.cut.click()
        wait_for(desk, Status.UP_TO_DATE)
        line.close()


def test_a_line_that_was_made_for_nobody_cannot_be_cut(qtbot: QtBot, tmp_path: Path) -> None:
    with at_work(qtbot, tmp_path) as (desk, served):
        connect(desk, served)
        assert isinstance(desk.front, SyncPage) and desk.front.cut is None
        assert nameless(desk.window) == []


def test_the_light_and_its_key_open_the_sync_page_once(qtbot: QtBot, tmp_path: Path) -> None:
    with at_work(qtbot, tmp_path) as (desk, served):
        connect(desk, served)
        desk.navigation.back_to(desk.navigation.pages[0])
        desk.press("Alt+Z", "Alt+Z")
        desk.window.status_bar.light.click()
        assert [type(page).__name__ for page in desk.navigation.pages] == ["GatewayPage", "SyncPage"]
        assert desk.navigation.front_destination == ShowSync()


def test_a_company_is_opened_from_a_server_and_the_rest_of_it_comes_while_it_is_open(
    qtbot: QtBot, tmp_path: Path
) -> None:
    with at_work(qtbot, tmp_path) as (desk, served):
        connect(desk, served)
        size = served.size
        with office(qtbot) as other:
            other.press("V")
            page = other.front
            assert isinstance(page, JoinPage)
            page.accept()
            assert {name for name, field in page.fields.items() if field.problem} == {
                "url", "code", "name", "passphrase",
            }  # fmt: skip
            texts = (served.at.address, CODE, "From Pune", str(tmp_path / "delhi"), PASSPHRASE, PASSPHRASE)
            for field, text in zip(page.fields.values(), texts, strict=True):
                assert isinstance(field.editor, QLineEdit)
                field.editor.setText(text)
            page.accept()
            qtbot.waitUntil(lambda: isinstance(other.front, RecoveryPage), timeout=20_000)
            assert isinstance(other.front, RecoveryPage)
            other.front.confirm.setChecked(True)
            other.front.accept()
            qtbot.waitUntil(lambda: other.desk.company is not None, timeout=20_000)
            wait_for(other, Status.UP_TO_DATE)
            assert holds(other, size)
            assert other.front.title() == "Nila Stores"


def test_typing_waits_for_nobody_while_a_slow_server_sends_five_thousand_vouchers(qtbot: QtBot, tmp_path: Path) -> None:
    with at_work(qtbot, tmp_path) as (desk, served), timed_pieces() as pieces:
        connect(desk, served)
        desk.navigation.back_to(desk.navigation.pages[0])
        desk.press("F7")
        served.far.post(5000, RENT, BANK)
        served.far.send()
        served.http.before = lambda asked: time.sleep(0.1)
        pieces.clear()
        desk.desk.line.wake()
        keys, answers = typed_until(desk, lambda: holds(desk, served.size))
        assert len(pieces) >= 10, "no piece is more than a batch of 500"
        assert max(keys) < LIMIT_SECONDS + max(pieces)
        assert max(answers) < LIMIT_SECONDS + 2 * max(pieces)


def holds(desk: Office, size: int) -> bool:
    known = desk.desk.line.state.known
    return known is not None and known.log_size >= size


def typed_until(desk: Office, is_done: Callable[[], bool]) -> tuple[list[float], list[float]]:
    """Type, and ask the worker a short question again and again; return how long each key and answer took."""
    keys: list[float] = []
    answers: list[float] = []
    asked_at: list[float] = []

    def answered(_: object) -> None:
        answers.append(time.perf_counter() - asked_at.pop())

    while not is_done():
        for letter in "rent":
            begun = time.perf_counter()
            QTest.keyClicks(QApplication.focusWidget() or desk.window, letter)
            QApplication.processEvents()
            keys.append(time.perf_counter() - begun)
        QTest.keySequence(QApplication.focusWidget() or desk.window, QKeySequence("Ctrl+Backspace"))
        if not asked_at:
            asked_at.append(time.perf_counter())
            desk.desk.work(desk.window, lambda book: book.has_vouchers(), answered)
        QTest.qWait(5)
    return keys, answers


@contextmanager
def timed_pieces() -> Iterator[list[float]]:
    """Collect how long the book took for each piece of the log that came in."""
    pieces: list[float] = []
    append = WatchedReplica.append

    def timed(replica: WatchedReplica, batches: Sequence[LogBatch], checkpoint: Signed) -> None:
        begun = time.perf_counter()
        append(replica, batches, checkpoint)
        pieces.append(time.perf_counter() - begun)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WatchedReplica, "append", timed)
        yield pieces


@pytest.mark.parametrize("trouble", ["signing-key-missing", "device-revoked"])
def test_a_book_that_has_to_be_let_in_again_says_so_and_takes_a_new_code(
    qtbot: QtBot, tmp_path: Path, trouble: str
) -> None:
    path = books(tmp_path)
    with line_server(COMPANY) as served, office(qtbot) as desk:
        desk.open(path)
        connect(desk, served)
        desk.desk.close_company()
        desk.settle()
        if trouble == "device-revoked":
            served.http.before = lambda asked: problem(trouble, 403) if asked.path.endswith("/hello") else None
        else:
            keys = desk.desk.machine.key_store
            assert isinstance(keys, MemoryKeyStore) and keys.secrets
            keys.secrets.clear()
        desk.open(path)
        wait_for(desk, Status.ATTENTION)
        desk.navigation.open(ShowSync())
        page = desk.front
        assert isinstance(page, SyncPage) and page.enrol_again.isVisible()
        assert page.reason.text().startswith(trouble_text(trouble))
        served.http.before = lambda asked: None
        page.enrol_again.click()
        page = desk.front
        assert isinstance(page, ConnectPage) and page.address.text() == served.at.address
        page.code.setText(CODE)
        page.accept()
        desk.settle()
        wait_for(desk, Status.UP_TO_DATE)
        before = served.size
        desk.desk.work(desk.window, lambda book: vouchers.post(book, [payment(900)]), lambda _: None)
        qtbot.waitUntil(lambda: served.size == before + 1, timeout=5000)
        assert isinstance(desk.front, SyncPage) and not desk.front.enrol_again.isVisible()


def test_a_book_whose_key_came_within_reach_syncs_when_it_is_asked_to(qtbot: QtBot, tmp_path: Path) -> None:
    path = books(tmp_path)
    with line_server(COMPANY) as served, office(qtbot) as desk:
        desk.open(path)
        connect(desk, served)
        desk.desk.close_company()
        desk.settle()
        keys = desk.desk.machine.key_store
        assert isinstance(keys, MemoryKeyStore) and keys.secrets
        kept, keys.secrets = keys.secrets, {}
        desk.open(path)
        wait_for(desk, Status.ATTENTION)
        desk.navigation.open(ShowSync())
        page = desk.front
        assert isinstance(page, SyncPage)
        page.sync_now.click()
        wait_for(desk, Status.ATTENTION)
        desk.settle()
        keys.secrets = kept
        page.sync_now.click()
        wait_for(desk, Status.UP_TO_DATE)
