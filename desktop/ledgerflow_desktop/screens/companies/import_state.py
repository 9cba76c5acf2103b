"""The proof page in words, without Qt."""

from collections.abc import Callable

from ledgerflow_core.money.amount import grouped_text, signed_text
from ledgerflow_desktop.interchange.proof import Proof

FORMAT_NAMES = {"jsonl": "LedgerFlow JSON Lines", "tally": "Tally XML", "gnucash": "GnuCash", "hledger": "hledger"}


def proof_lines(proof: Proof, *, indian: bool, tr: Callable[[str], str]) -> list[tuple[str, str]]:
    """Return what an import brings as (name, figure) lines; what is nought is left out."""
    exponent = proof.currency.exponent

    def count(number: int) -> str:
        return grouped_text(number, 0, indian=indian)

    def money(minor: int) -> str:
        return f"{proof.currency.code} {grouped_text(minor, exponent, indian=indian)}"

    lines = [
        (tr("Format"), FORMAT_NAMES.get(proof.format, proof.format)),
        (tr("Groups made"), count(proof.groups_made)),
        (tr("Accounts made"), count(proof.accounts_made)),
        (tr("Accounts already here"), count(proof.accounts_known)),
        (tr("Other masters made"), count(proof.other_masters_made)),
        (tr("Vouchers"), count(proof.vouchers_posted)),
        (tr("Vouchers already here"), count(proof.vouchers_known)),
        *((f"    {name}", count(number)) for name, number in sorted(proof.vouchers_by_type.items())),
        (tr("Debits"), money(proof.debit_total)),
        (tr("Credits"), money(proof.credit_total)),
        (tr("Balances stated by the file and checked"), count(proof.checked)),
    ]
    return [line for line in lines if line[1] != "0"]


def difference_lines(proof: Proof, *, indian: bool) -> list[tuple[str, str, str]]:
    """Return the accounts whose balance is not what the file says: name, stated, ours."""
    exponent = proof.currency.exponent
    return [
        (
            each.account,
            signed_text(each.stated, exponent, indian=indian),
            signed_text(each.ours, exponent, indian=indian),
        )
        for each in proof.differences
    ]
