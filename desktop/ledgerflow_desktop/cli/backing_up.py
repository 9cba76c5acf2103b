"""`ledgerflow backup` and `ledgerflow restore`."""

import argparse
from pathlib import Path

from ledgerflow_desktop.actions import backups, companies
from ledgerflow_desktop.cli import terminal
from ledgerflow_desktop.phrases.visible import visible


def run(arguments: argparse.Namespace) -> int:
    """Write a backup, or bring a company back from one."""
    return _back_up(arguments) if arguments.command == "backup" else _restore(arguments)


def _back_up(arguments: argparse.Namespace) -> int:
    # Only reading, so that it works beside an open window.
    with terminal.open_book(arguments.book, read_only=True) as book, terminal.progress("Backing up") as progress:
        target = Path(arguments.output) if arguments.output else None
        written = backups.back_up(book, target, progress=progress).value
    print(f"Wrote {visible(str(written))}, read back and found whole.")
    print("It opens with the passphrase or recovery code of today. Keep a copy on another disk.")
    return 0


def _restore(arguments: argparse.Namespace) -> int:
    file = Path(arguments.book)
    said = backups.contents(file)  # names a wrong file before anything is asked
    given = terminal.secret_to_unlock()
    code = given if companies.looks_like_a_recovery_code(given) else ""
    with terminal.progress("Restoring") as progress:
        restored = backups.restore(
            file,
            Path(arguments.into),
            terminal.machine(),
            passphrase="" if code else given,
            recovery_code=code,
            replace=arguments.replace,
            progress=progress,
        ).value
    print(f"Restored {visible(said.name)} as of {said.made[:16].replace('T', ' ')} UTC: {said.vouchers:,} vouchers.")
    print(f"It stands in {visible(str(restored.folder))}, with number series of its own from now on.")
    if restored.moved_aside is not None:
        print(f"What stood there is now {visible(str(restored.moved_aside))}.")
    return 0
