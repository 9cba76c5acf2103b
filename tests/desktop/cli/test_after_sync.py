"""What commands say of a book in which something waits for a decision."""

import json
import re
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from builders import a_sale, voucher_id
from desktop.cli.running import run
from desktop.storage.replica_books import Office, a_first_office, a_further_office
from ledgerflow_desktop.actions import periods, vouchers
from ledgerflow_desktop.settings.machine import Machine

JULY = date(2026, 7, 31)


def alter(office: Office, narration: str) -> None:
    before = vouchers.load(office.book, voucher_id("s1"))
    vouchers.alter(office.book, before, replace(before.voucher, narration=narration))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book with one voucher in effect, an alteration of it that came late, and one posted into a locked month."""
    place = tmp_path_factory.mktemp("offices")
    head = a_first_office(place, "asha")
    with head.book:
        vouchers.post(head.book, [a_sale("s1")])
        head.sync()
        branch = a_further_office(place, head, "ravi")
        with branch.book:
            branch.sync()
            alter(head, "Asha was first")
            periods.lock(head.book, JULY)
            vouchers.post(branch.book, [replace(a_sale("s2"), number="")])
            alter(branch, "Ravi was late")
            for office in (head, branch, head):
                office.sync()
        return head.book.folder.path


def parked_posting(folder: Path) -> str:
    (line,) = (line for line in run("conflicts", folder).out.splitlines() if "New voucher: " in line)
    return line.split()[0]


def test_verify_counts_what_waits_apart_from_the_vouchers_in_the_books(folder: Path) -> None:
    done = run("verify", folder)
    assert done.code == 0, done.err
    assert ", 1 vouchers, 2 waiting for a decision; " in done.out


def test_the_edit_log_says_plainly_what_had_no_effect(folder: Path) -> None:
    lines = run("log", folder).out.splitlines()
    late = next(at for at, line in enumerate(lines) if "Ravi was late" in line)
    above = next(line for line in reversed(lines[:late]) if not line.startswith("    narration"))
    assert above == "    without effect: Somebody else changed it first [stale-base]"
    said = json.loads(run("log", folder, "--format", "json").out)
    assert sorted(line["parked"] for line in said if line["parked"]) == ["period-locked", "stale-base"]


def test_applying_into_a_locked_month_names_the_commands_that_do(folder: Path) -> None:
    wanted = parked_posting(folder)
    refused = run("conflicts", folder, "resolve", wanted, "--apply")
    assert (refused.code, refused.codes) == (1, ["period-locked", "conflict-day-locked"])
    again = f"ledgerflow conflicts {folder} resolve {wanted} --apply"
    assert f"To give it another day: {again} --date 2026-08-01. " in refused.err
    assert f"{again} --reopen REASON." in refused.err


def test_both_sides_are_shown_in_words_with_who_wrote_them(folder: Path) -> None:
    (altered,) = (line for line in run("conflicts", folder).out.splitlines() if "Change: " in line)
    assert altered.endswith("Somebody else changed it first. [stale-base]")
    shown = run("conflicts", folder, "show", altered.split()[0]).out
    when = r"\d{4}-\d\d-\d\d \d\d:\d\d UTC"
    assert re.search(rf"^Stands now: +INR 1,180\.00, entered by asha \(\w+\) at {when}$", shown, re.MULTILINE)
    assert re.search(
        rf"^Parked: +INR 1,180\.00, entered by ravi \(\w+\) at {when}, arrived {when}$", shown, re.MULTILINE
    )
    assert re.search(r"^≠  Narration +Asha was first +Ravi was late$", shown, re.MULTILINE)
    assert re.search(r"^   Date +\d\d-\w{3}-2026 +\d\d-\w{3}-2026$", shown, re.MULTILINE)
    assert "entries[" not in shown and "voucher.altered" not in shown


@dataclass(frozen=True, slots=True)
class ClockOfAnIntruder(Machine):
    """Writes into its events, where the time belongs, what clears a terminal."""

    def timestamp(self) -> str:
        return "\x1b[2J\x1b]0;owned\x07"


def test_the_time_another_office_wrote_drives_no_terminal(tmp_path: Path) -> None:
    head = a_first_office(tmp_path, "asha")
    with head.book:
        vouchers.post(head.book, [a_sale("s1")])
        head.sync()
        branch = a_further_office(tmp_path, head, "ravi")
        with branch.book:
            branch.sync()
            machine = branch.book.machine
            branch.book.machine = ClockOfAnIntruder(
                **{each.name: getattr(machine, each.name) for each in fields(machine)}
            )
            alter(head, "Asha was first")
            alter(branch, "Ravi was late")
            for office in (head, branch, head):
                office.sync()
    folder = head.book.folder.path
    listed = run("conflicts", folder).out
    shown = run("conflicts", folder, "show", listed.split()[0]).out
    assert "entered by ravi" in shown and "owned" in shown
    assert "\x1b" not in listed + shown and "\x07" not in listed + shown


def test_a_conflict_is_named_by_the_beginning_or_the_end_of_its_id(folder: Path) -> None:
    wanted = parked_posting(folder)
    whole = run("conflicts", folder, "show", wanted)
    assert whole.code == 0, whole.err
    assert {run("conflicts", folder, "show", part).out for part in (wanted[:-2], wanted[-8:])} == {whole.out}
    assert run("conflicts", folder, "show", wanted[:3]).codes == ["unknown-conflict"]
