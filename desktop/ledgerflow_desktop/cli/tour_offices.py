"""The chapters of the tour about two offices: a line that is cut, what waits then, its decision, one trial balance."""

from collections.abc import Callable
from pathlib import Path

from ledgerflow_core.reports.options import ReportOptions
from ledgerflow_core.reports.report_table import ReportTable
from ledgerflow_desktop.actions import companies, conflict_list, conflict_words, conflicts, reports, resolving
from ledgerflow_desktop.actions.conflict_words import Money, MoneyLine
from ledgerflow_desktop.actions.resolving import Decision
from ledgerflow_desktop.cli import reporting, terminal
from ledgerflow_desktop.sample import story, two_offices
from ledgerflow_desktop.sample.story import Offices
from ledgerflow_desktop.sample.trial_server import TrialServer, TrialServerFailed
from ledgerflow_desktop.sample.two_offices import FIRST, SECOND, Meeting
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage.book import Book

Tell = Callable[[str], None]


def walk(sample: Path, passphrase: str, folder: Path, out: Path, machine: Machine) -> None:
    """Let the sample meet a second office, and write what happens to `two-offices.txt`; ends what it starts."""
    said: list[str] = []

    def tell(line: str) -> None:
        said.append(line)
        print(f"  {line}")

    print("Two offices: starting a server on this machine ...")
    try:
        meeting = two_offices.meet(TrialServer(out.absolute().parent / "tour-server"), machine.timestamp())
    except TrialServerFailed as failed:
        print(f"  The server did not start ({failed.problems[0].facts.get('reason')}); the tour goes on without it.")
        return
    try:
        _two_offices(sample, passphrase, folder, out, machine, meeting, tell)
    finally:
        meeting.end()
    (out / "two-offices.txt").write_text("\n".join(said) + "\n", "utf-8")


def _two_offices(
    sample: Path, passphrase: str, folder: Path, out: Path, machine: Machine, meeting: Meeting, tell: Tell
) -> None:  # fmt: skip
    first_machine, second_machine = (two_offices.office_machine(machine, name, folder) for name in (FIRST, SECOND))
    with companies.open_company(sample, first_machine, passphrase=passphrase) as first:
        two_offices.enrol_first(first, meeting)
        done = two_offices.sync(first)
        tell(f"{FIRST} is enrolled and has sent its books: {done.pushed:,} events, {done.sent:,} bytes, {done.status}.")
        joined = two_offices.join_second(folder / "Second", passphrase, meeting, second_machine)
        with companies.open_company(joined, second_machine, passphrase=passphrase) as second:
            done = two_offices.sync(second)
            tell(f"{SECOND} has them from the server: {done.received:,} bytes, {done.status}.")
            offices = Offices(first, second, meeting)
            story.disagree(offices, tell)
            _decide(second, tell)
            offices.sync_all()
            _compare(first, second, out, tell)


def _decide(book: Book, tell: Tell) -> None:
    """Show what waits in the second office, and apply it."""
    money = Money(book.company)
    for one in conflict_list.listed(book):
        opened = conflict_list.opened(book, one.id)
        tell(f"To decide: {conflict_words.headline(one)}  ·  {conflict_words.about(one, money)}")
        tell(f"  from {conflict_words.who_words(one.office)}. {conflict_words.why(one)}")
        for field in conflict_words.field_lines(opened.sides, book.chart, money):
            if field.differs:
                tell(f"  {field.name}: stands '{field.stands}', parked '{field.parked}'")
        for is_tax in (False, True):
            for line in conflict_words.money_lines(opened.sides.effects, money, tax=is_tax):
                tell(_money(line))
        resolving.resolve(book, conflicts.find(book, one.id), Decision(kind="applied", reason="Three it was"))
        tell("  Decided: what was parked is applied, for the reason 'Three it was'.")


def _money(line: MoneyLine) -> str:
    return f"  {line.account:<28} stands {line.stands:>18}   parked {line.parked:>18}   {line.difference:>18}"


def _compare(first: Book, second: Book, out: Path, tell: Tell) -> None:
    tables: list[ReportTable] = []
    for book, name in ((first, FIRST), (second, SECOND)):
        table = reports.run(book, "trial-balance", ReportOptions())
        tables.append(table)
        with terminal.output(str(out / f"trial-balance-{name.split()[0].lower()}.txt")) as file:
            reporting.write(table, file, "table", paper="a4", to_terminal=False)
    same = tables[0].rows == tables[1].rows
    tell(f"The trial balances of {FIRST} and {SECOND} are {'equal, line by line' if same else 'DIFFERENT'}.")
