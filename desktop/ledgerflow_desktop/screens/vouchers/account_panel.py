"""A ledger account made or altered without leaving the voucher: name, group, opening balance."""

from collections.abc import Callable, Sequence

from msgspec.structs import replace
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ledgerflow_core.errors import InvalidInput, Problem
from ledgerflow_core.identifiers import AccountId, GroupId
from ledgerflow_core.masters.account import Account
from ledgerflow_core.masters.chart import Chart
from ledgerflow_core.masters.company import Company
from ledgerflow_core.masters.group import Nature
from ledgerflow_core.masters.validation import problems_in_master
from ledgerflow_desktop.screens.entry_fields.arithmetic import work_out
from ledgerflow_desktop.screens.entry_fields.matching import NameIndex
from ledgerflow_desktop.screens.look.tokens import SPACE
from ledgerflow_desktop.screens.vouchers.words import Figures, problems_at
from ledgerflow_desktop.screens.widgets.choice_edit import ChoiceEdit
from ledgerflow_desktop.screens.widgets.choice_list import Choice, ChoiceList
from ledgerflow_desktop.screens.widgets.entry_edit import EntryEdit
from ledgerflow_desktop.screens.widgets.field_path import FieldPath
from ledgerflow_desktop.screens.widgets.money_edit import MoneyEdit

_BY_BILL = ("sundry-debtors", "sundry-creditors")


class AccountPanel(QWidget):
    """The panel. `save_wanted` carries the account; the page saves it and calls `show_problems` or leaves."""

    save_wanted = Signal(object, bool)  # Account, whether it is new
    backed = Signal()

    def __init__(self, parent: QWidget, *, worked_out: Callable[[str], str]) -> None:
        super().__init__(parent)
        self._company: Company
        self._chart: Chart
        self._account: Account
        self._is_new = True
        self._group: GroupId | None = None
        self._heading, self._nature = QLabel(self), QLabel(self)
        self._heading.setProperty("role", "strong")
        self._nature.setProperty("role", "quiet")
        self.name = EntryEdit(self.tr("Name of the ledger account"), self)
        self.group = ChoiceEdit(self.tr("Group"), self, empty_takes_first=True)
        self.opening = MoneyEdit(self.tr("Opening balance"), self, worked_out)
        self.accept = QPushButton(self.tr("Save"), self)
        self.accept.setProperty("role", "primary")
        self.accept.setAccessibleName(self.tr("Save the ledger account"))
        self.list = ChoiceList(self.tr("Groups"), self)
        self._problem_by_place = {place: QLabel(self) for place in ("name", "group", "opening", "")}
        self._lay_out()
        self._path = FieldPath(lambda: [self.name, self.group, self.opening], beyond=self.save, before=self.backed.emit)
        self._path.join(self.name)
        self._path.join(self.group, forward=lambda: self._group is not None)
        self._path.join(self.opening)
        self.group.attach(self.list)
        self.group.search_with(self._groups)
        self.group.entered.connect(self.group.open_list)
        self.group.chosen.connect(self._choose_group)
        self.accept.clicked.connect(self.save)
        self.opening.textChanged.connect(lambda _: self._show_side())

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE.large)
        grid.setVerticalSpacing(SPACE.hair)
        grid.setColumnStretch(1, 1)
        rows: list[tuple[str, str, QWidget]] = [
            ("name", self.tr("Name"), self.name),
            ("group", self.tr("Under"), self.group),
            ("opening", self.tr("Opening"), self.opening),
        ]
        for at, (place, words, field) in enumerate(rows):
            label = QLabel(words, self)
            label.setProperty("role", "quiet")
            label.setBuddy(field)
            grid.addWidget(label, 2 * at, 0)
            grid.addWidget(field, 2 * at, 1)
            grid.addWidget(self._problem_by_place[place], 2 * at + 1, 1)
        for shown in self._problem_by_place.values():
            shown.setProperty("role", "problem")
            shown.setWordWrap(True)
            shown.hide()
        foot = QHBoxLayout()
        foot.addWidget(self._nature, 1)
        foot.addWidget(self.accept)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.wide, SPACE.large, SPACE.wide, SPACE.medium)
        column.setSpacing(SPACE.medium)
        column.addWidget(self._heading)
        column.addLayout(grid)
        column.addWidget(self._problem_by_place[""])
        column.addLayout(foot)
        column.addWidget(self.list, 1)

    def begin(self, account: Account, *, is_new: bool, company: Company, chart: Chart) -> None:
        """Show an account (with what is known of a new one) and put the keyboard into its name."""
        self._company, self._chart = company, chart
        self._account, self._is_new = account, is_new
        living = [group for group in chart.groups.values() if not group.retired]
        self._index = NameIndex((group.id, [group.name]) for group in living)
        self._heading.setText(self.tr("New ledger account") if is_new else self.tr("Alter ledger account"))
        self.name.setText(account.name)
        self._choose_group(account.group if account.group in chart.groups else None)
        figures = Figures(company)
        sign = -1 if self._is_credit() else 1
        self.opening.setText(figures.typed(sign * account.opening) if account.opening else "")
        self.show_problems([])
        self.name.setFocus()

    def save(self) -> None:
        """Check what stands in the fields; ask for saving it when nothing is wrong."""
        account, problems = self._made()
        problems += [
            found for found in problems_in_master(account, self._chart) if found.place not in _places(problems)
        ]
        self.show_problems(problems)
        if not problems:
            self.save_wanted.emit(account, self._is_new)

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show every problem beside its field; the keyboard goes to the first."""
        field_by_place: dict[str, EntryEdit] = {"name": self.name, "group": self.group, "opening": self.opening}
        elsewhere = [Problem(p.code, "", p.facts) for p in problems if p.place not in field_by_place]
        for place, shown in self._problem_by_place.items():
            words = problems_at(elsewhere if not place else problems, place, self._company)
            shown.setText(words)
            shown.setVisible(bool(words))
            if place:
                field_by_place[place].show_problem(words)
        wrong = [field for place, field in field_by_place.items() if place in _places(problems)]
        if wrong:
            wrong[0].setFocus()

    def _made(self) -> tuple[Account, list[Problem]]:
        problems: list[Problem] = []
        opening = 0
        if self.opening.text().strip():
            try:
                opening = work_out(self.opening.text(), self._company.exponent).minor * (-1 if self._is_credit() else 1)
            except InvalidInput as error:
                problems = [Problem(found.code, "opening", found.facts) for found in error.problems]
        group = self._group
        if group is None:
            problems.append(Problem("unknown-group", "group", {"given": self.group.text().strip() or "–"}))
            return replace(self._account, name=" ".join(self.name.text().split()), opening=opening), problems
        by_bill = self._chart.reserved_of(group).reserved in _BY_BILL if self._is_new else self._account.bill_by_bill
        made = replace(
            self._account,
            name=" ".join(self.name.text().split()),
            group=group,
            opening=opening,
            bill_by_bill=by_bill,
        )
        return made, problems

    def _groups(self, text: str) -> Sequence[Choice]:
        found = [self._chart.groups[match.key] for match in self._index.find(text)]
        return [
            Choice(group.id, group.name, self._chart.groups[group.parent].name if group.parent else "")
            for group in found
        ]  # fmt: skip

    def _choose_group(self, key: str | None) -> None:
        self._group = self._chart.groups[key].id if key else None
        self.group.put(key, self._chart.groups[key].name if key else "")
        self._show_side()

    def _is_credit(self) -> bool:
        if self._group is None:
            return False
        return self._chart.reserved_of(self._group).nature in (Nature.LIABILITY, Nature.INCOME)

    def _show_side(self) -> None:
        if self._group is None:
            self._nature.setText("")
        elif self._is_credit():
            self._nature.setText(self.tr("Opening is a credit; type a minus for a debit"))
        else:
            self._nature.setText(self.tr("Opening is a debit; type a minus for a credit"))


def blank_account(account_id: AccountId, name: str, group: GroupId) -> Account:
    """Return a new account with what is known of it."""
    return Account(id=account_id, name=name, group=group)


def _places(problems: Sequence[Problem]) -> set[str]:
    return {problem.place for problem in problems}
