"""The window: pages on a stack, the keys beside them, the state of the books below, and Go To over everything."""

from collections.abc import Callable, Mapping

from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QCloseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_core.masters.voucher_type import POSTS_TO_BOOKS, VoucherNature, voucher_type_id
from ledgerflow_desktop.actions import report_windows
from ledgerflow_desktop.actions.outcome import Changed
from ledgerflow_desktop.screens.background import Task
from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.destinations import (
    BackUp,
    ConnectServer,
    CorrectVoucher,
    EnterVoucher,
    Gateway,
    ImportFiles,
    OpenVoucher,
    ShowSync,
    Welcome,
)
from ledgerflow_desktop.screens.go_to.popup import GoToPopup
from ledgerflow_desktop.screens.go_to.state import (
    GoToIndex,
    Kind,
    Place,
    master_places,
    report_places,
    voucher_places,
)
from ledgerflow_desktop.screens.keyboard_map import COMMAND_BY_NATURE, Command
from ledgerflow_desktop.screens.look.tokens import SPACE
from ledgerflow_desktop.screens.problem_words import error_words
from ledgerflow_desktop.screens.window.help_card import HelpCard
from ledgerflow_desktop.screens.window.key_bar import KeyBar, key_text
from ledgerflow_desktop.screens.window.navigation import Navigation, PageFactory
from ledgerflow_desktop.screens.window.status_bar import StatusBar
from ledgerflow_desktop.screens.window.top_bar import TopBar
from ledgerflow_desktop.screens.words import period_words


class MainWindow(QMainWindow):
    """One window for everything."""

    def __init__(self, desk: Desk, factories: Mapping[type, PageFactory]) -> None:
        super().__init__()
        self.desk = desk
        self.navigation: Navigation
        desk.destinations = frozenset(factories)
        self.setWindowTitle("LedgerFlow")
        self.resize(*desk.preferences.size)
        self.setMinimumSize(960, 600)
        self._index: GoToIndex | None = None
        self._number_search: Task | None = None
        self._commands: dict[Command, QAction] = {}
        self._build(factories)
        self._make_commands()
        self.navigation.moved.connect(self._show_place)
        desk.company_closing.connect(self.navigation.leave_all)
        desk.company_changed.connect(self._company_changed)
        desk.changed.connect(self._changed)
        desk.failed.connect(self._show_failure)

    def start(self) -> None:
        """Show the first page."""
        self.navigation.start(Welcome())

    def _build(self, factories: Mapping[type, PageFactory]) -> None:
        body = QWidget(self)
        body.setProperty("role", "window")
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.top_bar = TopBar(self.desk.keys.hint(Command.GO_TO), body)
        self.top_bar.go_to_requested.connect(self.go_to)
        self.top_bar.step_chosen.connect(lambda at: self.navigation.back_to(self.navigation.pages[at]))
        self._failure = QLabel(body)
        self._failure.setProperty("role", "banner-danger")
        self._failure.setWordWrap(True)
        self._failure.setMargin(SPACE.small)
        self._failure.hide()
        stack = QStackedWidget(body)
        self.key_bar = KeyBar(body)
        self.key_bar.setVisible(self.desk.preferences.key_bar)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(stack, 1)
        middle.addWidget(self.key_bar)
        self.status_bar = StatusBar(self.desk, body)
        column.addWidget(self.top_bar)
        column.addWidget(self._failure)
        column.addLayout(middle, 1)
        column.addWidget(self.status_bar)
        self.setCentralWidget(body)
        self.navigation = Navigation(self.desk, factories, stack)
        self.popup = GoToPopup(self.desk.look, body)
        self.popup.typed.connect(self._find)
        self.popup.chosen.connect(self._go)
        self.popup.left.connect(self._focus_page)

    # --- commands -----------------------------------------------------------------------------------

    def _make_commands(self) -> None:
        self._command(Command.BACK, self.back)
        self._command(Command.GO_TO, self.go_to)
        self._command(Command.HELP, self.help)
        self._command(Command.COMPANIES, self.companies)
        self._command(Command.LOOK, self._toggle_look)
        self._command(Command.KEY_BAR, self._toggle_key_bar)
        self._command(Command.QUIT, self.close)
        if self.navigation.knows(EnterVoucher):
            for nature, command in COMMAND_BY_NATURE.items():
                self._command(command, self._entering(nature), in_company=True)
            self._command(Command.OTHER_VOUCHERS, lambda: self.go_to("", Kind.VOUCHER_TYPE), in_company=True)
        if self.navigation.knows(ImportFiles):
            self._command(Command.IMPORT, lambda: self.navigation.open(ImportFiles()), in_company=True)
        if self.navigation.knows(ShowSync):
            self._command(Command.SYNC, self.sync, in_company=True)
            self.status_bar.light.clicked.connect(self.sync)
        self._enable_commands()

    def _command(self, command: Command, act: Callable[[], object], *, in_company: bool = False) -> None:
        action = QAction(self.desk.keys.words(command), self)
        action.setShortcuts(self.desk.keys.sequences(command))
        action.setProperty("in_company", in_company)
        action.triggered.connect(lambda _checked=False: act())
        self.addAction(action)
        self._commands[command] = action

    def _entering(self, nature: VoucherNature) -> Callable[[], None]:
        return lambda: self.enter(EnterVoucher(voucher_type_id(nature)))

    def enter(self, destination: EnterVoucher) -> None:
        """Begin a voucher: in place of one that is in front, which keeps what was typed as a draft."""
        if isinstance(self.navigation.front_destination, EnterVoucher | OpenVoucher | CorrectVoucher):
            self.navigation.replace(destination)
        else:
            self.navigation.open(destination)

    def _enable_commands(self) -> None:
        for action in self._commands.values():
            if action.property("in_company"):
                action.setEnabled(self.desk.company is not None)
                action.setVisible(self.desk.company is not None)

    def trigger(self, command: Command) -> bool:
        """Give a command of the window, as its key does; False where it cannot be given now."""
        action = self._commands.get(command)
        if action is None or not action.isEnabled():
            return False
        action.trigger()
        return True

    def back(self) -> None:
        """Close the list that is open over the window, or take one step back."""
        if self.popup.isVisible():
            self.popup.leave()
        else:
            self._failure.hide()
            self.navigation.back()

    def companies(self) -> None:
        """Leave the open company for the list of companies, unless the page in front has to be seen through."""
        if self.navigation.front.is_held:
            self.navigation.front.escape()
        else:
            self.desk.close_company()

    def sync(self) -> None:
        """Show how the company stands towards its server; where it has none, ask for one."""
        wanted = ShowSync() if self.desk.line.state.is_enrolled else ConnectServer()
        if self.navigation.front_destination != wanted:
            self.navigation.open(wanted)

    def help(self) -> None:
        """Show every key."""
        card = HelpCard(self.desk.keys, self.desk.preferences.look, self)
        card.look_chosen.connect(self._choose_look)
        card.keys_chosen.connect(self._choose_keys)
        card.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        card.open()

    def _toggle_look(self) -> None:
        self._choose_look("light" if self.desk.look.is_dark else "dark")

    def _choose_look(self, choice: str) -> None:
        self.desk.look.choose(choice)
        self.desk.keep_preferences(replace(self.desk.preferences, look=choice))

    def _choose_keys(self, name: str) -> None:
        self.desk.keep_preferences(replace(self.desk.preferences, keyboard=name))
        owners = [(self._commands[c], c) for c in self._commands]
        owners += [(action, action.data()) for page in self.navigation.pages for action in page.commands]
        for action, command in owners:
            action.setShortcuts(self.desk.keys.sequences(command))
        self._show_place()

    def _toggle_key_bar(self) -> None:
        shown = not self.key_bar.isVisible()
        self.key_bar.setVisible(shown)
        self.desk.keep_preferences(replace(self.desk.preferences, key_bar=shown))

    # --- go to --------------------------------------------------------------------------------------

    def go_to(self, text: str = "", only: Kind | None = None) -> None:
        """Open the list of everything one can go to, or of one kind of it."""
        places = self._window_places()
        if self.desk.chart is not None:
            places += report_places() + self._voucher_type_places() + master_places(self.desk.chart)
        self._index = GoToIndex([place for place in places if only in (None, place.kind)])
        self.popup.open(text)

    def _window_places(self) -> list[Place]:
        actions = [a for a in self.navigation.front.commands if a.isEnabled()]
        actions += [a for a in self._commands.values() if a.isEnabled() and not a.property("in_company")]
        self._action_by_key = {str(at): action for at, action in enumerate(actions)}
        found = [
            Place(Kind.COMMAND, action.text(), keys=key_text(action), command=key)
            for key, action in self._action_by_key.items()
        ]
        if self.desk.company is not None:
            found.append(Place(Kind.SCREEN, self.tr("Gateway"), destination=Gateway()))
            if self.navigation.knows(ImportFiles):
                keys = self.desk.keys.hint(Command.IMPORT)
                found.append(Place(Kind.SCREEN, self.tr("Import files"), keys=keys, destination=ImportFiles()))
            if self.navigation.knows(BackUp):
                found.append(Place(Kind.SCREEN, self.tr("Back up"), destination=BackUp()))
        return found

    def _voucher_type_places(self) -> list[Place]:
        if not self.navigation.knows(EnterVoucher):
            return []
        found = []
        for each in self.desk.open_chart.voucher_types.values():
            command = COMMAND_BY_NATURE.get(each.nature) if each.reserved else None
            if each.nature in POSTS_TO_BOOKS and not each.retired:
                keys = self.desk.keys.hint(command) if command else ""
                found.append(Place(Kind.VOUCHER_TYPE, each.name, keys=keys, destination=EnterVoucher(each.id)))
        return found

    def _find(self, text: str) -> None:
        if self._index is None:
            return
        self.popup.show_places(self._index.find(text))
        if self._number_search is not None:
            self._number_search.cancel()
        if self.desk.company is not None and any(c.isdigit() for c in text) and self.navigation.knows(OpenVoucher):
            self._number_search = self.desk.work(
                self.popup,
                lambda book: report_windows.vouchers_numbered(book, text),
                lambda found: self.popup.add_places(voucher_places(found)),
            )

    def _go(self, place: Place) -> None:
        if place.command:
            self._action_by_key[place.command].trigger()
        elif isinstance(place.destination, Gateway):
            self.navigation.back_to(self.navigation.pages[0])
        elif isinstance(place.destination, EnterVoucher):
            self.enter(place.destination)
        elif place.destination is not None:
            self.navigation.open(place.destination)

    def _focus_page(self) -> None:
        front = self.navigation.front
        focus: QWidget | None = front.focusWidget()
        (front.first_focus() if focus is None else focus).setFocus()

    # --- what is shown ------------------------------------------------------------------------------

    def _company_changed(self) -> None:
        self._enable_commands()
        self._failure.hide()
        self.navigation.start(Welcome() if self.desk.company is None else Gateway())

    def _changed(self, changed: Changed) -> None:
        self._failure.hide()
        if Changed.COMPANY in changed:
            self._show_place()

    def _show_place(self) -> None:
        company, front = self.desk.company, self.navigation.front
        titles = [page.title() for page in self.navigation.pages]
        self.setWindowTitle(f"{company.name} – LedgerFlow" if company else "LedgerFlow")
        self.top_bar.show_steps(titles, period_words(self.desk.open_period) if company else "")
        vouchers = [a for a in self._commands.values() if a.property("in_company")]
        others = [a for a in self._commands.values() if not a.property("in_company")]
        self.key_bar.show_keys(
            (
                (front.title(), front.commands),
                (self.tr("Company"), vouchers),
                (self.tr("Everywhere"), others),
            )
        )

    def _show_failure(self, error: LedgerFlowError) -> None:
        self._failure.setText(error_words(error))
        self._failure.show()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.navigation.leave_all()
        self.desk.keep_preferences(replace(self.desk.preferences, size=(self.width(), self.height())))
        self.desk.shut_down()
        super().closeEvent(event)
