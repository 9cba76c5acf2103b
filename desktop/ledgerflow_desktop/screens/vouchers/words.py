"""What the voucher screen says, in the user's language; amounts as the company writes them."""

import re
from collections.abc import Iterable
from datetime import date

from PySide6.QtCore import QCoreApplication

from ledgerflow_core.errors import Fact, Problem
from ledgerflow_core.ledger.entry import BillKind
from ledgerflow_core.masters.company import Company
from ledgerflow_core.money.amount import grouped_text, signed_text
from ledgerflow_core.money.currency import currency
from ledgerflow_core.vouchers.voucher import VoucherState
from ledgerflow_desktop.phrases.problems import say
from ledgerflow_desktop.screens.vouchers.form_content import Side
from ledgerflow_desktop.screens.words import short_date

_translate = QCoreApplication.translate
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def side_words(side: Side) -> str:
    """Return By or To."""
    return _translate("Voucher", "By") if side is Side.DEBIT else _translate("Voucher", "To")


def bill_kind_words(kind: BillKind) -> str:
    """Return what an allocation does, in a word or two."""
    match kind:
        case BillKind.NEW:
            return _translate("Voucher", "New")
        case BillKind.AGAINST:
            return _translate("Voucher", "Against")
        case BillKind.ADVANCE:
            return _translate("Voucher", "Advance")
        case BillKind.ON_ACCOUNT:
            return _translate("Voucher", "On account")


def state_words(state: VoucherState) -> str:
    """Return what sets a voucher apart, empty for a regular one."""
    match state:
        case VoucherState.REGULAR:
            return ""
        case VoucherState.OPTIONAL:
            return _translate("Voucher", "Optional")
        case VoucherState.POST_DATED:
            return _translate("Voucher", "Post-dated")
        case VoucherState.CANCELLED:
            return _translate("Voucher", "Cancelled")


def problem_words(problem: Problem, company: Company) -> str:
    """Return a problem as a sentence, its days written as the fields write them."""
    facts = {name: fact if name == "given" else _day_in_words(fact) for name, fact in problem.facts.items()}
    return say(Problem(problem.code, problem.place, facts), currency=company.base_currency)


def _day_in_words(fact: Fact) -> Fact:
    if not isinstance(fact, str) or not _DAY.fullmatch(fact):
        return fact
    try:
        return short_date(date.fromisoformat(fact))
    except ValueError:
        return fact


def problems_at(problems: Iterable[Problem], place: str, company: Company) -> str:
    """Return what is wrong at one field; empty text where nothing is."""
    return " ".join(problem_words(problem, company) for problem in problems if problem.place == place)


class Figures:
    """Amounts as text, in the base currency of a company unless another is named."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._indian = company.groups_digits_indian

    def plain(self, minor: int) -> str:
        """Return an amount grouped, with a minus where it is negative."""
        text = grouped_text(minor, self._company.exponent, indian=self._indian)
        return f"-{text}" if minor < 0 else text

    def signed(self, minor: int) -> str:
        """Return an amount with Dr or Cr."""
        return signed_text(minor, self._company.exponent, indian=self._indian)

    def typed(self, minor: int | None) -> str:
        """Return an amount as it stands in a field, empty for none."""
        return "" if minor is None else self.plain(minor)

    def foreign(self, minor: int, code: str) -> str:
        """Return an amount of another currency with its code."""
        text = grouped_text(minor, currency(code).exponent, indian=False)
        return f"{code} -{text}" if minor < 0 else f"{code} {text}"
