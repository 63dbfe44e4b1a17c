"""What we say to people: notices rendered in their language, with names from the policy, and dates in its time zone.

What a person wrote is put in as it stands, braces and all: a rendered text is never read as a template again.
"""

from datetime import datetime
from functools import lru_cache

from babel.numbers import format_currency

from complaints.errors import NotFound
from complaints.messages.duties import AgentNotice, Notice, NoticePart
from complaints.model import Frozen, Personal
from complaints.policy import Policy
from complaints.targets import Target
from complaints.vocabulary import Language, Occasion
from policies.books import Book, Paragraph, Pieces, Words, alternatives, pieces, read_book
from policies.loading import load
from policies.values import Speaker, Values, duration, instant, word


class Rendered(Frozen):
    """A notice as it is sent. Both parts may hold what a complainant wrote."""

    subject: Personal
    body: Personal


class Texts:
    """The texts of a policy; languages it does not speak are answered in its first one."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._book: Book = read_book(policy.texts)

    def render(self, notice: Notice | AgentNotice, language: Language | None = None) -> Rendered:
        """Return a notice in a language: the given one, else the complainant's, else the policy's first."""
        if isinstance(notice, Notice):
            spoken, zone = self._spoken(language or notice.language), notice.timezone
        else:
            spoken, zone = self._spoken(language), self._policy.timezone
        words = self._book.words[spoken]
        subject, middle = self._said(notice, spoken, Speaker(self._policy, words, spoken, zone))
        opening, *closing = _frame(notice, words)
        body = "\n\n".join((opening, *middle, *closing)) + "\n"
        return Rendered(subject=Personal(subject), body=Personal(body))

    def _said(self, notice: Notice | AgentNotice, spoken: Language, speaker: Speaker) -> tuple[str, list[str]]:
        """Return the subject and the paragraphs of a notice; of a combined one with those of its parts."""
        text = self._book.notices[spoken][notice.occasion]
        parts = [self._said(_alone(notice, part), spoken, speaker)[1] for part in notice.parts]
        values = {**speaker.values(notice), "parts": _agents(parts) if isinstance(notice, AgentNotice) else _own(parts)}
        body = [filled for paragraph in text.body if (filled := _filled(paragraph, values)) is not None]
        return _join(_parsed(text.subject), values), body

    def word(self, group: str, name: str, language: Language) -> str:
        """Return the word for a member of a closed set, such as ("status", "on_hold")."""
        return word(self._book.words[self._spoken(language)], group, name)

    def when(self, at: datetime, language: Language) -> str:
        """Return an instant as people write it, in the policy's time zone."""
        spoken = self._spoken(language)
        return instant(at, self._book.words[spoken], spoken, self._policy.timezone)

    def duration(self, target: Target, language: Language) -> str:
        """Return a target in words, such as "3 hari kerja"."""
        return duration(target, self._book.words[self._spoken(language)])

    def money(self, amount: int, language: Language) -> str:
        """Return whole units of the policy's currency."""
        spoken = self._spoken(language)
        form, currency = self._book.words[spoken].money, self._policy.currency
        return str(format_currency(amount, currency, format=form, locale=spoken, currency_digits=False))

    def _spoken(self, language: Language | None) -> Language:
        languages = self._policy.languages
        return language if language in languages else languages[0]


@lru_cache(64)
def _of_pack(pack: str) -> Texts:
    return Texts(load(pack))


def texts(source: Policy | str) -> Texts:
    """Return the texts of a policy, or of a pack by name. Raises what `load` raises."""
    return _of_pack(source) if isinstance(source, str) else Texts(source)


def texts_for(notice: Notice | AgentNotice) -> Texts:
    """Return the texts that a case was pinned to; where its pack has no name here, those of its texts' pack."""
    try:
        return texts(notice.pack)
    except NotFound:
        return texts(notice.texts)


@lru_cache(4096)
def _parsed(template: str) -> Pieces:
    return pieces(template)


def _join(parts: Pieces, values: Values) -> str:
    return "".join(text + (values[place] if place is not None else "") for text, place in parts)


def _filled(paragraph: Paragraph, values: Values) -> str | None:
    """Return the first alternative whose places are all filled, or None."""
    for template in alternatives(paragraph):
        parts = _parsed(template)
        if all(place is None or values[place] for _, place in parts):
            return _join(parts, values).rstrip()
    return None


def _alone(notice: Notice | AgentNotice, part: NoticePart) -> Notice | AgentNotice:
    told = {"occasion": part.occasion, "at": part.at, "facts": part.facts, "parts": ()}
    if isinstance(notice, Notice) and part.occasion is not Occasion.FOLLOW_UP:
        told["links"] = None  # those of the whole stand once at its end; a survey has its own
    return notice.model_copy(update=told)


def _own(parts: list[list[str]]) -> str:
    """Return the complainant's parts one after the other, as they would have been read."""
    return "\n\n".join(paragraph for part in parts for paragraph in part)


def _agents(parts: list[list[str]]) -> str:
    """Return the parts of handlers and teams as a list."""
    return "\n".join("- " + "\n".join(part).replace("\n", "\n  ") for part in parts)


def _frame(notice: Notice | AgentNotice, words: Words) -> tuple[str, ...]:
    """Return what a notice begins with, and the paragraphs that it ends with."""
    if isinstance(notice, AgentNotice):
        return words.agent_greeting, words.agent_signature
    named = _parsed(words.greeting_named)
    greeting = _join(named, {"name": notice.name}) if notice.name else words.greeting
    if notice.links is None:
        return greeting, words.signature
    return greeting, _join(_parsed(words.follow), {"link": notice.links.follow}), words.signature
