"""`ledgerflow new` and `ledgerflow sample`."""

import argparse
from pathlib import Path

from ledgerflow_core.errors import InvalidInput
from ledgerflow_desktop.actions import companies
from ledgerflow_desktop.cli import terminal
from ledgerflow_desktop.settings.places import usual_of


def run(arguments: argparse.Namespace) -> int:
    """Create an empty company, or the sample one."""
    if arguments.command == "sample":
        return _sample(arguments)
    usual = usual_of(arguments.country)
    form = companies.NewCompany(
        name=arguments.name,
        country=arguments.country,
        state=arguments.state,
        currency=arguments.currency or usual.currency,
        year_start=arguments.year_start or usual.year_start,
        books_begin=arguments.books_begin,
    )
    problems = companies.problems_in(form)
    if problems:
        raise InvalidInput(problems)
    created = companies.create(Path(arguments.book), form, terminal.new_passphrase(), terminal.machine())
    print(f"Created {created.folder}")
    terminal.print_recovery_code(created.recovery_code)
    return 0


def _sample(arguments: argparse.Namespace) -> int:
    from ledgerflow_desktop.sample import making

    with terminal.progress("Making the sample company") as progress:
        created = making.make_sample(
            Path(arguments.book),
            terminal.new_passphrase(),
            terminal.machine(),
            vouchers=arguments.vouchers,
            progress=progress,
        )
    print(f"Created {created.folder}")
    terminal.print_recovery_code(created.recovery_code)
    return 0
