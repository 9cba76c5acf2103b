"""Names for accounts of programs in which only neighbours must differ; in these books no two accounts share one."""

from collections import Counter
from collections.abc import Hashable, Iterable
from typing import NamedTuple, TypeVar

from ledgerflow_core.masters.chart import folded

Key = TypeVar("Key", bound=Hashable)


class Named(NamedTuple):
    """A name and the one that tells it from others of the same: its group's."""

    name: str
    within: str


def distinct_names(named: Iterable[tuple[Key, Named]]) -> dict[Key, str]:
    """Return a name for each key that no other has, without regard to case and blanks, the same every time.

    Where several share one, each gets its group's name behind it (``Fuel (Car)``), and if that is not
    enough, a number.
    """
    pairs = list(named)
    count_by_name = Counter(folded(each.name) for _, each in pairs)
    taken = {name for name, count in count_by_name.items() if count == 1}
    names: dict[Key, str] = {}
    for key, each in pairs:
        name = each.name
        if count_by_name[folded(name)] > 1:
            qualified = f"{name} ({each.within})" if each.within else name
            name, number = qualified, 1
            while folded(name) in taken:
                number += 1
                name = f"{qualified} {number}"
            taken.add(folded(name))
        names[key] = name
    return names
