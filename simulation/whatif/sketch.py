"""Quantiles of many durations in little memory: counts in bins whose ends grow by 2 %.

A bin stands for its middle, so that a quantile is wrong by at most 1 % of itself (the scheme of DDSketch, Masson, Rim
and Lee, 2019). Sketches are added by adding counts, so that the order of adding, and who counted what, cannot matter.
"""

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from itertools import accumulate

ERROR = 0.01  # of the value
_GROWTH = (1 + ERROR) / (1 - ERROR)
_LOG = math.log(_GROWTH)


class Sketch:
    """Whole seconds, counted. Zero has a bin of its own."""

    __slots__ = ("bins",)

    def __init__(self, bins: Iterable[tuple[int, int]] = ()) -> None:
        self.bins: Counter[int] = Counter(dict(bins))

    def add(self, seconds: int) -> None:
        """Count a duration of zero or more seconds."""
        self.bins[_bin(seconds)] += 1

    def merge(self, other: "Sketch") -> None:
        self.bins.update(other.bins)

    @property
    def count(self) -> int:
        return sum(self.bins.values())

    def quantile(self, share: float) -> int | None:
        """The duration that a share of them lie at or under; None if there are none."""
        return Quantiles(self).at(share) if self.bins else None


class Quantiles:
    """A sketch laid out for many questions."""

    def __init__(self, sketch: Sketch) -> None:
        self._bins = sorted(sketch.bins)
        self._counts = list(accumulate(sketch.bins[index] for index in self._bins))
        self.count = self._counts[-1] if self._counts else 0

    def at(self, share: float) -> int:
        rank = max(math.ceil(share * self.count), 1)
        return _middle(self._bins[bisect_left(self._counts, rank)])

    def share_up_to(self, seconds: float) -> float:
        """The share of durations at or under so many seconds."""
        found = bisect_left(self._bins, _bin(int(seconds)) + 1)
        return self._counts[found - 1] / self.count if found else 0.0


def _bin(seconds: int) -> int:
    return -1 if seconds <= 0 else math.ceil(math.log(seconds) / _LOG - 1e-9)


def _middle(index: int) -> int:
    return 0 if index < 0 else round(2 * _GROWTH**index / (_GROWTH + 1))
