"""How reasons are said in one language: instants in the policy's time zone, lengths to the second, names, actors."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time
from babel.lists import format_list

from complaints.errors import BadPolicy
from complaints.messages.commands import Actor
from complaints.messages.reasons import Reasons
from complaints.targets import Target
from complaints.vocabulary import Language
from policies.books import Words, read_book
from policies.values import instant, word

HOUSE = "id.default"  # whose words serve where a pack does not speak the language
_LENGTHS = (("hours", 3600), ("minutes", 60), ("seconds", 1))


@lru_cache
def phrases(language: Language) -> dict[str, str]:
    """Return the sentences of a language; where there are none, those of the house's first one."""
    from policies.files import read_mapping

    own = Path(__file__).with_name(f"{language}.yaml")
    return read_mapping(own if own.exists() else own.with_name(f"{Language.ID}.yaml"))


@lru_cache(64)
def _words(texts: str, language: Language) -> Words:
    for pack in (texts, HOUSE):
        try:
            found = read_book(pack).words.get(language)
        except BadPolicy:  # texts of a policy that is not here any more
            continue
        if found is not None:
            return found
    raise KeyError(language)


class Saying:
    """Speaks one language, with the words of one pack."""

    def __init__(self, texts: str, language: Language) -> None:
        self.language = language
        self._words = _words(texts, language)
        self._phrases = phrases(language)

    def say(self, phrase: str, **values: object) -> str:
        """A phrase with its places filled; of `one | several` the one that {n} calls for."""
        one, _, several = self._phrases[phrase].partition(" | ")
        return (several if several and values.get("n") != 1 else one).format(**values)

    def say_first(self, *phrases: str, **values: object) -> str:
        """The first of these phrases that the language has."""
        return self.say(next(phrase for phrase in phrases if phrase in self._phrases), **values)

    def columns(self, table: str) -> tuple[str, ...]:
        return tuple(self._phrases[f"{table}_columns"].split(" | "))

    def word(self, group: str, name: str) -> str:
        return word(self._words, group, name)

    def length(self, seconds: int) -> str:
        """To the second: `55 jam 30 menit`."""
        parts, rest = [], seconds
        for unit, size in _LENGTHS:
            count, rest = divmod(rest, size)
            if count or (unit == "minutes" and not seconds):
                parts.append(self._counted(count, unit))
        return " ".join(parts)

    def _counted(self, count: int, unit: str) -> str:
        one, several = self._words.duration[unit]
        return (one if count == 1 else several).replace("{n}", str(count))


class Voice(Saying):
    """Speaks one language about one case."""

    def __init__(self, reasons: Reasons, language: Language) -> None:
        super().__init__(reasons.texts, language)
        self.zone = reasons.timezone
        self._tiers = reasons.tiers

    # names

    def reason(self, name: str) -> str:
        """A reason of the policy, or an agent's own line as it stands."""
        return self._words.reason.get(name) or name.replace("_", " ")

    def phrase_or(self, phrase: str, group: str, name: str) -> str:
        return self._phrases.get(f"{phrase}_{name}") or self.word(group, name)

    def tier(self, name: str) -> str:
        return self._tiers.get(name, {}).get(self.language) or name

    def who(self, actor: Actor) -> str:
        return self.say(f"who_{actor.role}", id=actor.id)

    def party(self, name: str) -> str:
        """`agent:ID` or `team:NAME`."""
        kind, _, own = name.partition(":")
        return self.say("team", name=own) if kind == "team" else self.say("who_agent", id=own or name)

    def parties(self, names: Iterable[str]) -> str:
        return self.several(self.party(name) for name in names)

    def several(self, items: Iterable[str]) -> str:
        found = list(items)
        return str(format_list(found, locale=self.language)) if found else ""

    # time

    def when(self, at: datetime) -> str:
        """As in a notice: `Jumat, 26 Juni 2026 pukul 09.00 WIB`."""
        return instant(at, self._words, self.language, self.zone)

    def local(self, at: datetime) -> datetime:
        return at.astimezone(ZoneInfo(self.zone))

    def at(self, at: datetime) -> str:
        """As in a table: `Jum, 26 Jun 2026 09.00`."""
        local = self.local(at)
        return str(format_datetime(local, self._form("at", local), tzinfo=local.tzinfo, locale=self.language))

    def until(self, since: datetime, at: datetime) -> str:
        """The end of a stretch: its time alone if it ends on the date it began, 24:00 included."""
        local = self.local(at)
        if local.date() == self.local(since).date():
            return str(format_time(local, self._form("hour", local), tzinfo=local.tzinfo, locale=self.language))
        if self._midnight_after(since, local):
            return self.say("midnight")
        return self.at(at)

    def _midnight_after(self, since: datetime, local: datetime) -> bool:
        midnight = (local.hour, local.minute, local.second) == (0, 0, 0)
        return midnight and local.date() == self.local(since).date() + timedelta(days=1)

    def whole_day(self, since: datetime, until: datetime) -> str | None:
        """The date of a stretch that is one whole day."""
        first = self.local(since)
        starts = (first.hour, first.minute, first.second) == (0, 0, 0)
        return self.day(first.date()) if starts and self._midnight_after(since, self.local(until)) else None

    def day(self, day: date) -> str:
        return str(format_date(day, self.say("day"), locale=self.language))

    def _form(self, name: str, local: datetime) -> str:
        return self.say(f"{name}_second" if local.second else name)

    def target(self, text: str) -> str:
        """A target in words: `7 hari kerja`."""
        number, _, unit = Target(text).partition(" ")
        return self._counted(int(number), unit.replace(" ", "_"))
