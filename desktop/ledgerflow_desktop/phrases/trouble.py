"""What keeps sync waiting, as a sentence: the codes mean here what they mean on the line."""

from ledgerflow_core.errors import Problem
from ledgerflow_desktop.phrases.problems import say

# Codes that say something else where a file is verified or a person types.
_ON_THE_LINE = {
    "damaged": "What the server sent arrived damaged. It is asked for again.",
    "error": "The server could not do it. It is tried again.",
    "event-undecodable": (
        "The server cannot read an event of this book. Everything is kept here; verify the book, update the server."
    ),
    "internal": "The server could not do it. It is tried again.",
    "no-progress": (
        "The server answers, and nothing comes of it. It is tried again. "
        "If it lasts, tell whoever looks after the server."
    ),
    "not-found": (
        "The server knows no such company, or this device may not see it. Ask whoever looks after the server."
    ),
    "signature-wrong": "The server does not take the signature of this book. Everything is kept here; verify the book.",
}


def trouble_text(code: str) -> str:
    """Return what is the matter and what to do, for a code of `Progress.trouble`."""
    return _ON_THE_LINE.get(code) or say(Problem(code))
