"""A watching sync carries files by itself, and lets go of the book and of the line for whoever writes meanwhile."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from end_to_end.company import SharedCompany
from end_to_end.fault_proxy import Passage, honest
from end_to_end.test_attachments import attached, carries, content_at
from end_to_end.test_from_the_shell import a_payment, ledgerflow, narrations, started
from ledgerflow_desktop.sync_client.attachments import Carried

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
CONTENT = os.urandom(1_300_000)


class SlowFiles:
    """Holds every piece of a file back for a moment; counts them."""

    def __init__(self) -> None:
        self.pieces = 0

    async def __call__(self, passage: Passage) -> None:
        if carries(passage):
            self.pieces += 1
            await asyncio.sleep(0.3)
        await honest(passage)


def test_a_watch_fetches_and_sends_files_while_others_write_to_the_book(
    shared_company: SharedCompany, tmp_path: Path
) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    theirs = attached(pune, tmp_path, CONTENT)
    pune.drain()
    pune.carry_files()
    delhi.close()
    (tmp_path / "mine.bin").write_bytes(CONTENT[::-1])
    slow = SlowFiles()
    shared_company.proxy.fault = slow
    watching = started(delhi, "sync", "Books.ledgerflow", "--watch")
    try:
        shared_company.proxy.wait_for(lambda: slow.pieces > 1, seconds=60)
        posted = ledgerflow(delhi, "post", "Books.ledgerflow", "-", typed=a_payment("Posted past a file"))
        assert posted.returncode == 0, posted.stderr
        done = ledgerflow(delhi, "attach", "Books.ledgerflow", theirs, str(tmp_path / "mine.bin"))
        assert done.returncode == 0, done.stderr
        shared_company.proxy.wait_for(lambda: "Posted past a file" in narrations(pune), seconds=60)
        folder = delhi.place / "Books.ledgerflow" / "attachments"
        shared_company.proxy.wait_for(
            lambda: len([path for path in folder.iterdir() if not path.name.startswith(".")]) == 2, seconds=60
        )

        def came() -> bool:
            pune.sync()
            return pune.carry_files().fetched == 1

        shared_company.proxy.wait_for(came, seconds=60)
        watching.send_signal(signal.SIGINT)
        said, errors = watching.communicate(timeout=30)
        assert watching.returncode == 0 and "to send · " not in said.replace("nothing to send", ""), said + errors
    finally:
        watching.kill()
        watching.communicate()
    shared_company.proxy.fault = honest
    delhi.reopen()
    assert content_at(delhi, tmp_path, theirs) == CONTENT
    assert content_at(pune, tmp_path, theirs, "mine.bin") == CONTENT[::-1]
    assert delhi.carry_files() == Carried()
    shared_company.end()
