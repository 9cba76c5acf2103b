"""The next number of the server's series: looked for in the books, because they alone never forget one."""

from collections.abc import Awaitable, Callable, Sequence

from ledgerflow_core.vouchers.numbering import SERIAL_DIGITS_MAX

_MOST = 10**SERIAL_DIGITS_MAX - 1
_AT_ONCE = 64

# Returns which of these serials a voucher has.
Taken = Callable[[Sequence[int]], Awaitable[set[int]]]


async def next_serial(taken: Taken) -> int:
    """Return the serial after the last one given, by a few questions however many there are.

    The series has no holes, so doubling finds where it ends, and looking between narrows that down. A number somebody
    typed beyond the end is passed over when the series gets there: the serial returned is free in any case.
    """
    low, high = await _narrowed(0, [1 << n for n in range(_MOST.bit_length())], taken)
    while high - low > 1:
        step = max(1, (high - low) // _AT_ONCE)
        low, high = await _narrowed(low, [*range(low + step, high, step), high], taken)
    return high


async def _narrowed(low: int, candidates: Sequence[int], taken: Taken) -> tuple[int, int]:
    """Return neighbours: the first is taken (or `low`), the second, one of the rising candidates, is free."""
    found = await taken(candidates)
    for candidate in candidates:
        if candidate not in found:
            return low, candidate
        low = candidate
    raise AssertionError("a series ends")
