"""Creates and alters ledger accounts from inside a voucher: Alt+C and Ctrl+Enter in a field of accounts."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_core.identifiers import AccountId, GroupId, MasterId
from ledgerflow_core.masters.account import Account
from ledgerflow_core.masters.group import group_id
from ledgerflow_core.masters.voucher_type import VoucherNature
from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.vouchers.account_panel import blank_account
from ledgerflow_desktop.screens.vouchers.cursor import Cursor
from ledgerflow_desktop.screens.vouchers.errands import Errands
from ledgerflow_desktop.screens.vouchers.field_order import Field, FieldKind
from ledgerflow_desktop.screens.vouchers.sheet import Sheet

# Under which group a name that is not known yet most likely belongs.
_GROUP_BY_NATURE = {
    VoucherNature.RECEIPT: "sundry-debtors",
    VoucherNature.SALES: "sundry-debtors",
    VoucherNature.CREDIT_NOTE: "sundry-debtors",
    VoucherNature.PAYMENT: "sundry-creditors",
    VoucherNature.PURCHASE: "sundry-creditors",
    VoucherNature.DEBIT_NOTE: "sundry-creditors",
    VoucherNature.CONTRA: "bank-accounts",
}


class AccountMaker(QObject):
    """Opens the panel for an account, saves it, and puts the keyboard back where it was."""

    def __init__(self, desk: Desk, sheet: Sheet, cursor: Cursor, errands: Errands, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk, self._sheet, self._cursor, self._errands = desk, sheet, cursor, errands
        self._return_to: Field | None = None
        panel = sheet.beside.account
        panel.save_wanted.connect(self._save)
        panel.backed.connect(self.leave)

    @property
    def is_open(self) -> bool:
        """Whether an account is being made or altered."""
        return self._return_to is not None

    def create(self) -> None:
        """Make an account of the name that is typed in the field at hand."""
        field = self._field()
        if field is None or self._return_to is not None:
            return
        picker = self._sheet.top if field.kind is FieldKind.TOP_ACCOUNT else self._sheet.table.account
        nature = self._cursor.form.type.nature
        reserved = _GROUP_BY_NATURE.get(nature, "indirect-expenses")
        if field.kind is FieldKind.TOP_ACCOUNT:
            reserved = "bank-accounts"
        name = picker.text().strip() if picker.key is None else ""
        made = AccountId(MasterId(self._desk.machine.identifiers().new()))
        self._open(blank_account(made, name, GroupId(group_id(reserved))), field, is_new=True)

    def alter(self) -> None:
        """Alter the account that is marked in the list, or stands in the line at hand."""
        field = self._field()
        if field is None or self._return_to is not None:
            return
        picker = self._sheet.top if field.kind is FieldKind.TOP_ACCOUNT else self._sheet.table.account
        marked = picker.highlighted()
        key = picker.key or (marked.key if marked else None)
        account = self._desk.open_chart.accounts.get(key) if key else None
        if account is not None:
            self._open(account, field, is_new=False)

    def save(self) -> None:
        """Save the account of the panel."""
        self._sheet.beside.account.save()

    def leave(self) -> bool:
        """Go back to the voucher without saving; False where no account is being made."""
        if self._return_to is None:
            return False
        field, self._return_to = self._return_to, None
        self._cursor.go(field)
        return True

    def _field(self) -> Field | None:
        field = self._cursor.field
        return field if field.kind in (FieldKind.TOP_ACCOUNT, FieldKind.ACCOUNT) else None

    def _open(self, account: Account, field: Field, *, is_new: bool) -> None:
        self._return_to = field
        beside = self._sheet.beside
        self._cursor.bring(beside.account)
        company, chart = self._desk.open_company, self._desk.open_chart
        beside.account.begin(account, is_new=is_new, company=company, chart=chart)

    def _save(self, account: Account, is_new: bool) -> None:
        def saved() -> None:
            field, self._return_to = self._return_to, None
            if field is None:
                return
            if field.kind is FieldKind.TOP_ACCOUNT:
                self._cursor.form.set_top_account(account.id)
                self._sheet.top.put(account.id, account.name)
            else:
                self._cursor.form.set_account(field.line, account.id)
                self._sheet.table.fill_fields()
            self._cursor.go(field)
            self._cursor.forward()

        def refused(error: LedgerFlowError) -> None:
            self._sheet.beside.account.show_problems(error.problems)

        self._errands.save_account(account, is_new=is_new, on_done=saved, on_failed=refused)
