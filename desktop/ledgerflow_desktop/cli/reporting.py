"""`ledgerflow report`: one report to the terminal or a file."""

import argparse
import importlib
import io
import shutil
import sys
from datetime import date
from typing import BinaryIO

from ledgerflow_core.calendar import parse_date
from ledgerflow_core.errors import InvalidInput, Problem
from ledgerflow_core.reports.comparative import Comparison
from ledgerflow_core.reports.options import ReportOptions
from ledgerflow_core.reports.outstanding import USUAL_AGEING
from ledgerflow_core.reports.report_table import ReportTable, as_json
from ledgerflow_core.reports.two_sided import Layout
from ledgerflow_desktop.actions import reports
from ledgerflow_desktop.cli import terminal


def run(arguments: argparse.Namespace) -> int:
    """Draw the report and write it in the format asked for."""
    options = options_of(arguments)
    if arguments.format in ("xlsx", "pdf") and arguments.output == "-" and sys.stdout.isatty():
        raise InvalidInput([Problem("output-missing", "--output", {"format": arguments.format})])
    with terminal.open_book(arguments.book, read_only=True) as book:
        table = reports.run(book, arguments.report, options)
    with terminal.output(arguments.output) as out:
        write(table, out, arguments.format, paper=arguments.paper, to_terminal=arguments.output == "-")
    return 0


def options_of(arguments: argparse.Namespace) -> ReportOptions:
    """Return the options of a command line; `InvalidInput` with every one that cannot be."""
    problems: list[Problem] = []

    def day(text: str, flag: str) -> date | None:
        try:
            return parse_date(text) if text else None
        except InvalidInput as error:
            problems.extend(problem.at(flag) for problem in error.problems)
            return None

    first, last = day(arguments.first, "--from"), day(arguments.last, "--to")
    as_known = day(arguments.as_known, "--as-known")
    ageing = arguments.ageing.split(",") if arguments.ageing else []
    if not all(part.strip().isdigit() for part in ageing):
        problems.append(Problem("bad-ageing", "--ageing", {"given": arguments.ageing}))
    if problems:
        raise InvalidInput(problems)
    return ReportOptions(
        first=first,
        last=last,
        as_known=as_known,
        ageing=tuple(int(part) for part in ageing) or USUAL_AGEING,
        account=arguments.account,
        group=arguments.group,
        centre=arguments.centre,
        zero_rows=arguments.zero_rows,
        depth=arguments.depth,
        flat=arguments.flat,
        layout=Layout(arguments.layout),
        compare=Comparison(arguments.compare) if arguments.compare else None,
        monthly=arguments.monthly,
        offset=arguments.offset,
        limit=arguments.limit,
    )


def write(table: ReportTable, out: BinaryIO, format_: str, *, paper: str, to_terminal: bool) -> None:
    """Write a report in one of the five formats. Writers are loaded when used: PDF alone takes half a second."""
    match format_:
        case "json":
            out.write(as_json(table))
        case "csv":
            _printing("report_csv").report_csv(table, out, with_byte_order_mark=False)
        case "xlsx":
            # Its writer seeks and closes; a pipe may do neither, and may end early.
            sheet = io.BytesIO()
            _printing("report_xlsx").report_xlsx(table, sheet)
            out.write(sheet.getbuffer())
        case "pdf":
            _printing("report_pdf").report_pdf(table, out, paper=_printing("paper").Paper(paper))
        case _:
            width = shutil.get_terminal_size().columns if to_terminal and sys.stdout.isatty() else None
            for line in _printing("report_text").report_text(table, width=width):
                out.write(line.encode("utf-8", "replace") + b"\n")


def _printing(module: str):  # type: ignore[no-untyped-def]  # one of our own modules, loaded late
    return importlib.import_module(f"ledgerflow_desktop.printing.{module}")
