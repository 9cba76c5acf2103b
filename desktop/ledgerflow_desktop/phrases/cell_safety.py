"""Text that a spreadsheet would take for a formula, told apart and disarmed (CWE-1236).

A name that an attacker chose, ``=HYPERLINK(...)`` or ``@SUM(...)``, must stay a name when a report is opened
in a spreadsheet. Programs differ in what begins a formula: ``=``, ``+``, ``-``, ``@`` and, after import, a tab,
carriage return or line feed; some take the full-width signs too, and some skip blanks before looking.
"""

import re

from ledgerflow_desktop.phrases.visible import REPLACEMENT

_FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@＝＋－＠]")
# A CSV reader may stop at NUL, and lone surrogates cannot be written as UTF-8.
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")


def reads_as_formula(text: str) -> bool:
    """Whether a spreadsheet may run `text` when a cell begins with it."""
    return _FORMULA.match(text) is not None


def disarmed(text: str) -> str:
    """Return `text` for a CSV cell, with an apostrophe before what would run.

    The apostrophe stays in the file: a program that reads the CSV back takes one leading apostrophe off a
    text cell if what follows reads as a formula. Figures never pass through here.
    """
    text = _UNWRITABLE.sub(REPLACEMENT, text)
    return f"'{text}" if reads_as_formula(text) else text
