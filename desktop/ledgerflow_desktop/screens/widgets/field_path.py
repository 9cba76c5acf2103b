"""The order in which Enter walks through the fields of a panel, and the same way back."""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget

from ledgerflow_desktop.screens.widgets.entry_edit import EntryEdit


class FieldPath:
    """Fields one after another. `order` says which there are at the moment; what lies beyond both ends is given."""

    def __init__(
        self, order: Callable[[], Sequence[QWidget]], *, beyond: Callable[[], object], before: Callable[[], object]
    ) -> None:
        self._order = order
        self._beyond = beyond
        self._before = before

    def join(self, field: EntryEdit, *, forward: Callable[[], bool] | None = None) -> None:
        """Let a field lead on; `forward` may take what was typed first and hold the keyboard back by False."""

        def go_on() -> None:
            if forward is None or forward():
                self.after(field)

        field.forward.connect(go_on)
        field.backward.connect(lambda: self.back_from(field))

    def begin(self, *, at_end: bool = False) -> None:
        """Put the keyboard into the first field, or the last."""
        order = self._order()
        if order:
            order[-1 if at_end else 0].setFocus()

    def after(self, field: QWidget) -> None:
        """Go to the next field."""
        order = list(self._order())
        at = order.index(field) + 1 if field in order else 0
        if at < len(order):
            order[at].setFocus()
        else:
            self._beyond()

    def back_from(self, field: QWidget) -> None:
        """Go to the field before."""
        order = list(self._order())
        at = order.index(field) - 1 if field in order else -1
        if at >= 0:
            order[at].setFocus()
        else:
            self._before()
