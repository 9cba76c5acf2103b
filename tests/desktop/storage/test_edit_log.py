"""The edit log: each change with who, when, before and after, newest first, a page at a time."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop.storage.sample_company import (
    PASSPHRASE,
    RAVI,
    Clock,
    add_masters,
    as_user,
    machine,
    new_company,
    open_it,
    sale,
    voucher_id,
)
from ledgerflow_core.events.event import (
    Body,
    CloseAcknowledged,
    CloseRequested,
    ConflictResolved,
    KeyAdded,
    KeyRevoked,
    ReplicaClosed,
    SeriesClosed,
)
from ledgerflow_core.identifiers import DeviceId, EventId, ReplicaId, UserId, named
from ledgerflow_core.masters.account import CASH
from ledgerflow_core.masters.voucher_type import VoucherNature, voucher_type_id
from ledgerflow_desktop.actions import backups, companies, edit_log, masters, periods, vouchers
from ledgerflow_desktop.actions.verification import verify_book
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.edit_log import EditLogFilter, EditLogLine

CLOCK = Clock()


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    on = machine(Clock())
    new_company(tmp_path / "Lotus.ledgerflow", on)
    with open_it(tmp_path / "Lotus.ledgerflow", on) as opened:
        add_masters(opened)
        yield opened


def newest(book: Book, **asked: object) -> EditLogLine:
    return edit_log.page(book, EditLogFilter(**asked), limit=1).lines[0]  # type: ignore[arg-type]


def said(line: EditLogLine) -> dict[str, tuple[str | None, str | None]]:
    return {change.field: (change.before, change.after) for change in line.changes}


def alter(book: Book, name: str, **changed: object) -> None:
    before = vouchers.load(book, voucher_id(name))
    vouchers.alter(book, before, replace(before.voucher, **changed))


def test_an_alteration_shows_who_when_and_each_field_before_and_after(book: Book) -> None:
    vouchers.post(book, [sale("a", 118_000)])
    other = sale("a", 150_000)
    alter(book, "a", entries=other.entries, narration="twelve lamps")
    line = newest(book)
    assert (line.kind, line.subject, line.user_name) == ("voucher.altered", "Sales S/26-27/00001", "asha")
    assert line.at.startswith("2026-06-01T06:00:00.")
    assert said(line) == {
        "narration": ("ten lamps", "twelve lamps"),
        "entries[0].amount": ("1180.00", "1500.00"),
        "entries[0].bills[0].amount": ("1180.00", "1500.00"),
        "entries[1].amount": ("-1180.00", "-1500.00"),
    }


def test_a_second_alteration_is_compared_with_the_first_and_a_cancellation_with_the_last(book: Book) -> None:
    vouchers.post(book, [sale("a")])
    alter(book, "a", narration="one")
    alter(book, "a", narration="two")
    vouchers.cancel(book, vouchers.load(book, voucher_id("a")), "not sold after all")
    lines = edit_log.page(book, EditLogFilter(voucher=voucher_id("a"))).lines
    assert [line.kind for line in lines] == ["voucher.cancelled", *["voucher.altered"] * 2, "voucher.posted"]
    assert said(lines[0]) == {"state": ("regular", "cancelled")}
    assert lines[0].reason == "not sold after all"
    assert said(lines[1]) == {"narration": ("one", "two")}
    assert said(lines[2]) == {"narration": ("ten lamps", "one")}


def test_a_posted_voucher_shows_its_fields_with_names_for_ids(book: Book) -> None:
    vouchers.post(book, [sale("a")])
    fields = said(newest(book))
    assert fields["entries[0].account"] == (None, "Ravi Stores")
    assert fields["type"] == (None, "Sales")
    assert fields["entries[0].bills[0].due"] == (None, "2026-06-03")


def test_changed_masters_are_followed_back_also_the_predefined_ones(book: Book) -> None:
    account = book.chart.accounts[RAVI]
    masters.change(book, replace(account, name="Ravi & Sons", opening=60_000))
    assert said(newest(book)) == {"name": ("Ravi Stores", "Ravi & Sons"), "opening": ("500.00", "600.00")}
    masters.change(book, replace(book.chart.accounts[RAVI], name="Ravi and Sons"))
    assert said(newest(book, master=RAVI)) == {"name": ("Ravi & Sons", "Ravi and Sons")}
    masters.change(book, replace(book.chart.accounts[CASH], name="Petty cash"))
    assert said(newest(book)) == {"name": ("Cash", "Petty cash")}


def test_the_company_and_its_locks_are_in_the_log(book: Book) -> None:
    companies.change_company(book, replace(book.company, phone="020 555 0100"))
    assert said(newest(book)) == {"phone": (None, "020 555 0100")}
    periods.lock(book, date(2026, 4, 30))
    periods.lock(book, date(2026, 5, 31))
    assert said(newest(book)) == {"locked_until": ("2026-04-30", "2026-05-31")}
    periods.unlock(book, None, "the auditor asked")
    assert (newest(book).reason, said(newest(book))) == ("the auditor asked", {"locked_until": ("2026-05-31", None)})


def test_pages_join_without_a_gap_or_a_line_twice(book: Book) -> None:
    vouchers.post(book, [sale(f"v{at}") for at in range(23)])
    whole = [line.position for line in edit_log.lines(book)]
    paged: list[int] = []
    before: int | None = None
    while True:
        page = edit_log.page(book, before=before, limit=7)
        paged += [line.position for line in page.lines]
        if page.older is None:
            break
        before = page.older
    assert paged == whole == list(range(30, 0, -1))


def test_it_is_asked_by_user_and_by_day(tmp_path: Path) -> None:
    clock = Clock()
    asha = machine(clock)
    new_company(tmp_path / "Lotus.ledgerflow", asha)
    with open_it(tmp_path / "Lotus.ledgerflow", asha) as book:
        add_masters(book)
        vouchers.post(book, [sale("a")])
    clock.wait_days(3)
    binod = as_user(asha, "binod")
    with open_it(tmp_path / "Lotus.ledgerflow", binod) as book:
        vouchers.post(book, [sale("b")])
        mine = edit_log.page(book, EditLogFilter(user=binod.user)).lines
        assert [(line.user_name, line.voucher) for line in mine] == [("binod", voucher_id("b"))]
        later = edit_log.page(book, EditLogFilter(first=date(2026, 6, 2))).lines
        assert [line.voucher for line in later] == [voucher_id("b")]
        assert len(edit_log.page(book, EditLogFilter(last=date(2026, 6, 1))).lines) == 8
        assert edit_log.vouchers_numbered(book, "S/26-27/00002") == [voucher_id("b")]


def test_rows_for_a_file_have_one_line_for_each_changed_field(book: Book) -> None:
    vouchers.post(book, [sale("a")])
    alter(book, "a", narration="x", reference="PO 7")
    rows = list(edit_log.rows(book, EditLogFilter(voucher=voucher_id("a"))))
    assert rows[0][5:8] == ("field", "before", "after")
    assert [row[5:8] for row in rows[1:3]] == [("reference", "", "PO 7"), ("narration", "ten lamps", "x")]


def test_it_survives_backup_and_restore(book: Book, tmp_path: Path) -> None:
    vouchers.post(book, [sale("a")])
    alter(book, "a", narration="x")
    before = list(edit_log.lines(book))
    made = backups.back_up(book, tmp_path).value
    again = backups.restore(made, tmp_path / "Again", book.machine, passphrase=PASSPHRASE).value.folder
    with open_it(again, book.machine) as copy:
        after = list(edit_log.lines(copy))
    assert after[1:] == before
    assert (after[0].kind, after[0].reason) == ("replica.opened", "restored")


DESK, KEY, MEENA = ReplicaId(named("replica", "desk")), "ab" * 32, UserId(named("user", "meena"))
APRIL = date(2026, 4, 30)
SALES = voucher_type_id(VoucherNature.SALES)
LINES: list[tuple[Body, str, dict[str, str], str]] = [
    (CloseRequested(until=APRIL), "", {"until": "2026-04-30"}, ""),
    (
        CloseAcknowledged(request=EventId(DESK), until=APRIL),
        "",
        {"request": DESK, "until": "2026-04-30"},
        "",
    ),
    (
        ConflictResolved(event=EventId(DESK), decision="kept", reason="entered twice"),
        "",
        {"event": DESK, "decision": "kept"},
        "entered twice",
    ),
    (ReplicaClosed(replica=DESK, reason="shop given up"), DESK, {}, "shop given up"),
    (
        SeriesClosed(replica=DESK, voucher_type=SALES, year=date(2026, 4, 1), last=87, reason="shop given up"),
        "Sales",
        {"replica": DESK, "year": "2026-04-01", "last": "87"},
        "shop given up",
    ),
    (
        KeyAdded(key=KEY, device=DeviceId(DESK), user=MEENA, user_name="meena"),
        "meena",
        {"device": DESK, "key": KEY},
        "",
    ),
    (KeyRevoked(key=KEY, replica=DESK, last_seq=7, reason="stolen"), DESK, {"key": KEY, "last_seq": "7"}, "stolen"),
]


@pytest.mark.parametrize(("body", "subject", "fields", "reason"), LINES, ids=lambda said: type(said).__name__)
def test_each_kind_of_event_says_what_it_is_about(
    book: Book, body: Body, subject: str, fields: dict[str, str], reason: str
) -> None:
    with book.writing() as unit:
        unit.record([body])
    line = newest(book)
    assert line.kind == body.__struct_config__.tag
    assert (line.subject, line.reason) == (subject, reason)
    assert said(line) == {field: (None, after) for field, after in fields.items()}
    assert verify_book(book).findings == ()


def test_somebody_without_a_chain_is_named_by_the_key_they_were_given(tmp_path: Path) -> None:
    folder = tmp_path / "Shared.ledgerflow"
    new_company(folder, machine(Clock()))
    with open_it(folder, as_user(machine(Clock()), "meena")) as theirs:
        add_masters(theirs)
    with open_it(folder, machine(Clock())) as ours:
        assert newest(ours).user_name == MEENA
        for name in ("meena", "Meena Rao"):
            with ours.writing() as unit:
                unit.record([KeyAdded(key=KEY, device=DeviceId(DESK), user=MEENA, user_name=name)])
            assert newest(ours, user=MEENA).user_name == name
