"""Notices to complainants and agents, and what they can speak of."""

from collections.abc import Iterable
from datetime import timedelta

from pydantic import Field

from complaints.model import Frozen, Instant, Personal, is_empty, is_none
from complaints.targets import Target
from complaints.vocabulary import Cause, Channel, Language, Metric, Occasion, Outcome, Severity


class NoticeFacts(Frozen):
    """What a notice can speak of. Instants are rendered in the complainant's language and the policy's time zone."""

    promised_at: Instant | None = None  # by when a decision is promised
    answer_by: Instant | None = None  # until when we wait for the complainant
    review_at: Instant | None = None
    words: Personal | None = None  # what a person wrote: the answer, the question, the reasons
    reason: str | None = None  # a policy word or an agent's line
    change: str | None = None  # why the promised date moved: extension, hold, pause, reassessed, reopened, …
    outcome: Outcome | None = None
    remedies: tuple[str, ...] = ()  # solution names of the catalogue
    steps: tuple[str, ...] = ()  # step names of the procedure
    missing: tuple[str, ...] = ()  # detail keys that are asked for
    bodies: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()  # promises still owed
    number: int | None = None  # of the decision, the reminder, the dispute, the reopening
    category: str | None = None
    severity: Severity | None = None
    metric: Metric | None = None
    due_at: Instant | None = None
    limit: Target | None = Field(default=None, exclude_if=is_none)  # how long a decision may take
    limit_at: Instant | None = Field(default=None, exclude_if=is_none)  # and until when that is, if it runs
    fraction: float | None = None
    tier: str | None = None
    cause: Cause | None = None
    actor: str | None = None
    cases: tuple[str, ...] = Field(default=(), exclude_if=is_empty)  # references of other cases


class NoticeLinks(Frozen):
    """Addresses of pages that speak for the case. A case knows none: they are filled in when a notice is written."""

    follow: str
    yes: str  # the page of the answer to a decision or a promise, with "yes" chosen; opening it answers nothing
    no: str
    survey: str | None = Field(default=None, exclude_if=is_none)  # only where a survey is asked
    stop: str | None = Field(default=None, exclude_if=is_none)  # the page on which one asks for no more of them


class Surveyed(Frozen):
    """Who would be asked by a notice how it went. One person is asked once within `quiet`, in whichever case."""

    company: str | None
    email: Personal | None
    phone: Personal | None
    quiet: timedelta
    ask: bool = True  # False: the notice brings no survey, but does not go to those who want to hear no more


class NoticePart(Frozen):
    """One of the notices that a combined one stands for, as it would have been sent by itself."""

    key: str
    occasion: Occasion
    occurrence: int
    at: Instant
    to: tuple[str, ...] = ()  # which handlers and teams it is for; none: the complainant
    facts: NoticeFacts = NoticeFacts()


# Left out when there are none: so a worker of an older version reads every notice that is not combined.
_PARTS = Field(default=(), exclude_if=is_empty)


class Notice(Frozen):
    """A notice to the complainant. `key` = reference/occasion/occurrence/recipient; its Message-ID derives from it."""

    key: str
    reference: str
    occasion: Occasion
    occurrence: int
    channel: Channel
    language: Language
    address: Personal
    name: Personal | None = None
    at: Instant
    pack: str
    texts: str
    texts_version: str
    timezone: str
    facts: NoticeFacts = NoticeFacts()
    parts: tuple[NoticePart, ...] = _PARTS
    links: NoticeLinks | None = Field(default=None, exclude_if=is_none)
    survey: Surveyed | None = Field(default=None, exclude_if=is_none)  # whom it asks, if it does


class AgentNotice(Frozen):
    """A notice to handlers and teams: `to` holds `agent:ID` and `team:NAME`. In a combined one each has their parts."""

    key: str
    reference: str
    occasion: Occasion
    occurrence: int
    to: tuple[str, ...]
    at: Instant
    pack: str
    texts: str
    facts: NoticeFacts = NoticeFacts()
    parts: tuple[NoticePart, ...] = _PARTS

    @property
    def names(self) -> tuple[str, ...]:
        """Everybody whom it, or one of its parts, is for."""
        return tuple(dict.fromkeys((*self.to, *(name for part in self.parts for name in part.to))))

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys under which the case remembers it: one for each recipient."""
        if not self.parts:
            return tuple(f"{self.key}/{name}" for name in self.to)
        return tuple(f"{self.said_to((name,)).key}/{name}" for name in self.to)

    def said_to(self, names: Iterable[str]) -> "AgentNotice":
        """What one who goes by these names is told: of a combined notice their parts; if that is one, this alone."""
        mine = tuple(part for part in self.parts if not set(names).isdisjoint(part.to))
        if len(mine) == 1:
            alone = {name: getattr(mine[0], name) for name in ("key", "occasion", "occurrence", "at", "facts")}
            return self.model_copy(update={**alone, "parts": ()})
        return self.model_copy(update={"parts": mine})


class NoticeBatch(Frozen):
    """Notices to the complainant, handed over in this order."""

    notices: tuple[Notice, ...]


class AgentNoticeBatch(Frozen):
    """Notices to handlers and teams."""

    notices: tuple[AgentNotice, ...]
