"""`ledgerflow merge` and `ledgerflow retire`."""

import argparse

from ledgerflow_core.errors import refuse
from ledgerflow_core.identifiers import MasterId
from ledgerflow_core.masters.chart import Chart, Master
from ledgerflow_desktop.actions import masters
from ledgerflow_desktop.cli import terminal


def run(arguments: argparse.Namespace) -> int:
    """Merge one account or cost centre into another, or retire a master."""
    with terminal.open_book(arguments.book) as book:
        if arguments.command == "merge":
            merged = _named(book.chart, arguments.merged, "merged")
            into = _named(book.chart, arguments.into, "into")
            masters.merge(book, MasterId(merged.id), MasterId(into.id))
            print(f"Merged {merged.name} into {into.name}")
        else:
            master = _named(book.chart, arguments.name, "master")
            masters.retire(book, MasterId(master.id))
            print(f"Retired {master.name}")
    return 0


def _named(chart: Chart, name: str, place: str) -> Master:
    """Find a master by id or name; an account before a cost centre before what else has the name."""
    found = (
        chart.masters.get(name)
        or chart.account_named(name)
        or chart.cost_centre_named(name)
        or chart.voucher_type_named(name)
        or chart.group_named(name)
        or chart.cost_category_named(name)
        or chart.currency(name)
    )
    if found is None:
        raise refuse("unknown-master", place, given=name[:60])
    return found
