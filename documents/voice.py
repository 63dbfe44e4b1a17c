"""How a document speaks: what it asks of whoever lends it words, and the forms that are its own."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from babel.dates import get_timezone_name
from babel.numbers import format_currency, format_decimal

from complaints.vocabulary import Language
from documents.texts import words


class Voice(Protocol):
    """The desk's way to speak one language, with the names that a policy gives things and people."""

    language: Language

    def word(self, group: str, name: object) -> str: ...
    def category(self, name: str | None) -> str: ...
    def anywhere(self, name: str) -> str: ...
    def solution(self, name: str) -> str: ...
    def tier(self, name: str) -> str: ...
    def reason(self, name: str) -> str: ...
    def explanation(self, text: str) -> str: ...
    def target(self, text: str) -> str: ...
    def owner(self, name: str) -> str: ...
    def when(self, at: datetime | None) -> str: ...
    def local(self, at: datetime | None) -> datetime | None: ...
    def span(self, seconds: float) -> str: ...


class Speech:
    """A voice, and the words of this document."""

    def __init__(self, voice: Voice) -> None:
        self.voice = voice
        self.words: Mapping[str, Any] = words(voice.language, "closure")

    def say(self, key: str, /, **values: object) -> str:
        """Return a text by its dotted key, its places filled; what is put in is never read as a template."""
        found: Any = self.words
        for part in key.split("."):
            found = found[part]
        return str(found).format(**values) if values else str(found)

    def name(self, group: str, key: str) -> str:
        """Return a name of a group that may have grown since: one without a word in plain letters."""
        return str(self.words[group].get(key) or key.replace("_", " "))

    def when(self, raw: object) -> str:
        at = instant(raw)
        return self.voice.when(at) if at else "-"

    def money(self, amount: int, currency: str) -> str:
        """Return whole units of a currency."""
        form, locale = self.say("money"), self.voice.language
        return str(format_currency(amount, currency, format=form, locale=locale, currency_digits=False))

    def number(self, amount: float) -> str:
        return str(format_decimal(amount, locale=self.voice.language))

    def yes(self, value: object) -> str:
        return self.say("yes" if value else "no")

    def zone(self, at: datetime) -> str:
        """Return the time zone in which all instants are written."""
        local = self.voice.local(at)
        return str(get_timezone_name(local, locale=self.voice.language)) if local else "UTC"


def instant(raw: object) -> datetime | None:
    """Read an instant of a stored record; None for none."""
    if isinstance(raw, datetime):
        return raw
    try:
        return datetime.fromisoformat(str(raw)) if raw else None
    except ValueError:
        return None
