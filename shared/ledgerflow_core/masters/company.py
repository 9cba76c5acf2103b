"""The company itself: what its books are kept in and from when."""

from datetime import date
from functools import lru_cache

import msgspec

from ledgerflow_core.calendar import FinancialYear
from ledgerflow_core.identifiers import CompanyId
from ledgerflow_core.masters.account import TaxIdentity
from ledgerflow_core.money.currency import Currency


class Company(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A company's identity. Base currency and the start of its books never change once vouchers stand.

    `country` is ISO 3166 alpha-2, `state` the GST state code where there is one (``27``).
    """

    id: CompanyId
    name: str
    country: str
    currency: str
    exponent: int
    year_start_month: int
    year_start_day: int
    books_begin: date
    state: str = ""
    mailing_name: str = ""
    address: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""
    tax_identities: tuple[TaxIdentity, ...] = ()

    @property
    def base_currency(self) -> Currency:
        """The currency every voucher balances in."""
        return Currency(self.currency, self.exponent)

    @property
    def financial_year(self) -> FinancialYear:
        """When its years begin."""
        return _year_from(self.year_start_month, self.year_start_day)

    @property
    def groups_digits_indian(self) -> bool:
        """Whether amounts are grouped in lakh and crore."""
        return self.country in ("IN", "NP", "BD", "PK", "LK", "BT")


# Asked for every voucher that is checked.
@lru_cache(maxsize=366)
def _year_from(month: int, day: int) -> FinancialYear:
    return FinancialYear(month, day)
