"""The group tree of a file: Tally names a group's parent, the books want its path from the root."""

from collections.abc import Iterator
from typing import NamedTuple

from ledgerflow_core.errors import refuse
from ledgerflow_core.masters.chart import folded
from ledgerflow_core.masters.group import PREDEFINED_GROUP_BY_RESERVED
from ledgerflow_desktop.interchange.records import GroupRecord
from ledgerflow_desktop.interchange.tally_xml.names import is_none, one_line, reserved_group
from ledgerflow_desktop.interchange.tally_xml.node import Node

GROUPS_DEPTH_MAX = 30


class _Group(NamedTuple):
    name: str
    parent: str  # as written; empty for a primary group
    reserved: str
    under: str  # for a primary group of the company's own: the reserved code of the predefined one it goes under
    place: str


class Groups:
    """Every group of a file by name. The 28 are known without being in it, and by the names the file gives them."""

    def __init__(self) -> None:
        self._by_name: dict[str, _Group] = {}
        self.moved: list[str] = []

    def put(self, node: Node, place: str) -> None:
        """Note a GROUP master. Files repeat groups; a repetition that says otherwise is `conflicting-master`."""
        name = one_line(node.attributes.get("NAME", "") or node.fields.get("NAME", ""))
        if not name:
            raise refuse("missing-name", place)
        stated = node.attributes.get("RESERVEDNAME", "")
        reserved = reserved_group(stated) or reserved_group(name)
        parent = one_line(node.fields.get("PARENT", ""))
        if is_none(parent):
            parent = ""
        under = "" if reserved or parent else _nearest_primary(node)
        group = _Group(name, parent, reserved, under, place)
        earlier = self._by_name.setdefault(folded(name), group)
        if (earlier.parent, earlier.reserved) != (parent, reserved):
            raise refuse("conflicting-master", place, name=name, earlier=earlier.place)
        if under and earlier is group:
            self.moved.append(name)

    def path(self, name: str) -> list[str]:
        """Return a group's path from its predefined root, itself last; the 28 stand in it under their own names.

        A group the file does not define is one of the 28 or stands alone in the path: the book may know
        it. Refuses groups that stand under themselves (`stands-under-itself`).
        """
        below: list[str] = []
        at = name
        while True:
            group = self._by_name.get(folded(at))
            reserved = group.reserved if group else reserved_group(at)
            if reserved:
                return [*_predefined_path(reserved), *reversed(below)]
            if group is None:
                return [one_line(at), *reversed(below)]
            below.append(group.name)
            if len(below) > GROUPS_DEPTH_MAX:
                raise refuse("stands-under-itself", group.place, name=name)
            if not group.parent:
                return [*_predefined_path(group.under), *reversed(below)]
            at = group.parent

    def reserved_of(self, name: str) -> str:
        """Return the reserved code of a predefined group under any of its names; empty for others."""
        group = self._by_name.get(folded(name))
        return group.reserved if group else reserved_group(name)

    def records(self) -> Iterator[tuple[str, GroupRecord]]:
        """Yield (place, record) of every group in the file, parents before children."""
        found = [(self.path(group.name), group) for group in self._by_name.values()]
        for path, group in sorted(found, key=lambda pair: len(pair[0])):
            renamed = group.name if group.reserved and folded(group.name) != folded(path[-1]) else ""
            yield group.place, GroupRecord(path=path, maps_to=group.reserved, renamed=renamed)


def _predefined_path(reserved: str) -> list[str]:
    path: list[str] = []
    at: str | None = reserved
    while at is not None:
        group = PREDEFINED_GROUP_BY_RESERVED[at]
        path.insert(0, group.name)
        at = group.parent
    return path


def _nearest_primary(node: Node) -> str:
    """Return the predefined group under which a primary group of the company's own goes, by its flags."""
    debit = node.take_flag("ISDEEMEDPOSITIVE")
    if not node.take_flag("ISREVENUE"):
        return "current-assets" if debit else "current-liabilities"
    gross = node.take_flag("AFFECTSGROSSPROFIT")
    return ("direct-" if gross else "indirect-") + ("expenses" if debit else "incomes")
