"""Finding a server in pictures: a company opened from one, and a company that is connected to one."""

from PySide6.QtWidgets import QLineEdit

from ledgerflow_desktop.screens.companies.join_page import JoinPage
from ledgerflow_desktop.screens.destinations import ConnectServer, OpenFromServer
from ledgerflow_desktop.screens.main_window import MainWindow
from ledgerflow_desktop.screens.shot_line import Take
from ledgerflow_desktop.screens.sync.connect_page import ConnectPage

# Nobody's server, shown in the place of the one of a trial; and a code that no server made.
SHOWN_ADDRESS = "https://books.example.com:8443"
_CODE = "K7QM-2XV9-0HJT-5BCD"
_AUTHORITY = "9W4E-TR0N-CZ8G-M1YA"


def take_joining(window: MainWindow, server: str | None, take: Take) -> None:
    """Take how a company is opened from a server, the page for it in front: empty, filled in, refused.

    `server` is the address of one that runs, None where there is none: then nothing is refused by it.
    """
    window.navigation.replace(OpenFromServer())
    take("from-server")
    page = window.navigation.front
    assert isinstance(page, JoinPage)
    page.accept()
    take("from-server-problems")
    window.navigation.replace(OpenFromServer())
    page = window.navigation.front
    assert isinstance(page, JoinPage)
    entered = {
        "url": SHOWN_ADDRESS, "code": f"{_CODE}.{_AUTHORITY}", "name": "Vartula Homewares",
        "passphrase": "seven green mangoes", "again": "seven green mangoes",
    }  # fmt: skip
    for name, text in entered.items():
        _enter(page.fields[name].editor, text)
    page.fields["again"].editor.setFocus()
    take("from-server-filled")
    if server is not None:
        _enter(page.fields["url"].editor, server)
        _enter(page.fields["code"].editor, _CODE)
        page.accept()
        take("from-server-refused", lambda: page.open_button.isEnabled() and bool(page.fields["code"].problem))


def take_connecting(window: MainWindow, server: str | None, take: Take) -> None:
    """Take how the open company, which syncs with no server yet, is connected to one: empty, and refused."""
    window.navigation.open(ConnectServer())
    take("connect")
    page = window.navigation.front
    assert isinstance(page, ConnectPage)
    if server is not None:
        _enter(page.address, server)
        _enter(page.code, _CODE)
        page.accept()
        take("connect-refused", lambda: page.connect_button.isEnabled() and bool(page.code_field.problem))
    window.navigation.back_to(window.navigation.pages[0])


def _enter(editor: object, text: str) -> None:
    assert isinstance(editor, QLineEdit), "lines are typed here"
    editor.setText(text)
