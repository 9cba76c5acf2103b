"""One object of a Tally file, small enough to take apart: its fields by name, its lists by name.

Converting takes fields out (`take`, `take_all`); what is left when a record is made is what the record has
no field for, and `leftovers` names it by its path.
"""

from collections.abc import Iterator

# Internals of Tally's storage and what the amounts say already; neither is worth keeping with a voucher.
_OF_NO_USE = frozenset(
    {
        "OLDAUDITENTRYIDS.LIST", "OLDAUDITENTRYIDS", "ISDEEMEDPOSITIVE", "ISLASTDEEMEDPOSITIVE", "ISPARTYLEDGER",
        "LEDGERFROMITEM", "VOUCHERTYPEORIGNAME", "FBTPAYMENTTYPE",
    }
)  # fmt: skip
# Tally's words for nothing; in its files they stand behind the character 4, which is gone by now.
NOTHING = frozenset({"", "Not Applicable", "Primary", "No", "End of List", "Any"})


class Node:
    """An element with child elements. Text is stripped; empty elements and empty lists are not in it."""

    __slots__ = ("attributes", "fields", "line", "lists", "name", "repeats")

    def __init__(self, name: str, attributes: dict[str, str], line: int = 0) -> None:
        self.name = name
        self.attributes = attributes
        self.line = line
        self.fields: dict[str, str] = {}
        self.repeats: list[tuple[str, str]] = []
        self.lists: dict[str, list[Node]] = {}

    def put(self, name: str, text: str) -> None:
        """Add a field; further ones of the same name keep their order behind the first."""
        if name in self.fields:
            self.repeats.append((name, text))
        else:
            self.fields[name] = text

    def take(self, name: str) -> str:
        """Take a field's text out of the object; empty if it has none."""
        return self.fields.pop(name, "")

    def take_flag(self, name: str) -> bool:
        """Take a yes-or-no field; anything but Yes is no."""
        return self.fields.pop(name, "").casefold() == "yes"

    def take_all(self, name: str) -> list[str]:
        """Take every field of a name, in the order of the file."""
        first = self.fields.pop(name, None)
        if first is None:
            return []
        found = [first, *(text for given, text in self.repeats if given == name)]
        if len(found) > 1:
            self.repeats = [(given, text) for given, text in self.repeats if given != name]
        return found

    def take_lists(self, *names: str) -> "list[Node]":
        """Take the lists of the names given, in the order of the names, then of the file."""
        return [node for name in names for node in self.lists.pop(name, ())]

    def leftovers(self, prefix: str = "") -> Iterator[tuple[str, str]]:
        """Yield (path, text) of what nobody took: ``EWAYBILL.LIST/BILLNO``; repeats are numbered from 1."""
        for name, text in self.fields.items():
            if text not in NOTHING and name not in _OF_NO_USE:
                yield prefix + name, text
        for at, (name, text) in enumerate(self.repeats, 2):
            if name not in _OF_NO_USE:
                yield f"{prefix}{name}[{at}]", text
        for name, nodes in self.lists.items():
            if name in _OF_NO_USE:
                continue
            for at, node in enumerate(nodes, 1):
                yield from node.leftovers(f"{prefix}{name}[{at}]/" if len(nodes) > 1 else f"{prefix}{name}/")
