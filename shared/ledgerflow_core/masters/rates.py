"""A foreign currency the company deals in, with its dated rates."""

from datetime import date

import msgspec

from ledgerflow_core.exchange_rate import DatedRates
from ledgerflow_core.identifiers import MasterId, named

RATES_MAX = 20_000  # one a day for fifty years


class ForeignCurrency(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True,
                      tag="currency", tag_field="kind"):  # fmt: skip
    """`code` is ISO 4217; each rate says how many base units one unit is worth from that day on."""

    id: MasterId
    code: str
    rates: tuple[tuple[date, str], ...] = ()
    retired: bool = False

    @property
    def name(self) -> str:
        """What people call it."""
        return self.code

    def dated_rates(self) -> DatedRates:
        """Return the rates in order of their dates."""
        return DatedRates(tuple(sorted(self.rates)))


def currency_id(code: str) -> MasterId:
    """Return the fixed id of a currency's master."""
    return MasterId(named("currency", code))
