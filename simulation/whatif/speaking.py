"""How the report speaks: its own words from `words/`, those of promises, causes and reasons from the policy's texts."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from babel.numbers import format_decimal, format_percent

from complaints.policy import Policy
from complaints.vocabulary import Language
from policies.books import Words, read_book
from policies.files import read_mapping

WORDS = Path(__file__).parent / "words"
_HOUR = 3600
_UNITS = (("days", 86_400), ("hours", 3600), ("minutes", 60), ("seconds", 1))


@cache
def words_of(language: Language) -> Mapping[str, Any]:
    own = WORDS / f"{language}.yaml"
    return read_mapping(own if own.exists() else WORDS / f"{Language.ID}.yaml")


class Speaker:
    """Says names and numbers in a language."""

    def __init__(self, language: Language, policies: Sequence[Policy]) -> None:
        self.language = language
        self.words = words_of(language)
        self._policies = policies
        self._names: Words | None = next(
            (book.words[language] for policy in policies if language in (book := read_book(policy.texts)).words), None
        )

    def metric(self, name: str) -> str:
        return self._named("metric", name)

    def cause(self, name: str) -> str:
        return self._named("cause", name)

    def outcome(self, name: str) -> str:
        """How a case ended, or how it stands."""
        return str(self.words["status"].get(name) or self._named("closing_reason", name))

    def tier(self, name: str) -> str:
        tiers = (tier for policy in self._policies for tier in policy.tiers if tier.name == name)
        found = next(tiers, None)
        return found.in_language(self.language) if found else name.replace("_", " ")

    def number(self, value: float | None) -> str:
        if value is None:
            return "-"
        return str(format_decimal(value, format="#,##0.##", locale=self.language))

    def percent(self, value: float | None) -> str:
        return "-" if value is None else str(format_percent(value, format="#,##0.0%", locale=self.language))

    def span(self, seconds: float | None) -> str:
        """A duration in its largest unit, with two figures."""
        if seconds is None:
            return "-"
        unit, size = next(((unit, size) for unit, size in _UNITS if abs(seconds) >= size), _UNITS[-1])
        amount = seconds / size
        shown = format_decimal(amount, format="#,##0.#" if abs(amount) < 10 else "#,##0", locale=self.language)  # noqa: PLR2004
        return str(self.words["units"][unit].format(n=shown))

    def own_time(self, seconds: float | None) -> str:
        """A duration in a clock's own time, which has no days: hours, or a smaller unit."""
        if seconds is None or abs(seconds) < _HOUR:
            return self.span(seconds)
        hours = seconds / _HOUR
        shown = format_decimal(hours, format="#,##0.#" if abs(hours) < 10 else "#,##0", locale=self.language)  # noqa: PLR2004
        return str(self.words["units"]["hours"].format(n=shown))

    def figure(self, name: str) -> str:
        """The name of something that is compared: `resolution.breached`, `escalations.supervisor`."""
        figures = self.words["figures"]
        head, _, tail = name.partition(".")
        if name == "load.peak":
            return str(figures["load_peak"])
        if head == "escalations" and tail:
            return str(figures["escalations_to"].format(tier=self.tier(tail)))
        return str(figures[tail].format(metric=self.metric(head)) if tail else figures[head])

    def compared(self, name: str, value: float | None, *, sign: bool = False) -> str:
        """A value of something that is compared, in its unit."""
        if value is None:
            return "-"
        if name.endswith("_share"):
            text = self.words["units"]["points"].format(n=self.number(100 * value)) if sign else self.percent(value)
        elif name.endswith("_seconds"):
            text = self.own_time(value)
        else:
            text = self.number(value)
        return f"+{text}" if sign and value > 0 else text

    def _named(self, group: str, name: str) -> str:
        known: Mapping[str, str] = getattr(self._names, group) if self._names else {}
        return known.get(name) or name.replace("_", " ")
