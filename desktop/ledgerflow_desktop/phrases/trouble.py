"""What keeps sync waiting, as a sentence: the codes mean here what they mean on the line."""

from ledgerflow_core.errors import Problem
from ledgerflow_desktop.phrases.problems import SENTENCES, say

# Codes that say something else where a file is verified or a person types: what they are said as here.
_ON_THE_LINE = {
    "damaged": "answer-damaged",
    "error": "server-error",
    "event-undecodable": "event-refused",
    "internal": "server-error",
    "not-found": "company-hidden",
    "signature-wrong": "signature-refused",
}
_BY_ITSELF, _LATER = "it goes on by itself", "sync again later"


def trouble_text(code: str, *, goes_on: bool = True) -> str:
    """Return what is the matter and what to do, for a code of `Progress.trouble`.

    `goes_on` says whether this program tries again by itself. A code only a newer server knows is said as a refusal.
    """
    said_as = _ON_THE_LINE.get(code, code)
    facts = {"then": _BY_ITSELF if goes_on else _LATER}
    return say(Problem(said_as if said_as in SENTENCES else "refused", "", {**facts}))
