"""Why an event waits for a person, as words; the same on screen and terminal."""

_REASONS = {
    "already-resolved": "Somebody decided about it before",
    "amount-too-large": "With it a month of an account would come to more than the books can hold",
    "company-exists": "The company was there already",
    "duplicate": "It stands in the log a second time, and counts once",
    "invalid": "It breaks a rule of the books",
    "master-exists": "It was made somewhere else already",
    "not-allowed-change": "It may not be changed like that",
    "not-permitted": "Who made it may not do that",
    "number-duplicate": "Its number was taken already",
    "period-locked": "Its day was locked already",
    "revoked-signer": "It came from a device that is shut out",
    "stale-base": "Somebody else changed it first",
    "unbalanced": "Its debits and credits differ",
    "unknown-event": "What it decides about is not known",
    "unknown-master": "It names an account or other master that is not in effect",
    "unknown-voucher": "It changes a voucher that is not in effect",
    "unsupported-version": "A newer LedgerFlow wrote it",
    "voucher-exists": "The voucher was there already",
}


def reason_text(reason: str) -> str:
    """Return why something is parked; a reason without words is said by its code."""
    return _REASONS.get(reason, reason.replace("-", " ").capitalize())
