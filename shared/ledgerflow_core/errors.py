"""Errors a user can cause: a stable code and the facts, never a sentence; words are made at the edge.

A programmer's mistake is an assertion. A user's mistake, a hostile file or a full disk is a
`LedgerFlowError`, and everything that checks input returns all its problems, in a fixed order.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

Fact = str | int | None


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and where.

    `code` is stable and kebab-case. `place` names the field (``entries[2].amount``) or, for a file,
    the line (``vouchers.jsonl:17``); it is empty when the whole input is meant.
    """

    code: str
    place: str = ""
    facts: dict[str, Fact] = field(default_factory=dict)

    def at(self, prefix: str) -> "Problem":
        """Return the same problem placed inside `prefix`."""
        return Problem(self.code, f"{prefix}: {self.place}" if self.place else prefix, self.facts)


class LedgerFlowError(Exception):
    """Root of every error a user can cause. Subclasses fix `code`; facts travel as keywords."""

    code: ClassVar[str] = "error"

    def __init__(self, place: str = "", **facts: Fact) -> None:
        super().__init__(self.code, place)
        self.place = place
        self.facts = facts

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong, at least one."""
        return (Problem(self.code, self.place, self.facts),)

    def __str__(self) -> str:
        said = " ".join(f"{name}={value}" for name, value in self.facts.items())
        return " ".join(part for part in (self.code, self.place, said) if part)


class InvalidInput(LedgerFlowError):
    """The input breaks one or more rules; nothing was changed."""

    code = "invalid-input"

    def __init__(self, problems: Sequence[Problem]) -> None:
        assert problems, "an InvalidInput needs at least one problem"
        super().__init__(problems[0].place)
        self._problems = tuple(problems)

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self._problems

    def __str__(self) -> str:
        return "; ".join(
            " ".join([p.code, p.place, *(f"{k}={v}" for k, v in p.facts.items())]).strip() for p in self._problems
        )


def refuse(code: str, place: str = "", **facts: Fact) -> InvalidInput:
    """Return (for raising) an `InvalidInput` of a single problem."""
    return InvalidInput([Problem(code, place, facts)])


class Damaged(LedgerFlowError):
    """Stored bytes are not what was written: a broken chain, a wrong signature, totals that do not add up."""

    code = "damaged"
