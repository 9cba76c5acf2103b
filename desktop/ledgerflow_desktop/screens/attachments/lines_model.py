"""The lines of a voucher's files."""

from PySide6.QtCore import QCoreApplication, QObject

from ledgerflow_desktop.actions.attachments import Listed
from ledgerflow_desktop.screens.attachments.state import kind_text, name_text, size_text
from ledgerflow_desktop.screens.widgets.line_model import LineModel

_SIZE = 1


class FilesModel(LineModel[Listed]):
    """One row for each file."""

    def __init__(self, parent: QObject) -> None:
        translate = QCoreApplication.translate
        heads = (translate("Files", "File"), translate("Files", "Size"), translate("Files", "Kind"), "")
        super().__init__(heads, (_SIZE,), self._text, parent)
        self._to_come = translate("Files", "Not here yet")

    def _text(self, line: Listed, column: int) -> str:
        state = "" if line.is_here else self._to_come
        return (name_text(line), size_text(line.attachment.size), kind_text(line), state)[column]
