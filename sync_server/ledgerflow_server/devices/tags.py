"""The tag that tells the number series of one replica from those of the others of its company."""

from collections.abc import Callable, Collection

from ledgerflow_core.errors import refuse

# No letter that reads as a digit, no digit first, so that a tag never runs into a prefix's own digits. The desktop
# draws from the same alphabet when a copy opens a chain of its own.
LETTERS, SYMBOLS = "ABCDEFGHJKMNPQRSTVWXYZ", "ABCDEFGHJKMNPQRSTVWXYZ23456789"
_ALL = frozenset(letter + symbol for letter in LETTERS for symbol in SYMBOLS)


def allot(taken: Collection[str], wanted: str, random_bytes: Callable[[int], bytes]) -> str:
    """Return a tag no replica of the company has: `wanted` where it is one and free, else one by chance.

    Raises `tags-exhausted` when all 660 are taken.
    """
    free = sorted(_ALL - set(taken))
    if not free:
        raise refuse("tags-exhausted", most=len(_ALL))
    return wanted if wanted in free else free[int.from_bytes(random_bytes(8), "big") % len(free)]
