"""The proof page: what an import brought, and that the books now say what the source said."""

from dataclasses import dataclass, field

from ledgerflow_core.money.currency import Currency


@dataclass(frozen=True, slots=True)
class BalanceDifference:
    """An account whose closing balance in the source differs from ours; minor units, debit positive."""

    account: str
    stated: int
    ours: int


@dataclass
class Proof:
    """What an import did, or, after a dry run, would do.

    `checked` counts the accounts whose balances the source states; all that differ stand in `differences`.
    `opening_difference` is what the opening balances fail to add up to (0 in sound books). `remarks` are
    facts a reader must know: (code, text).
    """

    format: str
    files: list[str]
    currency: Currency
    dry_run: bool = False
    groups_made: int = 0
    accounts_made: int = 0
    accounts_known: int = 0
    other_masters_made: int = 0
    vouchers_posted: int = 0
    vouchers_known: int = 0
    entries: int = 0
    debit_total: int = 0
    credit_total: int = 0
    opening_difference: int = 0
    checked: int = 0
    vouchers_by_type: dict[str, int] = field(default_factory=dict)
    differences: list[BalanceDifference] = field(default_factory=list)
    not_imported: list[tuple[str, int, str]] = field(default_factory=list)
    remarks: list[tuple[str, str]] = field(default_factory=list)

    @property
    def proved(self) -> bool:
        """Whether debits equal credits and no stated balance differs."""
        return self.debit_total == -self.credit_total and not self.differences
