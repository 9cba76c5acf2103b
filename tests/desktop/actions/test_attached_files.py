"""What is to be carried of the files of a book: the folder is looked into beside the book, never by its worker."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TypeVar

import pytest

from builders import CASH, RENT, a_voucher
from desktop.builders import a_book, a_machine
from ledgerflow_core.masters.voucher_type import VoucherNature
from ledgerflow_desktop.actions import attachments, vouchers
from ledgerflow_desktop.actions.attached_files import AttachedFiles
from ledgerflow_desktop.storage.attachments import whole_files
from ledgerflow_desktop.storage.book import Book

Value = TypeVar("Value")


class Worker:
    """Does the work on a book at once, and notes whether it listed the folder of its files."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self.listed = False

    def __call__(self, work: Callable[[Book], Value], /) -> Value:
        def watch(frame: FrameType, event: str, argument: object) -> None:
            self.listed |= getattr(argument, "__name__", "") in ("scandir", "listdir")

        sys.setprofile(watch)
        try:
            return work(self._book)
        finally:
            sys.setprofile(None)


@pytest.mark.parametrize("is_lost", [False, True])
def test_what_was_lost_is_fetched_again_and_the_worker_lists_no_folder(tmp_path: Path, *, is_lost: bool) -> None:
    with a_book(tmp_path) as book:
        posted = vouchers.post(book, [a_voucher(VoucherNature.PAYMENT, (RENT, 500), (CASH, -500))]).value[0]
        (tmp_path / "bill.pdf").write_bytes(b"%PDF-1.7 forty lamps")
        attachments.attach(book, posted.id, [tmp_path / "bill.pdf"])
        [file] = whole_files(book.folder.attachments)
        if is_lost:
            file.unlink()
        worker = Worker(book)
        files = AttachedFiles(worker, a_machine(seed=2))
        looked, did_not = files.plan(looks=True), files.plan(looks=False)
    assert [known.content.sha256 for known in looked.fetch] == [file.name] * is_lost
    assert did_not.fetch == [] and not worker.listed
