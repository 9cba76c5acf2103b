"""Making a company: every problem beside its field, then the recovery code."""

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from ledgerflow_core.errors import LedgerFlowError, Problem
from ledgerflow_desktop.actions import companies
from ledgerflow_desktop.actions.companies import Created, NewCompany
from ledgerflow_desktop.screens.companies.state import path_for, problems_of_creation
from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.destinations import CreateCompany, KeepRecoveryCode
from ledgerflow_desktop.screens.keyboard_map import Command
from ledgerflow_desktop.screens.look.tokens import SPACE
from ledgerflow_desktop.screens.page import Page
from ledgerflow_desktop.screens.problem_words import problem_words
from ledgerflow_desktop.screens.widgets.field import Field
from ledgerflow_desktop.screens.widgets.form import FormColumn
from ledgerflow_desktop.settings.places import COUNTRIES, STATES
from ledgerflow_desktop.settings.preferences import companies_folder


class CreatePage(Page):
    """The form. Enter goes from field to field, Ctrl+A accepts."""

    def __init__(self, desk: Desk, _destination: CreateCompany) -> None:
        super().__init__(desk)
        self._form = FormColumn(
            self.tr("Create a company"),
            self.tr("Currency and the start of the books cannot change later; everything else can."),
            self,
        )
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._form)
        self.fields: dict[str, Field] = {}
        self._build_fields()
        self._build_keys()
        self.create_button = self._form.button(self.tr("Create"), primary=True)
        self.create_button.clicked.connect(self.accept)
        self._said = self._form.label("", "problem")
        self._form.row(self.create_button)
        self._form.column.addWidget(self._said)
        self._form.column.addStretch(1)
        self._form.enter_moves_on(*(field.editor for field in self.fields.values()), self.create_button)
        self.command(Command.ACCEPT, self.accept, self.tr("Create"))
        self._country_chosen()

    def title(self) -> str:
        return self.tr("Create a company")

    def first_focus(self) -> QWidget:
        return self.fields["name"].editor

    def text(self, name: str) -> str:
        """Return what stands in a field."""
        editor = self.fields[name].editor
        return str(editor.currentData() or "") if isinstance(editor, QComboBox) else editor.text().strip()

    def _build_fields(self) -> None:
        self._line("name", self.tr("Name"))
        self._form.column.addWidget(self.fields["name"])
        country = self._choice("country", self.tr("Country"), [(c.code, self.tr(c.name)) for c in COUNTRIES])
        country.currentIndexChanged.connect(lambda _: self._country_chosen())
        states = [("", self.tr("Not chosen")), *((code, f"{code}  {name}") for code, name in STATES)]
        self._choice("state", self.tr("State"), states)
        self._form.fields(self.fields["country"], self.fields["state"])
        self._line("currency", self.tr("Currency"), hint=self.tr("Such as INR"))
        self._line("year_start", self.tr("Year begins on"), hint=self.tr("04-01 is 1 April"))
        self._line("books_begin", self.tr("Books begin on"), hint=self.tr("Empty: this year"))
        self._form.fields(self.fields["currency"], self.fields["year_start"], self.fields["books_begin"])
        folder = self._line("folder", self.tr("Kept in the folder"))
        folder.setText(str(companies_folder()))
        self._form.column.addWidget(self.fields["folder"])

    def _build_keys(self) -> None:
        self._form.column.addSpacing(SPACE.medium)
        self._form.column.addWidget(self._form.label(self.tr("The key to your books"), "section"))
        self._form.column.addWidget(
            self._form.label(
                self.tr(
                    "The books are encrypted with this passphrase. A recovery code opens them if you forget it. "
                    "With neither of the two the books are gone: nobody can open them, we cannot either."
                ),
                "banner-warning",
            )
        )
        for name, words in (("passphrase", self.tr("Passphrase")), ("again", self.tr("Passphrase again"))):
            self._line(name, words).setEchoMode(QLineEdit.EchoMode.Password)
        self._form.fields(self.fields["passphrase"], self.fields["again"])

    def _line(self, name: str, words: str, *, hint: str = "") -> QLineEdit:
        editor = QLineEdit(self._form.body)
        self.fields[name] = Field(words, editor, self._form.body, hint=hint)
        return editor

    def _choice(self, name: str, words: str, choices: Sequence[tuple[str, str]]) -> QComboBox:
        editor = QComboBox(self._form.body)
        editor.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for value, shown in choices:
            editor.addItem(shown, value)
        self.fields[name] = Field(words, editor, self._form.body)
        return editor

    def _country_chosen(self) -> None:
        country = next(each for each in COUNTRIES if each.code == self.text("country"))
        for name, value in (("currency", country.currency), ("year_start", country.year_start)):
            editor = self.fields[name].editor
            assert isinstance(editor, QLineEdit)
            editor.setText(value)
            self.fields[name].clear_problem()
        self.fields["state"].setEnabled(country.code == "IN")

    def accept(self) -> None:
        """Make the company, or say everything that is wrong."""
        if not self.create_button.isEnabled():
            return
        form = NewCompany(
            name=self.text("name"),
            country=self.text("country"),
            state=self.text("state") if self.text("country") == "IN" else "",
            currency=self.text("currency"),
            year_start=self.text("year_start"),
            books_begin=self.text("books_begin"),
        )
        passphrase = self.fields["passphrase"].editor.text()  # type: ignore[union-attr]  # a line, not a choice
        again = self.fields["again"].editor.text()  # type: ignore[union-attr]
        folder, machine = self.text("folder"), self.desk.machine
        problems = problems_of_creation(form, folder, passphrase, again)
        self._show_problems(problems)
        if problems:
            return
        self.create_button.setEnabled(False)
        self._said.setText("")
        path = path_for(folder, form.name)
        self.desk.run(
            self,
            lambda: companies.create(path, form, passphrase, machine),
            lambda created: self._created(created, passphrase),
            self._failed,
        )

    def _created(self, created: Created, passphrase: str) -> None:
        self.replace_requested.emit(KeepRecoveryCode(created.folder, created.recovery_code, passphrase))

    def _failed(self, error: LedgerFlowError) -> None:
        self.create_button.setEnabled(True)
        self._show_problems(error.problems)

    def _show_problems(self, problems: Sequence[Problem]) -> None:
        for each in self.fields.values():
            each.clear_problem()
        elsewhere: list[str] = []
        first: Field | None = None
        for problem in problems:
            field: Field | None = self.fields.get(problem.place)
            if problem.code in ("company-exists", "read-only", "disk-full"):
                field = self.fields["folder"]
            if field is None:
                elsewhere.append(problem_words(problem))
                continue
            field.show_problem(problem_words(problem))
            first = first or field
        self._said.setText("\n".join(elsewhere))
        if first is not None:
            first.editor.setFocus()
            self._form.ensureWidgetVisible(first)
