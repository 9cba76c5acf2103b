"""What people type: `ledgerflow` and `ledgerflow-server` as processes, on books that offices share."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from end_to_end.company import SharedCompany
from end_to_end.fault_proxy import FaultProxy
from end_to_end.head_office import FIRST_TENANT, PATHS, HeadOffice
from end_to_end.office import PASSPHRASE, Office
from ledgerflow_core.sync.replica import Status
from ledgerflow_desktop.actions import vouchers
from simulation.oracle import entries_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def test_sync_watches_until_ctrl_c_and_what_the_other_office_posts_appears(shared_company: SharedCompany) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    delhi.close()
    watching = started(delhi, "sync", "Books.ledgerflow", "--watch")
    try:
        (first,) = pune.post(1)
        pune.sync()
        shared_company.proxy.wait_for(lambda: first.number in numbers(delhi), seconds=60)
        # While it rests other commands write to the book, and what they wrote goes out by itself.
        posted = ledgerflow(delhi, "post", "Books.ledgerflow", "-", typed=a_payment("Posted beside the watch"))
        assert posted.returncode == 0, posted.stderr
        shared_company.proxy.wait_for(lambda: "Posted beside the watch" in narrations(pune), seconds=60)
        watching.send_signal(signal.SIGINT)
        said, errors = watching.communicate(timeout=30)
        assert (watching.returncode, "Traceback" in errors) == (0, False), errors
        # It may just have been taking in what it sent itself.
        assert re.match("(up to date|syncing) · nothing to send · last sync ", said), said
    finally:
        watching.kill()
        watching.communicate()
    delhi.reopen()
    shared_company.end()


def test_a_conflict_is_put_right_from_the_shell_and_both_offices_have_the_correction(
    shared_company: SharedCompany, tmp_path: Path
) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    (voucher,) = pune.post(1)
    shared_company.settle()
    pune.alter(voucher.id, 111_00)
    delhi.alter(voucher.id, 222_00)
    pune.sync()
    delhi.sync()
    delhi.close()
    listed = ledgerflow(delhi, "conflicts", "Books.ledgerflow")
    assert "[stale-base]" in listed.stdout
    conflict = listed.stdout.split()[0]
    shown = ledgerflow(delhi, "conflicts", "Books.ledgerflow", "show", conflict)
    assert re.search(r"^Stands now: +INR 111\.00, entered by Pune \(", shown.stdout, re.MULTILINE), shown.stdout
    assert re.search(r"^Parked: +INR 222\.00, entered by Delhi \(", shown.stdout, re.MULTILINE), shown.stdout
    right = tmp_path / "right.json"
    right.write_bytes(a_payment("It was three hundred and thirty-three", "333.00"))
    done = ledgerflow(
        delhi,
        "conflicts",
        "Books.ledgerflow",
        "resolve",
        conflict[-8:],
        "--correct",
        str(right),
        "--reason",
        "Recounted",
    )
    assert (done.returncode, done.stdout) == (0, "Put right. Nothing more waits for a decision.\n"), done.stderr
    synced = ledgerflow(delhi, "sync", "Books.ledgerflow")
    assert (synced.returncode, synced.stdout[:28]) == (0, "up to date · nothing to send"), synced.stderr
    delhi.reopen()
    shared_company.end()
    for office in (pune, delhi):
        assert office.parked() == []
        standing = vouchers.load(office.book, voucher.id).voucher
        assert [entry.amount for entry in standing.entries] == [333_00, -333_00]
        assert standing.number == voucher.number


def test_one_tenant_comes_back_from_a_backup_beside_another_that_went_on(
    own_head_office: Callable[..., HeadOffice], tmp_path: Path
) -> None:
    server = own_head_office()
    with FaultProxy(server.start()) as proxy:
        server.new_tenant("Strangers")
        lost, living = (
            SharedCompany(tmp_path / name, server, proxy, tenant=name) for name in (FIRST_TENANT, "Strangers")
        )
        pune, delhi = lost.open("Pune", "Delhi")
        (stranger,) = living.open("Stranger")
        pune.post(3)
        lost.settle()
        backup = server.folder / "one.backup"
        assert server.sealed("backup", str(backup)).returncode == 0
        delhi.post(2)
        lost.settle()
        stranger.post(2)
        living.settle()
        tenant = tenant_of(server, FIRST_TENANT)
        server.stop()
        remove_tenant(server, tenant)
        assert "beside the others" in server.sealed("restore-tenant", str(backup), tenant).stdout
        proxy.upstream = server.start()
        stranger.post(1)
        assert living.end().acknowledged == 3
        assert delhi.sync(patience=4).status in (Status.UP_TO_DATE, Status.WAITING)
        pune.post(1)
        assert lost.end().acknowledged == 6
        assert len(entries_of(pune.server_log())) == pune.log_size()
        assert server.command("verify").endswith("All is as it was written.\n")
        lost.close()
        living.close()


# --- what is typed -------------------------------------------------------------------------------


ENVIRONMENT = {"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(PATHS), "LEDGERFLOW_PASSPHRASE": PASSPHRASE}


def command(office: Office, *arguments: str) -> list[str]:
    return [sys.executable, "-W", "error", "-m", "end_to_end.shell", str(office.place), office.name, *arguments]


def started(office: Office, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        command(office, *arguments),
        cwd=office.place, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def ledgerflow(office: Office, *arguments: str, typed: bytes = b"") -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        command(office, *arguments),
        cwd=office.place, env=ENVIRONMENT, input=typed, capture_output=True, check=False, timeout=100,
    )  # fmt: skip
    said = done.stderr.decode()
    assert "Traceback" not in said, said
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), said)


def a_payment(narration: str, amount: str = "12.00") -> bytes:
    entries = [{"ledger": "Rent", "amount": amount}, {"ledger": "Cash", "amount": f"-{amount}"}]
    said = {"type": "Journal", "date": "2026-05-04", "narration": narration, "entries": entries}
    return json.dumps(said).encode()


def numbers(office: Office) -> str:
    """Return the day book as the command prints it, from a book that somebody else has open."""
    shown = ledgerflow(
        office,
        "report",
        "Books.ledgerflow",
        "day-book",
        "--from",
        "2024-04-01",
        "--to",
        "2027-03-31",
        "--format",
        "csv",
    )
    assert shown.returncode == 0, shown.stderr
    return shown.stdout


def narrations(office: Office) -> list[str]:
    office.sync()
    return [voucher.narration for voucher in office.book.vouchers_in_order()]


# --- what a disaster does ------------------------------------------------------------------------


def tenant_of(server: HeadOffice, name: str) -> str:
    ((found,),) = server.ask(f"SELECT public_id FROM lf.tenant WHERE name = '{name}'")
    return str(found)


def remove_tenant(server: HeadOffice, public_id: str) -> None:
    """Remove every row of a tenant, as only a disaster does."""
    with psycopg.connect(server.postgres.administration("ledgerflow")) as admin:
        tables = admin.execute(
            "SELECT format('%I.%I', n.nspname, c.relname)"
            " FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
            " WHERE n.nspname IN ('lf', 'idn') AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
            " AND c.relname <> 'schema_version'"
        ).fetchall()
        (number,) = admin.execute("SELECT tenant_no FROM lf.tenant WHERE public_id = %s", [public_id]).fetchone()
        admin.execute("SET session_replication_role = replica")
        for (table,) in tables:
            admin.execute(f"DELETE FROM {table} WHERE tenant_no = {number}")
