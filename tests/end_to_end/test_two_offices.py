"""Two offices, one company: a real server over TLS with its own PostgreSQL, and two books moved by the command line."""

import json
import platform
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from desktop.builders import PASSPHRASE, a_company_folder
from desktop.cli.running import Done, run
from sync_server.machines import Machine, new_machine

pytestmark = pytest.mark.slow

UP_TO_DATE = re.compile(r"^up to date · nothing to send · last sync \d{4}-\d\d-\d\d \d\d:\d\d UTC$", re.MULTILINE)


@pytest.fixture
def machine() -> Iterator[Machine]:
    with new_machine() as made, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        made.environment["LEDGERFLOW_PORT"] = str(free.getsockname()[1])
        free.close()
        yield made


def code_in(printed: str) -> str:
    found = re.search(r"^code\s+(\S+)", printed, re.MULTILINE)
    assert found, printed
    return found[1]


def well(done: Done) -> Done:
    assert done.code == 0, done.err + done.out
    return done


def post(folder: Path, *amounts: int, day: str = "2026-05-04") -> None:
    lines = [json.dumps(journal(amount, day)) for amount in amounts]
    well(run("post", folder, "-", stdin="\n".join(lines).encode()))


def journal(amount: int, day: str = "2026-05-04") -> dict[str, object]:
    entries = [{"ledger": "Rent", "amount": f"{amount}.00"}, {"ledger": "Meena Mills", "amount": f"-{amount}.00"}]
    return {"type": "Journal", "date": day, "entries": entries}


def trial_balance(folder: Path) -> list[object]:
    done = well(run("report", folder, "trial-balance", "--format", "json"))
    rows = json.loads(done.out)["rows"]
    assert isinstance(rows, list)
    return rows


def rent(folder: Path) -> str:
    return next(json.dumps(row) for row in trial_balance(folder) if "Rent" in json.dumps(row))


def synced(folder: Path) -> None:
    done = well(run("sync", folder))
    assert UP_TO_DATE.search(done.out), done.out


def two_offices(machine: Machine, url: str, tmp_path: Path) -> tuple[Path, Path]:
    """Enrol the book of Pune with the code that `init` printed, and make one for Delhi from what the server has."""
    pune, delhi = a_company_folder(tmp_path, "Pune"), tmp_path / "Delhi.ledgerflow"
    enrolled = well(run("enrol", pune, url, code_in(machine.printed)))  # type: ignore[attr-defined]
    assert "Enrolled Lotus Traders" in enrolled.out
    synced(pune)
    code = machine.run("enrol-code")
    assert code.returncode == 0, code.stderr
    made = well(run("enrol", delhi, url, code_in(code.stdout), "--new", passphrase=PASSPHRASE))
    assert "Recovery code" in made.out
    synced(delhi)
    return pune, delhi


def begun(machine: Machine) -> None:
    done = machine.run("init", "--company", "Lotus Traders")
    assert done.returncode == 0, done.stderr
    machine.printed = done.stdout  # type: ignore[attr-defined]


@pytest.mark.timeout(300)
def test_what_two_offices_wrote_without_a_server_is_in_both_books_once_it_is_there(
    machine: Machine, tmp_path: Path
) -> None:
    begun(machine)
    with machine.serving() as (url, _):
        pune, delhi = two_offices(machine, url, tmp_path)
        assert trial_balance(pune) == trial_balance(delhi)
    post(pune, 100, 200, 300)
    post(delhi, 4000, 5000)
    waiting = run("sync", pune)
    assert waiting.code == 3
    assert waiting.out.startswith("waiting · 3 events to send · last sync ")
    assert "[unreachable]" in waiting.out
    with machine.serving():
        synced(pune)
        synced(delhi)
        synced(pune)
        assert trial_balance(pune) == trial_balance(delhi)
        assert '"debit": "9600.00"' in rent(pune)
        for folder in (pune, delhi):
            well(run("verify", folder, "--against-server"))
    for folder in (pune, delhi):
        status = well(run("sync", folder, "--status"))
        assert UP_TO_DATE.search(status.out)


@pytest.mark.timeout(300)
def test_the_offices_are_called_as_the_server_knows_their_people_and_machines(machine: Machine, tmp_path: Path) -> None:
    begun(machine)
    with machine.serving() as (url, _):
        pune, delhi = two_offices(machine, url, tmp_path)
        synced(pune)
    here = platform.node()
    for folder in (pune, delhi):
        listed = run("offices", folder).out.splitlines()
        assert [line.split("  ", 1)[1].strip().partition("  ")[0] for line in listed] == [f"owner on {here}"] * 2
        assert sum(line.endswith("this book") for line in listed) == 1
    asked = run("lock", pune, "2026-05-31")
    assert asked.out.startswith(f"Asked to close up to 2026-05-31: owner on {here} (")


@pytest.mark.timeout(300)
def test_the_server_locks_a_month_once_an_office_has_answered_of_which_nobody_knew(
    machine: Machine, tmp_path: Path
) -> None:
    begun(machine)
    with machine.serving() as (url, _):
        pune, delhi = two_offices(machine, url, tmp_path)
        post(delhi, 100, day="2026-05-04")
        # Pune has not synced since Delhi began.
        asked = well(run("lock", pune, "2026-05-31"))
        assert asked.out.startswith("Asked to close up to 2026-05-31.\n")
        for folder in (pune, delhi, pune):
            synced(folder)
        locked = well(run("lock", pune, "2026-05-31"))
        assert locked.out == "Locked up to 2026-05-31 already: every office has answered.\n"
    assert '"debit": "100.00"' in rent(pune), "what Delhi had not sent is in the month"
    assert well(run("conflicts", pune)).out == "Nothing waits for a decision.\n"


@pytest.mark.timeout(300)
def test_a_file_attached_in_one_office_is_opened_in_the_other(machine: Machine, tmp_path: Path) -> None:
    begun(machine)
    with machine.serving() as (url, _):
        pune, delhi = two_offices(machine, url, tmp_path)
        posted = well(run("post", pune, "-", stdin=json.dumps(journal(100)).encode()))
        voucher = json.loads(posted.out)["id"]
        bill = tmp_path / "bill.pdf"
        bill.write_bytes(b"%PDF-1.7 " + bytes(200_000))
        well(run("attach", pune, voucher, bill))
        synced(pune)
        synced(delhi)
    assert "not here" not in well(run("attachments", delhi, voucher)).out
    well(run("attachments", delhi, voucher, "--save", "bill.pdf", "--to", tmp_path / "copy.pdf"))
    assert (tmp_path / "copy.pdf").read_bytes() == bill.read_bytes()


@pytest.mark.timeout(300)
def test_a_byte_changed_in_the_servers_log_is_named(machine: Machine, tmp_path: Path) -> None:
    begun(machine)
    with machine.serving() as (url, _):
        pune, _ = two_offices(machine, url, tmp_path)
        with psycopg.connect(machine.postgres().administration("ledgerflow"), autocommit=True) as connection:
            connection.execute(
                "UPDATE lf.log_batch SET sealed = overlay(sealed PLACING '\\x00'::bytea FROM octet_length(sealed) - 9)"
                " WHERE first_gseq = 1"
            )
        done = run("verify", pune, "--against-server")
    assert done.code == 1
    assert "log-batch-differs" in done.codes
    assert "log entry 1" in done.err
