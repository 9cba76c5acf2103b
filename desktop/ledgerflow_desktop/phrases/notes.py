"""The notes of a report in plain words: what a reader must know before trusting the figures above."""

from ledgerflow_core.money.amount import grouped_text, signed_text
from ledgerflow_core.money.currency import Currency
from ledgerflow_desktop.phrases.visible import visible

# Holes: {amount} with Dr or Cr, {unsigned} without, {count} as a whole number.
NOTES = {
    "entries-in-period": "The period has {count} entries in all; this is a part of them.",
    "opening-balances-differ": (
        "The opening balances of the ledger accounts do not add up to zero: they differ by {amount}. "
        "Correct the opening balances; the difference stands on a line of its own until then."
    ),
}


def note_text(code: str, value: int, currency: Currency, *, indian: bool) -> str:
    """Return a note as a sentence; one without words yet is shown by its code and value, never dropped."""
    sentence = NOTES.get(code)
    if sentence is None:
        return f"{visible(code).replace('-', ' ').capitalize()}: {value}"
    return sentence.format(
        amount=f"{currency.code} {signed_text(value, currency.exponent, indian=indian)}",
        unsigned=f"{currency.code} {grouped_text(value, currency.exponent, indian=indian)}",
        count=grouped_text(value, 0, indian=indian),
    )
