"""Create, change, merge and retire masters."""

from collections.abc import Sequence

from ledgerflow_core.errors import InvalidInput, Problem, refuse
from ledgerflow_core.identifiers import MasterId
from ledgerflow_core.masters.chart import Chart, Master
from ledgerflow_core.masters.validation import problems_in_master, problems_of_lock, problems_of_lock_on_merge
from ledgerflow_desktop.actions.outcome import Changed, Outcome
from ledgerflow_desktop.storage.book import Book


def check(book: Book, master: Master) -> list[Problem]:
    """Return everything that keeps a master from being saved."""
    lock = problems_of_lock(book.chart.masters.get(master.id), master, book.locked_until)
    return problems_in_master(master, book.chart) + lock


def create(book: Book, masters: Sequence[Master]) -> Outcome[Sequence[Master]]:
    """Add masters, all or none, each free to refer to those before it; `InvalidInput` with every problem."""
    scratch = Chart(book.chart.masters.values())
    problems: list[Problem] = []
    for at, master in enumerate(masters):
        found = problems_in_master(master, scratch) + problems_of_lock(None, master, book.locked_until)
        if master.id in scratch.masters:
            found.append(Problem("master-already-there", "id", {"name": master.name}))
        problems += [problem.at(f"masters[{at}]") for problem in found] if len(masters) > 1 else found
        scratch.put(master)
    if problems:
        raise InvalidInput(problems)
    with book.writing() as unit:
        unit.create_masters(masters)
    return Outcome(masters, Changed.MASTERS)


def change(book: Book, master: Master) -> Outcome[Master]:
    """Replace a master by its new state; its id and kind stay."""
    problems = problems_in_master(master, book.chart)
    if master.id not in book.chart.masters:
        problems.append(Problem("unknown-master", "id", {"given": master.id}))
    problems += problems_of_lock(book.chart.masters.get(master.id), master, book.locked_until)
    if problems:
        raise InvalidInput(problems)
    with book.writing() as unit:
        unit.change_master(master)
    return Outcome(master, Changed.MASTERS)


def merge(book: Book, merged: MasterId, into: MasterId) -> Outcome[None]:
    """Let everything on one account or cost centre count on another from now on; it cannot be taken back."""
    problems = problems_of_merge(book, merged, into)
    if problems:
        raise InvalidInput(problems)
    with book.writing() as unit:
        unit.merge_masters(merged, into)
    return Outcome(None, Changed.MASTERS | Changed.VOUCHERS)


def problems_of_merge(book: Book, merged: MasterId, into: MasterId) -> list[Problem]:
    """Return everything that keeps one master from being merged into another."""
    chart = book.chart
    problems = chart.problems_of_merge(merged, into)
    return problems or problems_of_lock_on_merge(chart.masters[merged], chart.masters[into], book.locked_until)


def retire(book: Book, master: MasterId) -> Outcome[None]:
    """Offer a master no more; what stands on it stays, and a change of the master can bring it back."""
    found = book.chart.masters.get(master)
    if found is None:
        raise refuse("unknown-master", "master", given=master)
    if found.retired:
        raise refuse("retired-already", "master", name=found.name)
    if getattr(found, "reserved", None) is not None:
        raise refuse("reserved-name-is-fixed", "master", name=found.name)
    with book.writing() as unit:
        unit.retire_master(master)
    return Outcome(None, Changed.MASTERS)
