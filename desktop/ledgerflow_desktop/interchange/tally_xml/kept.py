"""What our own records have no field for, on its way through Tally's XML and back.

Reading keeps it as (path, text). Writing puts it beside the fields Tally knows, in a list of our own which
Tally passes over as it does every tag it does not know.
"""

from collections.abc import Iterator, Mapping

from ledgerflow_desktop.interchange.tally_xml.markup import element, field
from ledgerflow_desktop.interchange.tally_xml.node import Node

_LIST, _PATH, _TEXT = "LEDGERFLOWKEPT.LIST", "KEPTPATH", "KEPTTEXT"


def kept_of(node: Node) -> dict[str, str]:
    """Return what is left of an object once its fields were taken, and what an earlier export kept in it."""
    kept = {found.take(_PATH): found.take(_TEXT) for found in node.take_lists(_LIST)}
    kept.update(node.leftovers())
    return kept


def kept_xml(kept: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines that `kept_of` reads back."""
    for path, text in kept.items():
        yield from element(_LIST, [field(_PATH, path), field(_TEXT, text)])
