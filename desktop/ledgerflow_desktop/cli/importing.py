"""`ledgerflow import`: take books in and print the proof page."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from ledgerflow_core.money.amount import signed_text
from ledgerflow_desktop.actions.importing import import_files
from ledgerflow_desktop.cli import terminal
from ledgerflow_desktop.interchange.proof import Proof
from ledgerflow_desktop.phrases.remarks import remark_text
from ledgerflow_desktop.phrases.visible import visible

_DIFFERENCES_SHOWN = 50


def run(arguments: argparse.Namespace) -> int:
    """Import the files; 1 when a balance the source states differs from ours."""
    with terminal.open_book(arguments.book) as book, terminal.progress("Importing") as progress:
        outcome = import_files(
            book,
            [Path(file) for file in arguments.files],
            format=arguments.format,
            dry_run=arguments.dry_run,
            progress=progress,
        )
        indian = book.company.groups_digits_indian
    for line in proof_lines(outcome.value, indian=indian):
        print(line)
    return 0 if outcome.value.proved else 1


def proof_lines(proof: Proof, *, indian: bool) -> Iterator[str]:
    """Return the proof page as lines of text."""
    exponent = proof.currency.exponent

    def money(minor: int) -> str:
        return signed_text(minor, exponent, indian=indian)

    yield f"{'Would import' if proof.dry_run else 'Imported'} {', '.join(map(visible, proof.files))} ({proof.format})"
    yield f"  vouchers   {proof.vouchers_posted:>12,}" + (
        f"   already in the book: {proof.vouchers_known:,}" if proof.vouchers_known else ""
    )
    for name, count in sorted(proof.vouchers_by_type.items()):
        yield f"    {visible(name):<24} {count:>10,}"
    yield f"  entries    {proof.entries:>12,}"
    yield f"  accounts   {proof.accounts_made:>12,} new, {proof.accounts_known:,} already there"
    yield f"  groups     {proof.groups_made:>12,} new"
    yield f"  debits     {money(proof.debit_total):>24}"
    yield f"  credits    {money(proof.credit_total):>24}"
    if proof.opening_difference:
        yield f"  opening balances do not add up: {money(proof.opening_difference)}"
    for what, count, example in proof.not_imported:
        yield f"  not imported: {count:,} × {what}" + (f" (such as {visible(example)})" if example else "")
    for code, text in proof.remarks[:_DIFFERENCES_SHOWN]:
        yield f"  {remark_text(code, text)}"
    if proof.checked:
        equal = proof.checked - len(proof.differences)
        yield f"  balances stated by the source: {proof.checked:,}, equal to ours: {equal:,}"
    for difference in proof.differences[:_DIFFERENCES_SHOWN]:
        yield f"    {visible(difference.account)}: source {money(difference.stated)}, ours {money(difference.ours)}"
    if len(proof.differences) > _DIFFERENCES_SHOWN:
        yield f"    and {len(proof.differences) - _DIFFERENCES_SHOWN:,} more"
