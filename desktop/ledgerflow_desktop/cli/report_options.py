"""The options of `ledgerflow report`, apart from running it: they are needed for `--help` of everything."""

import argparse

REPORTS = (
    "trial-balance", "profit-and-loss", "balance-sheet", "day-book", "account", "group-summary", "cash-flow",
    "receivables", "payables", "cost-centres", "ratios",
)  # fmt: skip

MORE = """

Without --from and --to a report covers the whole books. Every report prints as a table, JSON (one envelope for
all, amounts as decimal strings, debit positive), CSV, XLSX with real numbers and formulas, or PDF."""


def add_to(report: argparse.ArgumentParser) -> None:
    """Add the arguments of `report`."""
    add = report.add_argument
    add("report", metavar="REPORT", choices=REPORTS, help=", ".join(REPORTS))
    add("--account", metavar="NAME", help="for account; one party for receivables and payables")
    add("--group", metavar="NAME", help="for group-summary")
    add("--centre", metavar="NAME", help="one centre, for cost-centres")
    add("--from", dest="first", default="", metavar="DATE", help="first day, YYYY-MM-DD")
    add("--to", dest="last", default="", metavar="DATE", help="last day, inside")
    add("--as-known", default="", metavar="DATE", help="what the books said at the end of that day")
    add("--compare", choices=("previous-period", "previous-year", "month", "quarter"), help="columns beside it")
    add("--monthly", action="store_true", help="by month: account, cash-flow")
    add("--zero-rows", action="store_true", help="also accounts with nothing on them")
    add("--depth", type=int, metavar="N", help="how many levels of groups, 0 for the top")
    add("--flat", action="store_true", help="accounts only, without groups")
    add("--layout", choices=("vertical", "horizontal"), default="vertical")
    add("--ageing", metavar="30,60,90", default="", help="days that part the age columns")
    add("--offset", type=int, default=0, help="skip lines of a long report")
    add("--limit", type=int, help="most lines of a long report")
    add("--format", default="table", choices=("table", "json", "csv", "xlsx", "pdf"))
    add("--paper", default="a4", choices=("a4", "letter"), help="for pdf")
    add("-o", "--output", default="-", metavar="FILE", help="file to write (default: standard output)")
