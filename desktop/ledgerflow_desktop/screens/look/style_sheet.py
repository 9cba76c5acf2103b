"""The style sheet, made from the tokens: nothing else in the program names a colour or a size."""

from string import Template

from ledgerflow_desktop.screens.look.tokens import FIELD_HEIGHT, RADIUS, ROW_HEIGHT, SPACE, TYPE, Colours

# Widgets say what they are by the dynamic property `role`; the sheet says how that looks.
_SHEET = Template("""
* { outline: none; }
QWidget { color: $text; font-size: ${body}px; }
QMainWindow, QDialog, QWidget[role="window"] { background: $window; }
QWidget[role="surface"] { background: $surface; }
QWidget[role="card"] { background: $surface; border: 1px solid $line; border-radius: ${radius}px; }
QWidget[role="bar"] { background: $surface; border-bottom: 1px solid $line; }
QWidget[role="key-bar"] { background: $window; border-left: 1px solid $line; }
QWidget[role="status"] { background: $surface; border-top: 1px solid $line; }
QWidget[role="popup"] { background: $surface; border: 1px solid $line_strong; border-radius: ${radius}px; }
QToolTip { background: $raised; color: $text; border: 1px solid $line_strong; padding: ${small}px; }

QLabel { background: transparent; }
QLabel[role="title"] { font-size: ${title}px; font-weight: bold; }
QLabel[role="display"] { font-size: ${display}px; font-weight: bold; }
QLabel[role="section"] { font-size: ${small_type}px; font-weight: bold; color: $text_quiet; }
QLabel[role="strong"] { font-weight: bold; }
QLabel[role="quiet"] { color: $text_quiet; }
QLabel[role="problem"] { color: $danger; font-size: ${small_type}px; }
QLabel[role="good"] { color: $good; }
QLabel[role="warning"] { color: $warning; }
QLabel[role="danger"] { color: $danger; }
QLabel[tone="good"] { color: $good; }
QLabel[tone="warning"] { color: $warning; }
QLabel[tone="danger"] { color: $danger; }
QLabel[role="code"] { font-size: ${title}px; font-weight: bold; }
QLabel[role="key"] { color: $text_quiet; font-size: ${small_type}px; }
QLabel[role="banner-danger"] { color: $danger; background: $danger_surface; border-radius: ${radius}px;
  padding: ${medium}px ${large}px; }
QLabel[role="banner-warning"] { color: $warning; background: $warning_surface; border-radius: ${radius}px;
  padding: ${medium}px ${large}px; }
QLabel[role="crumb"] { color: $text_quiet; }
QLabel[role="crumb-here"] { color: $text; font-weight: bold; }

QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QSpinBox, QDateEdit { background: $surface; color: $text;
  border: 1px solid $line_strong; border-radius: ${radius}px; padding: 0 ${medium}px;
  selection-background-color: $accent; selection-color: $on_accent; }
QLineEdit, QComboBox, QSpinBox, QDateEdit { min-height: ${field_inner}px; }
QPlainTextEdit, QTextEdit { padding: ${small}px; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QComboBox:focus, QSpinBox:focus, QDateEdit:focus {
  border: 2px solid $accent; padding: 0 ${field_focus}px; }
QLineEdit:focus, QComboBox:focus, QSpinBox:focus, QDateEdit:focus { min-height: ${field_inner_focus}px; }
QPlainTextEdit:focus, QTextEdit:focus { padding: ${small_focus}px; }
QLineEdit:disabled, QComboBox:disabled, QPlainTextEdit:disabled { background: $sunken; color: $text_quiet; }
QLineEdit[problem="true"], QComboBox[problem="true"], QPlainTextEdit[problem="true"] { border: 1px solid $danger; }
QLineEdit[problem="true"]:focus, QComboBox[problem="true"]:focus, QPlainTextEdit[problem="true"]:focus {
  border: 2px solid $danger; }
QLineEdit[role="palette"] { border: none; border-bottom: 1px solid $line; border-radius: 0;
  font-size: ${large_type}px; min-height: 44px; padding: 0 ${wide}px; background: transparent; }
QComboBox::drop-down { border: none; width: 28px; }
QComboBox::down-arrow { image: url("$down_arrow"); width: 14px; height: 14px; }
QComboBox QAbstractItemView { background: $surface; border: 1px solid $line_strong; outline: none;
  selection-background-color: $selection; selection-color: $text; padding: ${small}px; }

QPushButton { background: $surface; color: $text; border: 1px solid $line_strong; border-radius: ${radius}px;
  padding: 0 ${wide}px; min-height: ${field_inner}px; }
QPushButton:hover { background: $raised; }
QPushButton:pressed { background: $sunken; }
QPushButton:focus { border: 2px solid $accent; padding: 0 ${button_focus}px; }
QPushButton:disabled { color: $text_quiet; background: $sunken; border-color: $line; }
QPushButton[role="primary"] { background: $accent; color: $on_accent; border: 1px solid $accent; font-weight: bold; }
QPushButton[role="primary"]:hover { background: $accent_strong; }
QPushButton[role="primary"]:focus { border: 2px solid $text; }
QPushButton[role="primary"]:disabled { background: $sunken; color: $text_quiet; border-color: $line; }
QPushButton[role="flat"] { background: transparent; border: 1px solid transparent; padding: 0 ${medium}px; }
QPushButton[role="flat"]:hover { background: $raised; }
QPushButton[role="flat"]:focus { border: 2px solid $accent; }
QPushButton[role="search"] { text-align: left; color: $text_quiet; background: $window; border: 1px solid $line; }
QPushButton[role="search"]:hover { border-color: $line_strong; }
QPushButton[role="search"]:focus { border: 2px solid $accent; }
QPushButton[role="key-hint"] { text-align: left; background: transparent; border: 1px solid transparent;
  border-radius: ${small}px; padding: 0 ${medium}px; min-height: 24px; }
QPushButton[role="key-hint"]:hover { background: $sunken; }
QPushButton[role="key-hint"] QLabel:disabled { color: $text_quiet; }
QPushButton[role="light"] { background: transparent; border: 1px solid transparent; border-radius: ${small}px;
  padding: 1px ${medium}px 0 ${medium}px; min-height: 22px; color: $text_quiet; }
QPushButton[role="light"]:hover { background: $sunken; }
QPushButton[role="light"][tone="good"] { color: $good; }
QPushButton[role="light"][tone="warning"] { color: $warning; }
QPushButton[role="light"][tone="danger"] { color: $danger; }
QPushButton[role="menu-line"], QPushButton[role="line"] { text-align: left; background: transparent;
  border: 1px solid transparent; border-radius: ${radius}px; }
QPushButton[role="menu-line"] { min-height: 34px; }
QPushButton[role="menu-line"][tall="true"] { min-height: 52px; }
QPushButton[role="line"] { padding: 0 ${small}px; min-height: 30px; }
QPushButton[role="menu-line"]:hover, QPushButton[role="line"]:hover { background: $sunken; }
QPushButton[role="menu-line"]:focus, QPushButton[role="line"]:focus { background: $selection;
  border: 1px solid $accent; }

QCheckBox, QRadioButton { spacing: ${medium}px; background: transparent; min-height: 24px; }
QCheckBox::indicator, QRadioButton::indicator { width: 16px; height: 16px; border: 1px solid $line_strong;
  background: $surface; }
QCheckBox::indicator { border-radius: 3px; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border: 2px solid $accent; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url("$check_mark"); }
QRadioButton::indicator:checked { border: 5px solid $accent; width: 8px; height: 8px; }
QCheckBox:focus, QRadioButton:focus { color: $accent; }

QTableView, QTreeView, QListView { background: $surface; border: none; gridline-color: $line;
  selection-background-color: $selection; selection-color: $text; alternate-background-color: $surface; }
QTableView::item, QTreeView::item { padding: 0 ${medium}px; border: none; min-height: ${row}px; }
QTableView[role="list"]::item { padding: 0 5px; }
QTableView::item:hover, QTreeView::item:hover, QListView::item:hover { background: $raised; }
QTableView::item:selected, QTreeView::item:selected, QListView::item:selected { background: $selection; color: $text; }
QListView::item { padding: ${small}px ${medium}px; border-radius: ${small}px; }
QListView[role="menu"] { background: transparent; }
QHeaderView { background: $sunken; }
QHeaderView::section { background: $sunken; color: $text_quiet; border: none; border-bottom: 1px solid $line;
  padding: ${small}px ${medium}px; font-size: ${small_type}px; font-weight: bold; }
QTableCornerButton::section { background: $sunken; border: none; }

QScrollArea { background: transparent; border: none; }
QWidget[role="desk"] { background: $sunken; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: $handle; border-radius: 4px; margin: 2px; min-height: 32px; min-width: 32px; }
QScrollBar::handle:hover { background: $text_quiet; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QProgressBar { background: $sunken; border: none; border-radius: 3px; max-height: 6px; min-height: 6px;
  color: transparent; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QMenu { background: $surface; border: 1px solid $line_strong; padding: ${small}px; }
QMenu::item { padding: 6px ${section}px 6px ${large}px; border-radius: ${small}px; }
QMenu::item:selected { background: $selection; }
QMenu::separator { height: 1px; background: $line; margin: ${small}px; }
QSplitter::handle { background: $line; }
""")


def style_sheet(colours: Colours, *, down_arrow: str, check_mark: str) -> str:
    """Return the sheet of a theme; the two arguments are paths of its pictures."""
    sizes = {
        "hair": SPACE.hair, "small": SPACE.small, "medium": SPACE.medium, "large": SPACE.large, "wide": SPACE.wide,
        "section": SPACE.section, "small_type": TYPE.small, "body": TYPE.body, "large_type": TYPE.large,
        "title": TYPE.title, "display": TYPE.display, "radius": RADIUS, "row": ROW_HEIGHT,
        # A focused border is one pixel wider and takes it from inside, so that nothing moves.
        "field_inner": FIELD_HEIGHT - 2, "field_inner_focus": FIELD_HEIGHT - 4, "field_focus": SPACE.medium - 1,
        "small_focus": SPACE.small - 1, "button_focus": SPACE.wide - 1,
    }  # fmt: skip
    colour_by_name = {name: getattr(colours, name) for name in Colours.__slots__}
    return _SHEET.substitute(colour_by_name | sizes, down_arrow=down_arrow, check_mark=check_mark)
