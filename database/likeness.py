"""By which of its words a text is looked for among many records, and how much each word says.

Rare words say most and cost least. They are looked for in all records, as long as not too many have to be
passed through; common ones only if too few records were found, in the last weeks.
"""

import math
from collections.abc import Iterator, Sequence

from complaints.model import Frozen

MOST_PASSED = 8_000  # records that one pass may go through, as far as that can be foretold
MOST_SCANNED = 16  # words
MOST_COMPARED = 64  # words
FURTHER = 8  # how much further back the next pass looks
PASSES = 3  # over weeks
_RARE = 0.4  # a word that was not counted is taken for so much as common as the rarest that was
_COMMON = 0.2  # in so many records a word says nothing to whoever reads


class Term(Frozen):
    """A word of a text; `share` of all `records` that have it, None: less than `rarest`."""

    lexeme: str
    share: float | None
    rarest: float | None
    records: int

    @property
    def guess(self) -> float:
        """In what share of records it is, as far as that is known."""
        if self.share is not None:
            return max(self.share, 1e-9)
        return (self.rarest or 1.0 / max(self.records, 1)) * (_RARE if self.rarest else 1.0)

    @property
    def passed(self) -> float:
        return self.guess * self.records

    @property
    def weight(self) -> float:
        """Its inverse document frequency: what it says, in nats."""
        return math.log1p(1.0 / self.guess)

    @property
    def query(self) -> str:
        """The word as a `tsquery`, whatever characters it has."""
        quoted = self.lexeme.replace("\\", "\\\\").replace("'", "''")
        return f"'{quoted}'"


class Choice(Frozen):
    """The words of a text that are `compared`, the rarest first; `scanned` in all records, `further` in the last."""

    compared: tuple[Term, ...]
    scanned: tuple[Term, ...]
    further: tuple[Term, ...]

    @property
    def whole(self) -> float:
        return sum(term.weight for term in self.compared)

    @property
    def telling(self) -> tuple[Term, ...]:
        """Those that are shown where they were found."""
        return tuple(term for term in self.compared if term.guess < _COMMON) or self.compared

    def passes(self, first: int, last: int) -> Iterator[tuple[tuple[Term, ...], range | None]]:
        """Yield what is looked for, and in which weeks (None: all) of those from `first` to `last`."""
        if self.scanned:
            yield self.scanned, None
        if not self.further:
            return
        weeks = last - first + 1
        wide = max(1, int(weeks * MOST_PASSED / max(sum(term.passed for term in self.further), 1.0)))
        for _ in range(PASSES):
            yield self.further, range(max(first, last - wide + 1), last + 1) if wide < weeks else None
            if wide >= weeks:
                return
            wide *= FURTHER


def chosen(terms: Sequence[Term]) -> Choice | None:
    """Choose among the words of a text; None if it has none."""
    if not terms:
        return None
    compared = tuple(sorted(terms, key=lambda term: (term.guess, term.lexeme)))[:MOST_COMPARED]
    passed, count = 0.0, 0
    for term in compared[:MOST_SCANNED]:
        passed += term.passed
        if passed > MOST_PASSED:
            break
        count += 1
    return Choice(compared=compared, scanned=compared[:count], further=compared[count : count + MOST_SCANNED // 2])
