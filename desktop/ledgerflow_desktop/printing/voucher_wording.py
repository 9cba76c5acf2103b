"""How each nature of voucher is worded on paper, and which of its entries it settles through."""

from dataclasses import dataclass
from typing import Literal

from ledgerflow_core.masters.voucher_type import VoucherNature

_PREPARED = ("Prepared by", "Checked by", "Authorised signatory")


@dataclass(frozen=True, slots=True)
class Wording:
    """`settles` names the entries that stand apart: the cash or bank accounts, or the party; empty for none."""

    title: str
    party: str = "Party"
    settles: Literal["", "money", "party"] = ""
    through: str = ""
    reference: str = "Reference"
    signatures: tuple[str, ...] = _PREPARED


WORDING_OTHERWISE = Wording("")

# An invoice of hand-typed accounts is headed "Invoice", never "Tax Invoice": without item lines it lacks
# what rule 46 of the Central Goods and Services Tax Rules, 2017 asks of one.
_WORDINGS = {
    VoucherNature.RECEIPT: Wording(
        "Receipt", "Received from", "money", "Received through", signatures=("Authorised signatory",)
    ),
    VoucherNature.PAYMENT: Wording(
        "Payment Advice",
        "Paid to",
        "money",
        "Paid through",
        signatures=("Receiver's signature", "Authorised signatory"),
    ),
    VoucherNature.CONTRA: Wording("Contra Voucher"),
    VoucherNature.JOURNAL: Wording("Journal Voucher"),
    VoucherNature.REVERSING_JOURNAL: Wording("Reversing Journal"),
    VoucherNature.MEMORANDUM: Wording("Memorandum Voucher"),
    VoucherNature.SALES: Wording(
        "Invoice", "Bill to", "party", "Settlement", signatures=("Receiver's signature", "Authorised signatory")
    ),
    VoucherNature.PURCHASE: Wording("Purchase Voucher", "Supplier", "party", "Settlement", "Supplier invoice"),
    VoucherNature.CREDIT_NOTE: Wording(
        "Credit Note", "Credit to", "party", "Settlement", "Original invoice", ("Authorised signatory",)
    ),
    VoucherNature.DEBIT_NOTE: Wording(
        "Debit Note", "Debit to", "party", "Settlement", "Original invoice", ("Authorised signatory",)
    ),
}


def wording(nature: VoucherNature) -> Wording:
    """Return the wording of a nature; one without its own prints under the name of its type."""
    return _WORDINGS.get(nature, WORDING_OTHERWISE)
