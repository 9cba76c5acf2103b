"""The client's side of sync as a pure step: what a replica does next, given where it stands and what it just heard.

No clock, no network, no file: the shell sends what it is asked to send, stores what it is asked to store, each in
one transaction, and reports back. Every trouble ends in a pause and a new hello, so a session can be cut anywhere;
nothing waits for the user to press a key.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledgerflow_core.errors import Damaged
from ledgerflow_core.events.chain import Head
from ledgerflow_core.identifiers import CompanyId, ReplicaId
from ledgerflow_core.sync.admission import read_events
from ledgerflow_core.sync.batch import BATCH_EVENTS_MAX, SealedBatch
from ledgerflow_core.sync.log import LogBatch, leaves_of
from ledgerflow_core.sync.merkle import Frontier
from ledgerflow_core.sync.messages import HelloAnswer, LogEnd, signed_of
from ledgerflow_core.sync.receipts import NotSigned, acknowledges, read_checkpoint, read_receipt
from ledgerflow_core.sync.refusals import Reaction, Refused, reaction_to, tells_of_a_fault
from ledgerflow_core.sync.replica_messages import (
    Adopted,
    Answered,
    Append,
    Contribute,
    HandBack,
    Heard,
    Keep,
    Lost,
    NoteIncarnation,
    Pull,
    Pulled,
    Push,
    Rebuild,
    Receipted,
    Rehome,
    Rejected,
    Renewed,
    Request,
    Rest,
    SayHello,
    SignIn,
    Stored,
    Wake,
    Wanted,
)
from ledgerflow_core.sync.statements import Signed

PAUSE_MAX_MS = 300_000
# A chance is a whole number below this.
CHANCES = 1_000
# How long a replica that is up to date rests before it asks again, unless the server's hint wakes it.
REST_MS = 30_000
# Immediate hellos in a row before a pause: two sides that disagree do not run hot.
_HELLOS_AT_ONCE = 3
# Work in a row of which nothing comes, before a pause. Finding what two logs share asks once for each halving.
_TURNS_MOST = 100
# Answers in a row that tell of a fault at the server, before a person is called: with the pauses, some minutes.
FAILURES_MOST = 8
# The largest number that every reader of JSON keeps exact: nothing is counted beyond it.
_NUMBER_MAX = 2**53 - 1
# Making the file anew is as much as that many questions.
_TURNS_OF_A_NEW_FILE = 16


class Status(StrEnum):
    """The truth about sync in four words."""

    UP_TO_DATE = "up-to-date"
    SYNCING = "syncing"
    WAITING = "waiting"  # no line, or the server asks for patience
    ATTENTION = "attention"  # nothing is lost, and a person has to look


class Trouble(StrEnum):
    """What the engine itself finds to be the matter, besides what the server refuses (`refusals.REFUSALS`)."""

    ANSWER_DAMAGED = "answer-damaged"
    ANSWER_UNSIGNED = "answer-unsigned"  # by the server this book is enrolled at
    ANSWER_ELSEWHERE = "answer-elsewhere"  # well signed, and of another log, batch or time
    NO_PROGRESS = "no-progress"
    SERVER_FAILING = "server-failing"
    SERVER_LOG_DIFFERS = "server-log-differs"  # from what the server signed before


class Standing(NamedTuple):
    """Where a replica's file stands. `head` ends its own chain; `log` is the server's log as far as it has it.

    `to_contribute` counts the events it holds of others that were in a log the server lost and are not in this one.
    `hash_at` gives the own chain's hash at a sequence number, `root_at` the log's root (hex) at a size.
    """

    tenant: str
    company: CompanyId
    replica: ReplicaId
    incarnation: str
    head: Head
    log: Frontier
    to_contribute: int
    hash_at: Callable[[int], bytes]
    root_at: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Engine:
    """The engine's state between two steps; `Engine(server_key)` begins.

    `status` is what may be shown; `trouble` the code of what is the matter (of `Trouble` or of the server), `detail`
    what was wrong with the last answer exactly, for who looks into it. `sure` and `unsure` bound the size of the log
    that both sides share while that is searched for in the server's log `searched` (its incarnation). `acknowledged` is
    the last own event the server has (by the receipts held until it answers), `log_size` the size its log had when it
    last spoke. `pauses` and `turns` count the pauses, and what was done since the last one, of which nothing has come
    yet. `pushed_last` says that of what was pushed and pulled the last was pushed: where both wait, they take turns.
    `asked` is the last request; `failures` counts, by kind, the faults answered to requests since one got through.
    """

    server_key: Ed25519PublicKey
    status: Status = Status.WAITING
    trouble: str = ""
    detail: str = ""
    pauses: int = 0
    turns: int = 0
    hellos: int = 0
    events_most: int = BATCH_EVENTS_MAX
    sure: int = 0
    unsure: int | None = None
    searched: str = ""
    acknowledged: int = 0
    log_size: int = 0
    pushed_last: bool = False
    asked: type[Request] | None = None
    failures: Mapping[type[Request], int] = field(default_factory=dict)


def step(engine: Engine, standing: Standing, heard: Heard) -> tuple[Engine, Wanted]:
    """Return the state after what was heard, and the one thing to do next.

    `standing` is where the file stands now, after everything that was to be stored.
    """
    after, wanted = _not_in_a_ring(_with_failures_counted(replace(engine, detail=""), heard), standing, heard)
    if isinstance(wanted, Request):
        after = replace(after, asked=type(wanted))
    if _failures_most(after) >= FAILURES_MOST and after.status is not Status.ATTENTION:
        # It is tried on all the same, and who was called stays called until what failed gets through.
        after = replace(after, status=Status.ATTENTION, trouble=Trouble.SERVER_FAILING)
    return after, wanted


def _with_failures_counted(engine: Engine, heard: Heard) -> Engine:
    ended: tuple[type[Request] | None, ...] = (engine.asked,)
    match heard:
        case Rejected(code, status, _) if engine.asked and tells_of_a_fault(code, status):
            count = engine.failures.get(engine.asked, 0) + 1
            return replace(engine, failures={**engine.failures, engine.asked: count})
        case Answered(answer) if answer.state == "normal":
            # Whoever ended the recovery: nothing is handed back any more, so only this can end that count.
            ended = (SayHello, HandBack)
        case Renewed() if engine.asked is SignIn:
            pass
        case Wake() | Rejected() | Lost() | Stored() | Renewed():
            return engine
    return replace(engine, failures={kind: n for kind, n in engine.failures.items() if kind not in ended})


def _failures_most(engine: Engine) -> int:
    return max(engine.failures.values(), default=0)


def _not_in_a_ring(engine: Engine, standing: Standing, heard: Heard) -> tuple[Engine, Wanted]:
    after, wanted = _next(engine, standing, heard)
    if isinstance(wanted, Rest):
        return replace(after, turns=0), wanted
    if after.turns >= _TURNS_MOST:
        # Whatever the other side answers, it leads in a ring.
        after, wanted = _pause(replace(after, trouble=Trouble.NO_PROGRESS), CHANCES // 2)
        return replace(after, turns=0), wanted
    turns = _TURNS_OF_A_NEW_FILE if isinstance(wanted, Rehome | Rebuild) else 1
    return replace(after, turns=after.turns + turns), wanted


def _next(engine: Engine, standing: Standing, heard: Heard) -> tuple[Engine, Wanted]:
    try:
        match heard:
            case Wake():
                return _greet(replace(engine, hellos=0), standing)
            case Answered(answer):
                return _compare(engine, standing, answer)
            case Receipted(batch, receipt):
                return _receipt(engine, batch, receipt)
            case Pulled(batches, end):
                return _append(engine, standing, batches, end)
            case Adopted() | Renewed():
                return _greet(engine, standing)
            case Rejected(code, status, chance):
                return _react(engine, standing, code, status, chance)
            case Lost(chance):
                return _pause(engine, chance)
            case Stored():
                return _go_on(engine, standing)
    except Damaged as error:
        # What came is not what this server signed: nothing of it was stored. The line may have done it, so try on.
        trouble = Trouble.ANSWER_DAMAGED
        if isinstance(error, NotSigned):
            trouble = Trouble.ANSWER_UNSIGNED
        elif isinstance(error, _Elsewhere):
            trouble = Trouble.ANSWER_ELSEWHERE
        return _pause(replace(engine, trouble=trouble, detail=_detail(error)), CHANCES // 2)


def _detail(error: Damaged) -> str:
    return f"{error.place}: {error.facts.get('reason', error.code)}"


class _Elsewhere(Damaged):
    """The server signed it, and for something else: another company or batch, or a life of the log that ended."""


def _greet(engine: Engine, standing: Standing) -> tuple[Engine, Wanted]:
    status = engine.status if engine.status is Status.ATTENTION else Status.SYNCING
    return replace(engine, status=status, unsure=None, sure=0), SayHello(standing.log.size)


def _pause(engine: Engine, chance: int) -> tuple[Engine, Wanted]:
    """Wait between nothing and an upper bound that doubles: a thousand offices do not come back in one second."""
    pauses = engine.pauses + 1
    bound = min(PAUSE_MAX_MS, 1_000 << min(pauses, 10))
    return replace(engine, status=Status.WAITING, pauses=pauses, unsure=None), Rest(bound * chance // CHANCES)


def _attention(engine: Engine, code: str) -> tuple[Engine, Wanted]:
    return replace(engine, status=Status.ATTENTION, trouble=code, unsure=None), Rest(PAUSE_MAX_MS)


# --- hello --------------------------------------------------------------------------------------


def _compare(engine: Engine, standing: Standing, answer: HelloAnswer) -> tuple[Engine, Wanted]:
    if not (_is_a_count(answer.seq) and _is_a_count(answer.size)):
        raise Damaged("answer to hello", reason="a number out of bounds")
    checkpoint = read_checkpoint(engine.server_key, signed_of(answer.checkpoint, "checkpoint"))
    said = (checkpoint.tenant, checkpoint.company, checkpoint.incarnation, checkpoint.size)
    if said != (standing.tenant, standing.company, answer.incarnation, answer.size):
        raise _Elsewhere("checkpoint", reason="of another log")
    if engine.unsure is not None:
        # The server may have been restored in the middle: what was found out then says nothing of the log it has now.
        same = answer.state == "normal" and answer.incarnation == engine.searched
        return _probe(engine, standing, answer) if same else _greet(engine, standing)
    shares = answer.consistent
    if answer.size < standing.log.size:
        # The server has less than it once signed: what it has must at least be the beginning of what is held here.
        shares = standing.root_at(answer.size) == checkpoint.root
        if answer.state == "recovering" and shares:
            return engine, HandBack(answer.size)
    if answer.state != "normal":
        return _pause(replace(engine, trouble="recovering"), CHANCES // 2)
    if not shares or answer.size < standing.log.size:
        return _fall_back(engine, standing, answer, shares)
    if answer.incarnation != standing.incarnation:
        return engine, NoteIncarnation(answer.incarnation)
    if answer.seq > standing.head.seq or (answer.seq and standing.hash_at(answer.seq).hex() != answer.head):
        # The server knows another end of this chain: this file is a copy of the one it knows, or went back in time.
        return _rehome(engine)
    engine = replace(engine, acknowledged=answer.seq, log_size=answer.size, trouble="")
    return _go_on(engine, standing)


def _fall_back(engine: Engine, standing: Standing, answer: HelloAnswer, shares: bool) -> tuple[Engine, Wanted]:
    """The server's log is not a continuation of the one held: go back to what both share."""
    if answer.incarnation == standing.incarnation:
        # One incarnation never takes back what it signed. That is for people to look into, with the receipts.
        return _attention(engine, Trouble.SERVER_LOG_DIFFERS)
    if shares:
        return _syncing(engine), Rebuild(answer.size, answer.incarnation)
    most = min(standing.log.size, answer.size)
    if most <= 1:
        return _syncing(engine), Rebuild(0, answer.incarnation)
    return replace(_syncing(engine), sure=0, unsure=most, searched=answer.incarnation), SayHello(most // 2)


def _probe(engine: Engine, standing: Standing, answer: HelloAnswer) -> tuple[Engine, Wanted]:
    """Halve the stretch in which the two logs part; each hello asks about one size."""
    assert engine.unsure is not None, "only while probing"
    asked = (engine.sure + engine.unsure) // 2
    sure, unsure = (asked, engine.unsure) if answer.consistent else (engine.sure, asked)
    if unsure - sure <= 1:
        return replace(engine, unsure=None, sure=0), Rebuild(sure, answer.incarnation)
    return replace(engine, sure=sure, unsure=unsure), SayHello((sure + unsure) // 2)


def _rehome(engine: Engine) -> tuple[Engine, Wanted]:
    return replace(engine, acknowledged=0), Rehome()


def _syncing(engine: Engine) -> Engine:
    return replace(engine, status=Status.SYNCING)


def _got_on(engine: Engine) -> Engine:
    """Forget the trouble there was: something came of the work."""
    # What fails beside it goes on to be asked more and more rarely.
    return replace(engine, status=Status.SYNCING, pauses=_failures_most(engine), turns=0, hellos=0, trouble="")


# --- push and pull ------------------------------------------------------------------------------


def _receipt(engine: Engine, batch: SealedBatch, signed: Signed) -> tuple[Engine, Wanted]:
    receipt = read_receipt(engine.server_key, signed)
    if not acknowledges(receipt, batch):
        raise _Elsewhere("receipt", reason="for another batch")
    if receipt.last > engine.acknowledged:
        engine = replace(_got_on(engine), acknowledged=receipt.last)
    return replace(engine, log_size=max(engine.log_size, receipt.size)), Keep(signed)


def _append(engine: Engine, standing: Standing, batches: Sequence[LogBatch], end: LogEnd) -> tuple[Engine, Wanted]:
    signed = signed_of(end.checkpoint, "checkpoint")
    checkpoint = read_checkpoint(engine.server_key, signed)
    if not _is_a_count(end.size):
        raise Damaged("log from the server", reason="a number out of bounds")
    log = standing.log
    for piece in batches:
        if piece.gseq != log.size + 1:
            raise Damaged(f"log entry {log.size + 1}", reason="missing from what the server sent")
        if piece.batch.header.company != standing.company:
            raise _Elsewhere(f"log entry {piece.gseq}", reason="of another company")
        log = log.extend(leaves_in(piece))
    said = (checkpoint.tenant, checkpoint.company, checkpoint.size, checkpoint.root)
    if said != (standing.tenant, standing.company, log.size, log.root().hex()):
        raise Damaged("log from the server", reason="not what its checkpoint covers")
    if checkpoint.incarnation != standing.incarnation:
        # As well signed, and of a life of the log that ended: an old answer, or a server restored since the hello.
        raise _Elsewhere("log from the server", reason="of another incarnation")
    # What the piece says of the whole log is not signed, and may be an old answer: it never makes the log shorter.
    engine = replace(engine, log_size=max(engine.log_size, end.size))
    if batches:
        return _got_on(engine), Append(batches, signed)
    if log.size < engine.log_size:
        raise _Elsewhere("log from the server", reason="shorter than it was")
    return _go_on(engine, standing)


def _is_a_count(number: int) -> bool:
    return 0 <= number <= _NUMBER_MAX


def leaves_in(piece: LogBatch) -> list[bytes]:
    """Return the leaf hashes of a batch's entries; `Damaged` where an event does not follow its chain."""
    try:
        read = read_events(piece.batch)[piece.known :]
    except Refused as error:
        raise Damaged(f"log entry {piece.gseq}", reason=error.code, event=error.place) from None
    header = piece.batch.header
    events = [(event.id, event.hash) for event in read]
    return leaves_of(piece.gseq, events, piece.verdicts, (header.replica, header.first + piece.known), piece.at)


def _go_on(engine: Engine, standing: Standing) -> tuple[Engine, Wanted]:
    """Push what the server lacks and pull what is lacking here, in turns; then hand on what a lost log held; then rest.

    Whichever was asked last lets the other go first, whatever came of it: an office that posts faster than it is
    answered hears of the others, and one that hears more than it can take in is heard.
    """
    to_push = engine.acknowledged < standing.head.seq
    to_pull = standing.log.size < engine.log_size
    if to_push and not (to_pull and engine.pushed_last):
        return replace(_syncing(engine), pushed_last=True), Push(engine.acknowledged + 1, engine.events_most)
    if to_pull:
        return replace(_syncing(engine), pushed_last=False), Pull(standing.log.size)
    if standing.to_contribute:
        return _syncing(engine), Contribute()
    return replace(_got_on(engine), status=Status.UP_TO_DATE, pauses=0, failures={}), Rest(REST_MS)


# --- refusals -----------------------------------------------------------------------------------


def _react(engine: Engine, standing: Standing, code: str, status: int, chance: int) -> tuple[Engine, Wanted]:
    match reaction_to(code, status):
        case Reaction.SMALLER if engine.events_most > 1:
            return _greet(replace(engine, events_most=engine.events_most // 2), standing)
        case Reaction.HELLO if engine.hellos < _HELLOS_AT_ONCE:
            return _greet(replace(engine, hellos=engine.hellos + 1), standing)
        case Reaction.REHOME:
            return _rehome(engine)
        case Reaction.SIGN_IN if engine.hellos < _HELLOS_AT_ONCE:
            return replace(engine, hellos=engine.hellos + 1), SignIn()
        case Reaction.FREEZE | Reaction.STOP | Reaction.SMALLER | Reaction.SIGN_IN:
            return _attention(engine, code)
        case _:
            return _pause(replace(engine, trouble=code), chance)
