"""One company twice: on the desktop, and on a server that got every event of it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from desktop.storage.sample_company import (
    BANK,
    RAVI,
    RENT,
    SALES_ACCOUNT,
    Clock,
    fill,
    machine,
    new_company,
    open_it,
    rent,
    sale,
)
from ledgerflow_core.events.chain import Head, genesis
from ledgerflow_core.identifiers import UserId
from ledgerflow_core.ledger.entry import Entry
from ledgerflow_core.masters.account import CASH
from ledgerflow_core.sync.roles import Role
from ledgerflow_core.vouchers.voucher import VoucherState
from ledgerflow_desktop.actions import masters, vouchers
from ledgerflow_desktop.storage import log_store
from ledgerflow_desktop.storage.book import Book
from sync_server.ledger.office import Branch
from sync_server.people_app import Laptop, World

TODAY = datetime.now(UTC).date()
_BATCH = 100


@dataclass
class SameBooks:
    """A desktop book and the branch whose server has its log."""

    book: Book
    branch: Branch


def write_a_year(book: Book) -> None:
    """Post vouchers of every state over many months, some of them due after today, and merge two accounts."""
    fill(book)
    for at in range(1, 60):
        day = date(2026, 4, 1) + timedelta(at * 4)
        vouchers.post(book, [sale(f"y{at}", 1_000 + at, day, f"दीपक no. {at}"), rent(f"z{at}", 300 + at, day)])
    several = (
        Entry(account=RENT, amount=700),
        Entry(account=BANK, amount=-400),
        Entry(account=CASH, amount=-300),
    )
    book_day = max(TODAY - timedelta(40), date(2026, 4, 1))
    vouchers.post(book, [replace(rent("mixed"), date=book_day, entries=several)], strict=False)
    ahead = [sale(f"p{n}", 5_000 * n, TODAY + timedelta(n - 2)) for n in range(1, 6)]
    vouchers.post(book, [replace(v, state=VoucherState.POST_DATED) for v in ahead], strict=False)
    vouchers.post(book, [replace(sale("o1"), state=VoucherState.OPTIONAL, date=book_day)])
    bank = book.chart.accounts[BANK]
    second = replace(bank, id=replace(bank).id[:-4] + "beef", name="State bank (old)", opening=12_300)
    masters.create(book, [second])
    vouchers.post(
        book,
        [
            replace(
                rent("on the merged"),
                entries=(Entry(account=SALES_ACCOUNT, amount=900), Entry(account=second.id, amount=-900)),
            )
        ],
        strict=False,
    )
    masters.merge(book, second.id, BANK)
    assert book.chart.accounts[RAVI].bill_by_bill


async def same_books(world: World, folder: Path) -> SameBooks:
    """Make the company on the desktop, enrol it and send its log."""
    on = machine(Clock())
    new_company(folder, on)
    book = open_it(folder, on)
    write_a_year(book)
    tenant, tenant_id = await world.tenant()
    company_no = await world.company(tenant)
    user = await world.user(tenant, Role.OWNER)
    laptop = Laptop(replica=book.replica, key=book.signing_key)
    code = await world.code(tenant, company_no, user)
    answer = await world.client.post("/v1/enrolments", json=laptop.enrolment(code, book.company.id))
    assert answer.status_code == 201, answer.text
    token = (await world.device_token(tenant_id, laptop)).json()["access_token"]
    events = [raw for run in log_store.runs(book.connection) for raw in run.events]
    branch = Branch(
        world,
        tenant,
        tenant_id,
        company_no,
        book.company.id,
        laptop,
        UserId(user.public_id),
        token,
        world.services.incarnation,
        genesis(book.replica),
        events,
    )
    head = log_store.replica(book.connection, book.replica_no).head
    branch.head = Head(head.seq, head.hash)
    for first in range(1, len(events) + 1, _BATCH):
        await branch.send(branch.batch(first, min(first + _BATCH - 1, len(events))))
    return SameBooks(book, branch)
