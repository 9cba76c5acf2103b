"""Why the server may refuse a request, and the one thing a client may do about each.

A refusal loses nothing: the client keeps what it sent. A reason of business is never among them: such an
event is taken into the log and parked (`log.PARKED_REASONS`).
"""

from dataclasses import dataclass
from enum import StrEnum

from ledgerflow_core.errors import Fact, LedgerFlowError


class Reaction(StrEnum):
    """What a client does after a refusal."""

    RESEND = "resend"  # the same bytes, after a pause
    SMALLER = "smaller"  # seal a smaller batch
    HELLO = "hello"  # compare heads again
    REHOME = "rehome"  # this copy is not the one the server knows: take a new identity
    ADOPT = "adopt"  # hand back what the server lost
    SIGN_IN = "sign-in"  # get a new access token
    FREEZE = "freeze"  # stop posting, keep everything, tell the user
    WAIT = "wait"  # back off
    STOP = "stop"  # a fault no repetition mends: keep everything, tell the user


@dataclass(frozen=True, slots=True)
class Refusal:
    """The HTTP status a refusal travels with and the reaction it permits."""

    status: int
    reaction: Reaction


REFUSALS: dict[str, Refusal] = {
    "batch-malformed": Refusal(400, Reaction.RESEND),
    "digest-differs": Refusal(400, Reaction.RESEND),
    "body-too-large": Refusal(413, Reaction.SMALLER),
    "batch-too-large": Refusal(413, Reaction.SMALLER),
    "signature-wrong": Refusal(422, Reaction.STOP),
    "chain-wrong": Refusal(422, Reaction.STOP),
    "event-undecodable": Refusal(422, Reaction.STOP),
    "event-id-reused": Refusal(422, Reaction.STOP),
    # It may be of a life of the log that ended: the replica waits until the server goes on, in this life or another.
    "continuation-wrong": Refusal(422, Reaction.WAIT),
    "token-expired": Refusal(401, Reaction.SIGN_IN),
    "token-wrong": Refusal(401, Reaction.SIGN_IN),
    "device-revoked": Refusal(403, Reaction.FREEZE),
    "signer-unknown": Refusal(403, Reaction.FREEZE),
    "not-found": Refusal(404, Reaction.STOP),
    "body-too-slow": Refusal(408, Reaction.WAIT),
    "chain-gap": Refusal(409, Reaction.HELLO),
    "replica-forked": Refusal(409, Reaction.REHOME),
    "incarnation-changed": Refusal(409, Reaction.HELLO),
    "not-recovering": Refusal(409, Reaction.HELLO),
    "client-too-old": Refusal(426, Reaction.FREEZE),
    "rate-limited": Refusal(429, Reaction.WAIT),
    # The database refused what was decided: nothing a replica does mends that.
    "not-storable": Refusal(500, Reaction.STOP),
    "recovering": Refusal(503, Reaction.ADOPT),
    "outcome-unknown": Refusal(503, Reaction.RESEND),
    "busy": Refusal(503, Reaction.WAIT),
    "database-unavailable": Refusal(503, Reaction.WAIT),
    "storage-full": Refusal(507, Reaction.WAIT),
}


# Of the answers of 500 and above, those that ask for patience and no more.
_PATIENCE = frozenset({"busy", "recovering"})


class Refused(LedgerFlowError):
    """A request the server does not take. `code` is a key of `REFUSALS`."""

    code = "refused"

    def __init__(self, code: str, place: str = "", **facts: Fact) -> None:
        assert code in REFUSALS, code
        # The code belongs to the instance: one class serves the whole table.
        self.code = code  # type: ignore[misc]
        super().__init__(place, **facts)

    @property
    def refusal(self) -> Refusal:
        """The status and the reaction of this refusal."""
        return REFUSALS[self.code]


def reaction_to(code: str, status: int) -> Reaction:
    """Return what to do about an answer: by its code, or, where something in between made it up, by its status."""
    known = REFUSALS.get(code)
    if known is not None:
        return known.reaction
    if status == 401:
        return Reaction.SIGN_IN
    # A proxy, a captive portal, an overloaded gateway: not the server speaking, so nothing is concluded.
    return Reaction.WAIT


def tells_of_a_fault(code: str, status: int) -> bool:
    """Whether the server itself answered that it failed: one such answer is waited out, many are not normal.

    `code` is empty where something in between answered.
    """
    return status >= 500 and bool(code) and code not in _PATIENCE
