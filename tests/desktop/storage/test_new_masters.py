"""New masters: what is there already is refused by name, and nothing is written."""

from pathlib import Path

import pytest

from desktop.storage.sample_company import account_id, machine, new_company, open_it
from ledgerflow_core.errors import InvalidInput
from ledgerflow_core.masters.account import Account
from ledgerflow_core.masters.group import group_id
from ledgerflow_desktop.actions import masters


def test_a_master_made_twice_is_refused_by_name(tmp_path: Path) -> None:
    on = machine()
    new_company(tmp_path / "Lotus.ledgerflow", on)
    made = Account(id=account_id("Mira"), name="Mira Works", group=group_id("sundry-debtors"))
    with open_it(tmp_path / "Lotus.ledgerflow", on) as book:
        masters.create(book, [made])
        events = book.connection.execute("SELECT sum(events) FROM log_run").fetchone()
        for again in ([made], [made, made]):
            with pytest.raises(InvalidInput, match="master-already-there"):
                masters.create(book, again)
        assert book.connection.execute("SELECT sum(events) FROM log_run").fetchone() == events
