"""`ledgerflow tour`: the first walk for a machine without a display, with everything left to look at."""

import argparse
import os
import tempfile
from pathlib import Path

from ledgerflow_core.identifiers import VoucherId
from ledgerflow_core.ledger.entry import Entry
from ledgerflow_core.masters.account import CASH
from ledgerflow_core.masters.voucher_type import VoucherNature, voucher_type_id
from ledgerflow_core.reports.options import ReportOptions
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.actions import companies, importing, reports, vouchers
from ledgerflow_desktop.actions.exporting import export
from ledgerflow_desktop.actions.verification import verify_book
from ledgerflow_desktop.cli import importing as import_command
from ledgerflow_desktop.cli import reporting, terminal, tour_offices
from ledgerflow_desktop.printing.paper import Paper
from ledgerflow_desktop.printing.voucher_pdf import voucher_pdf
from ledgerflow_desktop.sample import trial_server
from ledgerflow_desktop.sample.making import make_sample
from ledgerflow_desktop.screens import shots
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage.book import Book

_REPORTS = ("trial-balance", "profit-and-loss", "balance-sheet", "receivables", "cash-flow", "ratios")


def run(arguments: argparse.Namespace) -> int:
    """Import, post, report, print and take pictures; says what it does and where it stands."""
    # Pictures are taken without a display, also where there is one.
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    out = Path(arguments.out)
    out.mkdir(parents=True, exist_ok=True)
    machine = terminal.machine()
    with tempfile.TemporaryDirectory(prefix="ledgerflow-tour-") as folder:
        _walk(Path(folder), out, machine)
    print("Taking pictures of the screens, light and dark ...")
    pictures = list(shots.take(out))
    print(f"  {len(pictures)} pictures")
    print(f"Everything is in {out}. With a display, the window opens instead.")
    return 0


def _walk(folder: Path, out: Path, machine: Machine) -> None:
    passphrase = "a tour needs no secret"  # noqa: S105 - of a company that lives for a minute
    print("Making the sample company: two financial years of a shop ...")
    sample = make_sample(folder / "Sample", passphrase, machine)
    exported = out / "sample.jsonl"
    with companies.open_company(sample.folder, machine, passphrase=passphrase, read_only=True) as book:
        begin = book.company.books_begin.isoformat()
        with exported.open("wb") as file:
            export(book, "jsonl", file)
    if trial_server.is_installed():
        tour_offices.walk(sample.folder, passphrase, folder, out, machine)
    print("Importing its export into a new company, with the proof page ...")
    form = companies.NewCompany(name="Tour Company", state="27", books_begin=begin)
    made = companies.create(folder / "Tour", form, passphrase, machine)
    with companies.open_company(made.folder, machine, passphrase=passphrase) as book:
        proof = importing.import_files(book, [exported]).value
        for line in import_command.proof_lines(proof, indian=True):
            print(f"  {line}")
        posted = _post(book)
        print(f"Posted receipt {posted.number}.")
        _print(book, posted, out)
        report = verify_book(book)
        print(f"Verified {report.events:,} events: {'all right' if not report.findings else 'see above'}.")


def _post(book: Book) -> Voucher:
    customer = next(account for account in book.chart.accounts.values() if book.chart.is_party(account.id))
    receipt = Voucher(
        id=VoucherId(book.machine.identifiers().new()),
        type=voucher_type_id(VoucherNature.RECEIPT),
        date=book.machine.today(),
        party=customer.id,
        narration="Received on the tour",
        entries=(Entry(account=CASH, amount=12_500_00), Entry(account=customer.id, amount=-12_500_00)),
    )
    return vouchers.post(book, [receipt]).value[0]


def _print(book: Book, posted: Voucher, out: Path) -> None:
    for code in _REPORTS:
        table = reports.run(book, code, ReportOptions())
        for format_, suffix in (("table", "txt"), ("pdf", "pdf")):
            with terminal.output(str(out / f"{code}.{suffix}")) as file:
                reporting.write(table, file, format_, paper="a4", to_terminal=False)
    with terminal.output(str(out / "receipt.pdf")) as file:
        voucher_pdf(posted, book.company, book.chart, book.chart.voucher_types[posted.type], file, paper=Paper.A4)
    print(f"Wrote {len(_REPORTS)} reports as text and PDF, and the receipt as PDF.")
