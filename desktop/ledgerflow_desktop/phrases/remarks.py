"""What an import remarks on its proof page, as sentences; the same on screen and terminal."""

from ledgerflow_desktop.phrases.visible import visible

SENTENCES = {
    "account-renamed": "An account of that name was there: {0}",
    "opening-balance-kept": "The opening balance here was kept: {0}",
    "voucher-differs": "In the book already, and the file says something else: {0}",
}


def remark_text(code: str, text: str) -> str:
    """Return a remark in words; one without a sentence is said by its code."""
    return SENTENCES.get(code, code.replace("-", " ").capitalize() + ": {0}").format(visible(text))
