"""Where report files find the guard against formulas; it lives below, since exports of books need it too."""

from ledgerflow_desktop.phrases.cell_safety import disarmed, reads_as_formula

__all__ = ["disarmed", "reads_as_formula"]
