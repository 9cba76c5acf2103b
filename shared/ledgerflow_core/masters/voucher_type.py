"""Voucher types: 24 predefined, and any number of a company's own that derive from them."""

from enum import StrEnum
from typing import NamedTuple

import msgspec

from ledgerflow_core.identifiers import MasterId, VoucherTypeId, named

# CGST Rules 2017, rule 46(b): a serial number of at most sixteen characters.
GST_NUMBER_LENGTH_MAX = 16
# What a number holds besides prefix and serial: the tag of a second replica (``K7``), and ``/26-27/``.
PREFIX_AND_WIDTH_MAX = GST_NUMBER_LENGTH_MAX - len("K7") - len("/26-27/")


class VoucherNature(StrEnum):
    """What a voucher of a type does; a company's own type has the nature of the one it derives from."""

    CONTRA = "contra"
    PAYMENT = "payment"
    RECEIPT = "receipt"
    JOURNAL = "journal"
    SALES = "sales"
    PURCHASE = "purchase"
    CREDIT_NOTE = "credit-note"
    DEBIT_NOTE = "debit-note"
    SALES_ORDER = "sales-order"
    PURCHASE_ORDER = "purchase-order"
    DELIVERY_NOTE = "delivery-note"
    RECEIPT_NOTE = "receipt-note"
    REJECTIONS_IN = "rejections-in"
    REJECTIONS_OUT = "rejections-out"
    STOCK_JOURNAL = "stock-journal"
    PHYSICAL_STOCK = "physical-stock"
    MEMORANDUM = "memorandum"
    REVERSING_JOURNAL = "reversing-journal"
    JOB_WORK_IN_ORDER = "job-work-in-order"
    JOB_WORK_OUT_ORDER = "job-work-out-order"
    MATERIAL_IN = "material-in"
    MATERIAL_OUT = "material-out"
    PAYROLL = "payroll"
    ATTENDANCE = "attendance"


# The natures whose vouchers move ledger accounts. A memorandum never does, a reversing journal only in a
# scenario; orders and notes move stock or nothing (product study, section 5a).
POSTS_TO_BOOKS = frozenset(
    {
        VoucherNature.CONTRA,
        VoucherNature.PAYMENT,
        VoucherNature.RECEIPT,
        VoucherNature.JOURNAL,
        VoucherNature.SALES,
        VoucherNature.PURCHASE,
        VoucherNature.CREDIT_NOTE,
        VoucherNature.DEBIT_NOTE,
        VoucherNature.PAYROLL,
    }
)


class Numbering(StrEnum):
    """How vouchers of a type get their numbers."""

    AUTOMATIC = "automatic"  # consecutive from this replica's own series, never reused
    MANUAL = "manual"  # typed, and unique within the financial year
    MANUAL_REPEATABLE = "manual-repeatable"  # typed or empty, and may repeat: imported books only


class VoucherType(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True,
                  tag="voucher-type", tag_field="kind"):  # fmt: skip
    """A voucher type. `prefix` leads the numbers of its automatic series; `width` pads them with zeros."""

    id: VoucherTypeId
    name: str
    nature: VoucherNature
    abbreviation: str
    numbering: Numbering = Numbering.AUTOMATIC
    prefix: str = ""
    width: int = 5
    parent: VoucherTypeId | None = None
    reserved: str | None = None
    retired: bool = False

    @property
    def posts_to_books(self) -> bool:
        """Whether a regular voucher of this type moves ledger accounts."""
        return self.nature in POSTS_TO_BOOKS


class _Predefined(NamedTuple):
    nature: VoucherNature
    name: str
    abbreviation: str
    prefix: str


_N = VoucherNature
# Names and abbreviations as two companies' raw exports give them (product study, section 5a).
_PREDEFINED = (
    _Predefined(_N.CONTRA, "Contra", "Ctra", "C"),
    _Predefined(_N.PAYMENT, "Payment", "Pymt", "P"),
    _Predefined(_N.RECEIPT, "Receipt", "Rcpt", "R"),
    _Predefined(_N.JOURNAL, "Journal", "Jrnl", "J"),
    _Predefined(_N.SALES, "Sales", "Sale", "S"),
    _Predefined(_N.PURCHASE, "Purchase", "Purc", "B"),
    _Predefined(_N.CREDIT_NOTE, "Credit Note", "C/Note", "CN"),
    _Predefined(_N.DEBIT_NOTE, "Debit Note", "D/Note", "DN"),
    _Predefined(_N.SALES_ORDER, "Sales Order", "Sales Ordr", "SO"),
    _Predefined(_N.PURCHASE_ORDER, "Purchase Order", "Purc Order", "PO"),
    _Predefined(_N.DELIVERY_NOTE, "Delivery Note", "Dely Note", "DL"),
    _Predefined(_N.RECEIPT_NOTE, "Receipt Note", "Rcpt Note", "RN"),
    _Predefined(_N.REJECTIONS_IN, "Rejections In", "Rej In", "RI"),
    _Predefined(_N.REJECTIONS_OUT, "Rejections Out", "Rej Out", "RO"),
    _Predefined(_N.STOCK_JOURNAL, "Stock Journal", "Stk Jrnl", "SJ"),
    _Predefined(_N.PHYSICAL_STOCK, "Physical Stock", "Phy Stk", "PS"),
    _Predefined(_N.MEMORANDUM, "Memorandum", "Memo", "M"),
    _Predefined(_N.REVERSING_JOURNAL, "Reversing Journal", "Rev Jrnl", "RJ"),
    _Predefined(_N.JOB_WORK_IN_ORDER, "Job Work In Order", "Job Wrk In Ordr", "JI"),
    _Predefined(_N.JOB_WORK_OUT_ORDER, "Job Work Out Order", "Job Wrk Out Ordr", "JO"),
    _Predefined(_N.MATERIAL_IN, "Material In", "Mat In", "MI"),
    _Predefined(_N.MATERIAL_OUT, "Material Out", "Mat Out", "MO"),
    _Predefined(_N.PAYROLL, "Payroll", "Pyrl", "PY"),
    _Predefined(_N.ATTENDANCE, "Attendance", "Attd", "AT"),
)


def voucher_type_id(nature: VoucherNature) -> VoucherTypeId:
    """Return the fixed id of the predefined type of a nature."""
    return VoucherTypeId(MasterId(named("voucher-type", nature.value)))


def predefined_voucher_types() -> list[VoucherType]:
    """Return the 24 types a company is born with."""
    return [
        VoucherType(
            id=voucher_type_id(p.nature),
            name=p.name,
            nature=p.nature,
            abbreviation=p.abbreviation,
            prefix=p.prefix,
            reserved=p.nature.value,
        )
        for p in _PREDEFINED
    ]
