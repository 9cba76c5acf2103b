"""What went wrong, in sentences: the code of a problem becomes what happened and what to do next."""

from collections.abc import Mapping

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from ledgerflow_core.errors import LedgerFlowError, Problem
from ledgerflow_desktop.phrases.visible import visible

# Holes are the facts of the problem, and {place}.
_SENTENCES: Mapping[str, object] = {
    "name-missing": QT_TRANSLATE_NOOP("Problem", "Give it a name."),
    "wrong-passphrase": QT_TRANSLATE_NOOP("Problem", "That does not open this company. Check capitals and keyboard."),
    "bad-recovery-code": QT_TRANSLATE_NOOP("Problem", "That is not a recovery code. Check for a mistyped letter."),
    "not-a-company": QT_TRANSLATE_NOOP("Problem", "There is no company at {place}."),
    "company-exists": QT_TRANSLATE_NOOP("Problem", "Something is already kept at {place}. Choose another name."),
    "company-in-use": QT_TRANSLATE_NOOP("Problem", "This company is open in another window or on another computer."),
    "file-too-new": QT_TRANSLATE_NOOP("Problem", "This company was last used by a newer LedgerFlow. Update first."),
    "read-only": QT_TRANSLATE_NOOP("Problem", "LedgerFlow may not write to {place}."),
    "disk-full": QT_TRANSLATE_NOOP("Problem", "The disk is full. Nothing of the last step was kept; make room."),
    "storage-failed": QT_TRANSLATE_NOOP("Problem", "The system refused to read or write {place}."),
    "damaged": QT_TRANSLATE_NOOP("Problem", "{place} is damaged. Nothing was changed; restore a backup."),
    "key-store-unavailable": QT_TRANSLATE_NOOP("Problem", "This computer has no key store that answers."),
    "passphrase-too-short": QT_TRANSLATE_NOOP("Problem", "Use at least {least} characters."),
    "passphrases-differ": QT_TRANSLATE_NOOP("Problem", "The two are not the same."),
    "bad-country": QT_TRANSLATE_NOOP("Problem", "Use the two capital letters of the country, such as IN."),
    "bad-currency": QT_TRANSLATE_NOOP("Problem", "Use the three capital letters of the currency, such as INR."),
    "bad-year-start": QT_TRANSLATE_NOOP("Problem", "Write month and day, such as 04-01."),
    "bad-date": QT_TRANSLATE_NOOP("Problem", "That is not a date. Write 2026-04-01."),
    "period-ends-before-it-begins": QT_TRANSLATE_NOOP("Problem", "The period ends before it begins."),
    "unknown-voucher": QT_TRANSLATE_NOOP("Problem", "That voucher is not in these books."),
    "nothing-chosen": QT_TRANSLATE_NOOP("Problem", "Choose a file first."),
}


def problem_words(problem: Problem) -> str:
    """Return a problem as a sentence; one without words yet is shown by its code, never dropped."""
    sentence = _SENTENCES.get(problem.code)
    if sentence is None:
        facts = ", ".join(f"{name} {visible(str(value))}" for name, value in problem.facts.items())
        said = visible(problem.code).replace("-", " ").capitalize()
        return f"{said} ({facts})." if facts else f"{said}."
    shown = {name: visible(str(value)) for name, value in problem.facts.items()}
    shown["place"] = visible(problem.place)
    try:
        return QCoreApplication.translate("Problem", str(sentence)).format(**shown)
    except KeyError:
        return str(sentence)


def error_words(error: LedgerFlowError) -> str:
    """Return everything an error says, a sentence for each problem."""
    return " ".join(problem_words(problem) for problem in error.problems)
