"""How the desk speaks one language: the words of `desk.yaml`, names from the policy, instants, spans, people."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from babel.units import format_unit

from complaints.assignment import AGENT, TEAM
from complaints.errors import BadPolicy
from complaints.messages.commands import Actor
from complaints.model import Named
from complaints.policy import Category, Policy
from complaints.targets import Target
from complaints.vocabulary import Language, Role
from policies.books import Words, read_book
from policies.texts import Texts
from policies.values import duration
from web import catalogue

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
_FINE = 600  # seconds below which a span is told to the second


class Voice:
    """Speaks to one reader. `people` are names of agents by id; whoever is not among them is called by the id."""

    def __init__(self, language: Language, policy: Policy, people: Mapping[str, str] | None = None) -> None:
        self.language = language
        self.policy = policy
        self.people = people or {}
        self.d: Mapping[str, Any] = catalogue.words(language, "desk")

    def say(self, key: str, /, **values: object) -> str:
        """Return a sentence by its dotted key, with its places filled. What is put in is never read as a template."""
        found: Any = self.d
        for part in key.split("."):
            found = found[part]
        return str(found).format_map(_Values(values)) if values else str(found)

    def word(self, group: str, name: object) -> str:
        """Return the desk's own word for a name, else the policy's, else the name in plain letters."""
        text = str(name)
        own = self.d.get(group, {})
        if text in own:
            return str(own[text])
        known: Mapping[str, str] = getattr(self._book, group, {}) if self._book else {}
        return known.get(text) or text.replace("_", " ")

    # what a policy names

    def category(self, name: str | None) -> str:
        if name is None:
            return str(self.d["no_category"])
        found = self.policy.categories.get(name)
        return found.in_language(self.language) if found else name.replace("_", " ")

    def label(self, named: Iterable[Named], name: str) -> str:
        found = next((one for one in named if one.name == name), None)
        return found.in_language(self.language) if found else name.replace("_", " ")

    def step(self, category: Category | None, name: str) -> str:
        return self.label(category.procedure if category else (), name)

    def solution(self, name: str) -> str:
        every = (solution for category in self.policy.categories.values() for solution in category.solutions)
        return self.label(every, name)

    def tier(self, name: str) -> str:
        return self.label(self.policy.tiers, name)

    def team(self, name: str) -> str:
        found = next((tier for tier in self.policy.tiers if tier.team == name), None)
        return found.in_language(self.language) if found else name.replace("_", " ")

    def reason(self, name: str) -> str:
        """Return a reason of the policy in words, or an agent's own line as it stands."""
        return (self._book.reason.get(name) if self._book else None) or name.replace("_", " ")

    def explanation(self, text: str) -> str:
        """Return why a case was opened again: an agent's own line as it stands, or what the case itself said."""
        return str(self.d["explanations"].get(text, text))

    def target(self, text: str) -> str:
        return duration(Target(text), self._book) if self._book else text

    def money(self, amount: int) -> str:
        return Texts(self.policy).money(amount, self.language)

    def number(self, amount: int) -> str:
        return str(format_decimal(amount, locale=self.language))

    # people

    def owner(self, name: str) -> str:
        """Return `agent:ID` or `team:NAME` as people say it."""
        if name.startswith(TEAM):
            return self.say("team_named", team=self.team(name.removeprefix(TEAM)))
        own = name.removeprefix(AGENT)
        return self.people.get(own, own)

    def actor(self, actor: Actor) -> str:
        if actor.role in (Role.SYSTEM, Role.COMPLAINANT):
            return str(self.d["actors"][actor.role])
        return self.people.get(actor.id, actor.id)

    # time

    def when(self, at: datetime | None) -> str:
        local = self.local(at)
        return _minute(local.replace(second=0, microsecond=0, tzinfo=None), self.language) if local else "-"

    def day(self, at: datetime) -> str:
        return str(format_date(self.local(at), "EEEE, d MMMM y", locale=self.language))

    def hour(self, at: datetime) -> str:
        return str(format_datetime(self.local(at), "HH:mm", locale=self.language))

    def local(self, at: datetime | None) -> datetime | None:
        return at.astimezone(ZoneInfo(self.policy.timezone)) if at else None

    def typed(self, at: datetime | None) -> str:
        """Return an instant as a date field holds it: local, to the minute."""
        local = self.local(at)
        return local.strftime("%Y-%m-%dT%H:%M") if local else ""

    def span(self, seconds: float) -> str:
        """Return a length in its two greatest units: "2 d 4 h"; to the second only when it is short."""
        whole = max(int(seconds), 0)
        parts, rest = [], whole
        for unit, size in _UNITS:
            count, rest = divmod(rest, size)
            if count and (unit != "second" or whole < _FINE):
                parts.append(_so_many(count, unit, self.language))
        return " ".join(parts[:2]) or _so_many(0, "minute", self.language)

    def left(self, due: datetime, now: datetime) -> str:
        """Return what remains until an instant, or how late it is."""
        seconds = (due - now).total_seconds()
        return self.say("left", span=self.span(seconds)) if seconds >= 0 else self.say("late", span=self.span(-seconds))

    @cached_property
    def _book(self) -> Words | None:
        try:
            return read_book(self.policy.texts).words.get(self.language)
        except BadPolicy:  # texts that are not here any more
            return None


# A page says some hundreds of these, and most of them again and again; writing one out takes a tenth of a millisecond.
@lru_cache(4096)
def _minute(local: datetime, language: Language) -> str:  # naive: aware ones of two zones may be equal
    return str(format_datetime(local, "EEE d MMM y HH:mm", locale=language))


@lru_cache(1024)
def _so_many(count: int, unit: str, language: Language) -> str:
    return str(format_unit(count, f"duration-{unit}", length="short", locale=language))


class _Values(dict[str, object]):
    """The values of a sentence; a place without one is left empty."""

    def __missing__(self, _key: str) -> str:
        return ""
