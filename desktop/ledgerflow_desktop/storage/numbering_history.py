"""Since when the numbers of a voucher type may repeat, in the order that counts: the server's, then what it lacks.

A voucher has its number for itself, or not, by its type as it was when the voucher was posted. A file holds own events
where they were written, which may be before what the server took first; a replay asks here instead.
"""

from bisect import bisect_right
from collections.abc import Iterable
from math import inf

from ledgerflow_core.masters.voucher_type import Numbering, VoucherType
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.storage import held_log
from ledgerflow_desktop.storage.encrypted_database import Connection

# An event: the number of its chain, its sequence number there, its position in the file.
At = tuple[int, int, int]
_Moment = tuple[float, int]


class NumberingHistory:
    """Every state of every voucher type, `note`d before the first `is_unique` is asked."""

    def __init__(self, connection: Connection, born_with: Iterable[VoucherType]) -> None:
        self._connection = connection
        self._states: dict[str, list[tuple[_Moment, bool]]] = {
            kind.id: [((0, 0), _repeats(kind))] for kind in born_with
        }
        # By chain: (first new event, last event, entry of the first new one) of each batch held, in order.
        self._held: dict[int, list[tuple[int, int, int]]] | None = None

    def note(self, kind: VoucherType, at: At) -> None:
        """Remember a state that an event with effect gave a type."""
        states = self._states.setdefault(kind.id, [])
        states.append((self._moment(at), _repeats(kind)))
        states.sort()

    def is_unique(self, voucher: Voucher, at: At) -> bool | None:
        """Return whether a voucher posted at a place has its number for itself; None for a type without a state."""
        states = self._states.get(voucher.type)
        if not voucher.number or states is None:
            return None if voucher.number else False
        repeats = states[0][1]
        if any(state != repeats for _, state in states):
            repeats = states[max(0, bisect_right(states, (self._moment(at), True)) - 1)][1]
        return not repeats

    def _moment(self, at: At) -> _Moment:
        replica_no, seq, position = at
        if self._held is None:
            self._held = {}
            for row in held_log.rows(self._connection):
                held = (row.first_seq + row.known, row.last_seq, row.first_gseq)
                self._held.setdefault(row.replica_no, []).append(held)
        batches = self._held.get(replica_no, [])
        found = bisect_right(batches, (seq, inf, inf)) - 1
        if found >= 0:
            first, last, gseq = batches[found]
            if seq <= last:
                return gseq + seq - first, position
        return inf, position


def _repeats(kind: VoucherType) -> bool:
    return kind.numbering is Numbering.MANUAL_REPEATABLE
