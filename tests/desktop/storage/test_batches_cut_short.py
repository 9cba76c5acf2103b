"""A chain whose first batch ends before the event that opens it: nothing is wrong with it, and sync goes on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from builders import a_sale
from desktop.storage.replica_books import Office, a_first_office, a_further_office
from ledgerflow_desktop.actions import vouchers
from shared.sync.memory_server import push_once

LIFE = "0198c0de-0000-7000-8000-000000000101"


@pytest.fixture
def offices(tmp_path: Path) -> Iterator[list[Office]]:
    """Two offices in step, of which the second knows the first by its first event alone: the server lost all else."""
    head = a_first_office(tmp_path)
    vouchers.post(head.book, [a_sale("s0")])
    head.sync()
    branch = a_further_office(tmp_path, head, "branch")
    for office in (branch, head):
        office.sync()
    head.server.lose(0, LIFE)
    push_once(head.store, head.server, events_most=1)
    branch.sync()
    head_no = branch.book.connection.execute("SELECT min(no) FROM replica").fetchone()[0]
    assert branch.book.connection.execute("SELECT head_seq FROM replica WHERE no = ?", (head_no,)).fetchone() == (1,)
    yield [head, branch]
    for office in (head, branch):
        office.book.close()


def test_a_chain_that_is_not_opened_yet_is_no_finding(offices: list[Office]) -> None:
    for office in offices:
        assert office.findings() == []


def test_a_copy_takes_a_new_identity_all_the_same_and_all_come_together(offices: list[Office]) -> None:
    head, branch = offices
    branch.store.rehome()
    for office in (branch, head, branch, head):
        office.sync()
    assert head.figures() == branch.figures()
    for office in offices:
        assert office.findings() == []
        assert office.store.standing().log == head.server.frontier


def test_another_key_than_its_own_is_found_once_it_is_opened(offices: list[Office]) -> None:
    head, branch = offices
    head.sync()
    branch.sync()
    branch.book.connection.execute("UPDATE replica SET public_key = zeroblob(32) WHERE no = 1")
    assert any(finding.startswith("replica-key-differs") for finding in branch.findings())
