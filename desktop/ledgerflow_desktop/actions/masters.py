"""Create and change masters."""

from collections.abc import Sequence

from ledgerflow_core.errors import InvalidInput, Problem
from ledgerflow_core.masters.chart import Chart, Master
from ledgerflow_core.masters.validation import problems_in_master, problems_of_lock
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
