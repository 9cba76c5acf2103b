"""What went wrong, in sentences, for whoever shows it."""

from ledgerflow_core.errors import LedgerFlowError, Problem
from ledgerflow_desktop.phrases.problems import say, say_with_place


def problem_words(problem: Problem) -> str:
    """Return a problem as a sentence, for beside its field."""
    return say(problem)


def error_words(error: LedgerFlowError) -> str:
    """Return everything an error says, each problem with its place."""
    return "\n".join(say_with_place(problem) for problem in error.problems)
