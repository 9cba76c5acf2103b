"""What a replica's engine hears and what it wants: the values its step (`replica.step`) takes and returns."""

from collections.abc import Sequence
from typing import NamedTuple

from ledgerflow_core.sync.batch import SealedBatch
from ledgerflow_core.sync.log import LogBatch
from ledgerflow_core.sync.messages import HelloAnswer, LogEnd
from ledgerflow_core.sync.statements import Signed

# --- what the engine hears ----------------------------------------------------------------------


class Wake(NamedTuple):
    """Time is up, something was posted, or the user or the server asks."""


class Answered(NamedTuple):
    """The server answered a hello."""

    answer: HelloAnswer


class Receipted(NamedTuple):
    """The server answered a batch with a receipt."""

    batch: SealedBatch
    receipt: Signed


class Pulled(NamedTuple):
    """The server sent a piece of its log."""

    batches: Sequence[LogBatch]
    end: LogEnd


class Adopted(NamedTuple):
    """The server took back a piece of its log that it had lost."""


class Rejected(NamedTuple):
    """The server refused, or something before it did: then `code` is empty. `chance` is random, below `CHANCES`."""

    code: str
    status: int
    chance: int


class Lost(NamedTuple):
    """No answer, or none that makes sense; `chance` is a random number below `CHANCES`."""

    chance: int


class Stored(NamedTuple):
    """The receipt, the piece of the log or the contribution is on the disk."""


class Renewed(NamedTuple):
    """The replica has another identity, or another log to follow, on the disk; or a new access token."""


Heard = Wake | Answered | Receipted | Pulled | Adopted | Rejected | Lost | Stored | Renewed

# --- what the engine wants ----------------------------------------------------------------------


class SayHello(NamedTuple):
    """Send a hello that claims the log at `size` (with its root), which is all of it but when probing."""

    size: int


class Push(NamedTuple):
    """Seal (or take as sealed before) the batch of own events that begins at `first`, and send it."""

    first: int
    events_most: int


class Pull(NamedTuple):
    """Ask for the log behind `after`."""

    after: int


class HandBack(NamedTuple):
    """Send the log behind `after` back to a server that lost it, with the newest checkpoint held."""

    after: int


class SignIn(NamedTuple):
    """Get a new access token, then go on."""


class Keep(NamedTuple):
    """Keep a receipt for good: the server has the events up to its `last`."""

    receipt: Signed


class Append(NamedTuple):
    """Add checked batches to the log held, with the checkpoint that covers them, and fold them into the books."""

    batches: Sequence[LogBatch]
    checkpoint: Signed


class Rehome(NamedTuple):
    """Take a new replica id and sign the own events the log does not have under it, ids and payloads kept."""


class Rebuild(NamedTuple):
    """Fall back to the first `size` entries of the log held and make the books anew; keep the bodies beyond them."""

    size: int
    incarnation: str


class NoteIncarnation(NamedTuple):
    """The same log goes on under another name: remember it, and seal unsent batches for it."""

    incarnation: str


class Contribute(NamedTuple):
    """Sign the events of others that the log lacks under this replica, ids and payloads kept, behind the own ones."""


class Rest(NamedTuple):
    """Wait this long, then `Wake`; sooner when something is posted or the server hints."""

    milliseconds: int


Request = SayHello | Push | Pull | HandBack | SignIn
Wanted = Request | Keep | Append | Rehome | Rebuild | NoteIncarnation | Contribute | Rest
