"""The secret of an enrolment code: the tenant's number and sixty random bits, as sixteen symbols.

A code is typed on a machine that knows nothing yet, so it must say itself whose it is; the number is no secret.
"""

from collections.abc import Callable

from ledgerflow_core.errors import refuse
from ledgerflow_core.sync.enrolment import CODE_SYMBOLS, SYMBOLS, grouped, secret_of

TENANT_BITS, RANDOM_BITS = 20, 60


def new_code(tenant_no: int, random_bytes: Callable[[int], bytes]) -> str:
    """Return a new secret of a tenant, in groups of four symbols."""
    if tenant_no >> TENANT_BITS:
        raise refuse("too-many-tenants", most=(1 << TENANT_BITS) - 1)
    chance = int.from_bytes(random_bytes(8), "big") & (1 << RANDOM_BITS) - 1
    number = tenant_no << RANDOM_BITS | chance
    shifts = range(5 * (CODE_SYMBOLS - 1), -1, -5)
    return grouped("".join(SYMBOLS[number >> shift & 31] for shift in shifts))


def tenant_of(code: str) -> int:
    """Return the number of the tenant a code belongs to, by its own account; 0 where it names none."""
    number = 0
    for symbol in secret_of(code):
        number = number << 5 | SYMBOLS.index(symbol)
    return number >> RANDOM_BITS
