"""Type-ahead over names: what begins so, then what holds it, then what was nearly typed so.

The names are folded once, and one key press is a few passes over strings in C: ten thousand accounts answer
within the time of one key (`tests/desktop/screens/entry_fields/test_matching.py`, `benchmarks`).
"""

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import islice


class Nearness(IntEnum):
    """How well a name fits what was typed; the better first."""

    EXACT = 0
    PREFIX = 1
    WORD = 2
    WITHIN = 3
    FUZZY = 4


@dataclass(frozen=True, slots=True)
class Match:
    """A name found: its key, and how near it is."""

    key: str
    nearness: Nearness


# More is not read by anybody; typing one letter more is quicker.
SHOWN_MAX = 200
_FUZZY_FROM = 3  # fewer letters are nearly like everything
_FUZZY_MAX = 30


def folded_for_search(text: str) -> str:
    """Return text without case, accents and double blanks. Vowel signs of other scripts stay: they are letters."""
    decomposed = unicodedata.normalize("NFKD", text.casefold()) if not text.isascii() else text.casefold()
    return " ".join("".join(c for c in decomposed if not "\u0300" <= c <= "\u036f").split())


class NameIndex:
    """Names to search, each under a key; a key may have several names (an alias, a code). Answers are by name."""

    def __init__(self, named: Iterable[tuple[str, Sequence[str]]]) -> None:
        """Take (key, names) pairs."""
        pairs = [(folded_for_search(name), key) for key, names in named for name in names if name]
        pairs.sort()
        self._names = [name for name, _ in pairs]
        self._keys = [key for _, key in pairs]
        self._words_of = [name.translate(_WORD_BREAKS).split() for name in self._names]
        places: dict[str, list[int]] = {}
        for at, words in enumerate(self._words_of):
            for word in dict.fromkeys(words):
                places.setdefault(word, []).append(at)
        self._vocabulary = sorted(places)
        self._places = places

    def find(self, text: str, *, limit: int = SHOWN_MAX) -> list[Match]:
        """Return what fits, best first, each key once; the first names for an empty text."""
        typed = folded_for_search(text)
        found: dict[str, Nearness] = {}
        for places, nearness in self._tiers(typed):
            for at in places:
                found.setdefault(self._keys[at], nearness)
                if len(found) >= limit:
                    return [Match(key, near) for key, near in found.items()]
        return [Match(key, near) for key, near in found.items()]

    def _tiers(self, typed: str) -> Iterator[tuple[Iterable[int], Nearness]]:
        """Yield places of names, tier by tier; a tier is worked out only when the ones before left room."""
        if not typed:
            yield range(len(self._names)), Nearness.PREFIX
            return
        first, after = _range_of_prefix(self._names, typed)
        same = bisect_right(self._names, typed, lo=first)
        yield range(first, same), Nearness.EXACT
        yield range(same, after), Nearness.PREFIX
        words = typed.translate(_WORD_BREAKS).split()
        if words:
            yield self._beginning_words(words), Nearness.WORD
        yield (at for at, name in enumerate(self._names) if typed in name), Nearness.WITHIN
        if len(words) == 1 and len(words[0]) >= _FUZZY_FROM:
            yield islice(self._nearly(words[0]), _FUZZY_MAX), Nearness.FUZZY

    def _beginning_words(self, words: list[str]) -> Iterable[int]:
        """Return the names in which every word typed begins one of theirs: `ra del` finds "Ram Traders, Delhi"."""
        longest = max(words, key=len)
        places = sorted({at for word in self._vocabulary_from(longest) for at in self._places[word]})
        if len(words) == 1:
            return places
        return (
            at for at in places if all(any(own.startswith(word) for own in self._words_of[at]) for word in words)
        )  # fmt: skip

    def _vocabulary_from(self, beginning: str) -> list[str]:
        first, after = _range_of_prefix(self._vocabulary, beginning)
        return self._vocabulary[first:after]

    def _nearly(self, typed: str) -> Iterator[int]:
        """One slip of the finger: a letter wrong, missing, too many or swapped with the next, where a word begins.

        One slip leaves the beginning or the end of what was typed unharmed, so only those words are looked at.
        """
        middle = len(typed) // 2
        head, tail = typed[:middle], typed[middle + 1 :]
        candidates = self._vocabulary_from(head)
        if len(tail) > 1:
            known = set(candidates)
            candidates += [word for word in self._vocabulary if tail in word and word not in known]
        for word in candidates:
            if _begins_with_one_slip(typed, word):
                yield from self._places[word]


_WORD_BREAKS = str.maketrans(dict.fromkeys("-/.,&()'_:#", " "))


def _range_of_prefix(ordered: list[str], prefix: str) -> tuple[int, int]:
    return bisect_left(ordered, prefix), bisect_right(ordered, prefix + "\U0010ffff")


def _begins_with_one_slip(typed: str, name: str) -> bool:
    """Whether `name` begins with `typed` but for one slip."""
    same = 0
    while same < len(typed) and same < len(name) and typed[same] == name[same]:
        same += 1
    if same == len(typed):
        return True
    if same == 0 and len(typed) < 5:
        return False  # a wrong first letter of a short word is another word
    rest, there = typed[same:], name[same:]
    wrong = there[1:].startswith(rest[1:]) and bool(there)
    missing = there[1:].startswith(rest)
    too_many = there.startswith(rest[1:])
    swapped = len(rest) > 1 and len(there) > 1 and (rest[0], rest[1]) == (there[1], there[0])
    return wrong or missing or too_many or (swapped and there[2:].startswith(rest[2:]))
