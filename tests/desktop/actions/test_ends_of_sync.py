"""How a sync ended is kept in the book: when, and what was the matter; no more often than anybody can see."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desktop.storage.replica_books import a_first_office, an_enrolment
from ledgerflow_core.sync.replica import Status
from ledgerflow_desktop.actions import replicas, syncing
from ledgerflow_desktop.storage import sync_facts
from ledgerflow_desktop.storage.book import Book


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """A book with all it holds at its server."""
    office = a_first_office(tmp_path)
    with office.book as opened:
        office.sync()
        with opened.writing():
            sync_facts.write_enrolment(opened.connection, an_enrolment(office.server, "head"))
        yield opened


def at(book: Book, moment: datetime) -> None:
    book.machine = replace(book.machine, milliseconds=lambda: int(moment.timestamp()) * 1000)


def writes(book: Book) -> int:
    return int(book.connection.total_changes)


def test_a_sync_that_found_nothing_to_do_is_the_last_one_and_is_written_once_a_minute(book: Book) -> None:
    noon = datetime(2030, 1, 2, 12, 0, 5, tzinfo=UTC)
    at(book, noon)
    syncing.keep_end(book, Status.UP_TO_DATE, "")
    assert replicas.standing(book).last_sync.startswith("2030-01-02T12:00:05")
    before = writes(book)
    at(book, noon + timedelta(seconds=50))
    syncing.keep_end(book, Status.UP_TO_DATE, "")
    assert writes(book) == before
    at(book, noon + timedelta(seconds=60))
    syncing.keep_end(book, Status.UP_TO_DATE, "")
    assert replicas.standing(book).last_sync.startswith("2030-01-02T12:01:05")


def test_a_try_that_failed_is_no_sync_and_its_reason_stays_until_one_succeeds(book: Book) -> None:
    last = replicas.standing(book).last_sync
    syncing.keep_end(book, Status.WAITING, "unreachable")
    found = replicas.standing(book)
    assert (found.status, found.trouble, found.last_sync) == (Status.WAITING, "unreachable", last)
    syncing.keep_end(book, Status.ATTENTION, "device-revoked")
    syncing.keep_end(book, Status.WAITING, "unreachable")
    found = replicas.standing(book)
    assert (found.status, found.trouble) == (Status.ATTENTION, "device-revoked")
    syncing.keep_end(book, Status.UP_TO_DATE, "")
    found = replicas.standing(book)
    assert (found.status, found.trouble) == (Status.UP_TO_DATE, "")
