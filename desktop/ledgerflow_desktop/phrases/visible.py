"""Text from books, files and other programs, made safe to show: nothing hides, reorders or drives a terminal.

New text is checked before it is kept (`ledgerflow_core.text_rules`), but imported files, error facts and
older books may hold anything. What is shown is never the place to find out.
"""

import re

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# Controls (a terminal obeys them), lone surrogates (they cannot be encoded) and noncharacters.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
# Characters without ink: marks, embeddings, overrides and isolates that make a name read as another, zero
# width blanks, tags. The joiners U+200C and U+200D stay: Hindi, Urdu and Persian are misspelt without them.
_INKLESS = re.compile(
    "[\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_LINE_ENDS = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")


def visible(text: str) -> str:
    """Return `text` on one line: line ends and tabs become blanks, controls U+FFFD, inkless marks go."""
    if text.isascii() and text.isprintable():
        return text
    text = _LINE_ENDS.sub(" ", text).replace("\t", " ")
    return _CONTROL.sub(REPLACEMENT, _INKLESS.sub("", text))


def visible_lines(text: str) -> list[str]:
    """Return the lines of `text`, each made `visible`, without empty ones at the end; at least one."""
    return [visible(line) for line in _LINE_ENDS.split(text.rstrip("\r\n\t "))]
