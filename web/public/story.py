"""A case in plain words: what happened, who said what, and what is promised next. Nothing here is for agents."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from complaints.messages.view import ActionView, ClockView, EntryView
from complaints.policy import Policy
from complaints.vocabulary import ActionKind, ClockState, Kind, Language, Metric, PromiseAnswer, Role
from policies.texts import Texts
from web.catalogue import Catalogue

SHOWN = (
    Kind.RECEIVED, Kind.INFORMATION_MISSING, Kind.ASSESSED, Kind.RESPONDED, Kind.UPDATE_SENT,
    Kind.INFORMATION_REQUESTED, Kind.INFORMATION_NOT_RECEIVED, Kind.PUT_ON_HOLD, Kind.RESUMED, Kind.HOLD_ENDED,
    Kind.DECIDED, Kind.EXTENDED, Kind.CONVERTED, Kind.ACTION_ADDED, Kind.ACTION_COMPLETED, Kind.ACTION_CHANGED,
    Kind.ACTION_CANCELLED, Kind.ACTION_CONFIRMED, Kind.ACTION_DENIED, Kind.COMPLAINANT_REPLIED,
    Kind.SATISFACTION_CONFIRMED, Kind.DISPUTED, Kind.WITHDRAWN, Kind.REOPENING_REQUESTED, Kind.REOPENING_DECLINED,
    Kind.REOPENED,
    Kind.ESCALATED, Kind.MERGED, Kind.UNMERGED, Kind.CLOSED, Kind.FOLLOWED_UP, Kind.SURVEY_ANSWERED,
    Kind.SURVEYS_STOPPED, Kind.ARCHIVED,
)  # fmt: skip
"""What the complainant is told of. Everything else is how we work: notes, warnings, owners, proposals."""
_OURS_WITH_WORDS = (
    Kind.RESPONDED, Kind.UPDATE_SENT, Kind.INFORMATION_REQUESTED, Kind.DECIDED, Kind.REOPENING_DECLINED,
)  # fmt: skip
_OF_ACTIONS = (
    Kind.ACTION_ADDED, Kind.ACTION_COMPLETED, Kind.ACTION_CHANGED, Kind.ACTION_CANCELLED, Kind.ACTION_CONFIRMED,
    Kind.ACTION_DENIED,
)  # fmt: skip
_WITHOUT_CONTENT = (
    Kind.RECEIVED, Kind.INFORMATION_MISSING, Kind.INFORMATION_NOT_RECEIVED, Kind.COMPLAINANT_REPLIED, Kind.WITHDRAWN,
    Kind.CLOSED, Kind.ARCHIVED,
)  # fmt: skip
"""What a representative is told of before the consent: docs/verification.md."""
PROMISES = (
    Metric.INFORMATION, Metric.CONFIRMATION, Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE, Metric.HOLD,
    Metric.RESOLUTION, Metric.FOLLOW_UP,
)  # fmt: skip
"""The clocks that are told: theirs to answer, and ours to keep."""
_DATES_ALONE = (Metric.INFORMATION, Metric.FIRST_RESPONSE, Metric.RESOLUTION)
"""Those that tell nothing of what was said or decided."""


class Told(NamedTuple):
    """Something that happened. `who`: `you`, `us`, or nobody in particular."""

    at: str
    instant: str  # for machines
    who: str
    title: str
    words: str
    facts: tuple[str, ...]


class Made(NamedTuple):
    """Something that we promised: what, how it stands, and whether one can still say if it was kept."""

    number: int
    what: str
    stands: str
    asks: bool


class Promise(NamedTuple):
    """What is due next, and whether that time is over."""

    text: str
    instant: str
    late: bool


@dataclass(frozen=True)
class Story:
    """Tells a case in a language, in the words of its policy; `withheld`: dates and what is asked for, no content."""

    policy: Policy
    texts: Texts
    text: Catalogue
    withheld: bool = False

    @property
    def language(self) -> Language:
        return Language(self.text.language)

    def when(self, at: datetime) -> str:
        return self.texts.when(at, self.language)

    def told(self, timeline: Iterable[EntryView]) -> list[Told]:
        """Return what happened, the latest first."""
        return [self._told(entry) for entry in reversed(tuple(timeline)) if self._is_shown(entry)]

    def promises(self, clocks: Iterable[ClockView], now: datetime) -> list[Promise]:
        """Return what is promised, the earliest first."""
        told = _DATES_ALONE if self.withheld else PROMISES
        running = [c for c in clocks if c.state is ClockState.RUNNING and c.due_at is not None and c.metric in told]
        return [self._promise(clock, now) for clock in sorted(running, key=_due)]

    def made(self, actions: Iterable[ActionView]) -> list[Made]:
        """Return what was promised, each as it stands. Nothing answered is said to be so, and never taken for a yes."""
        if self.withheld:
            return []
        return [self._made(action) for action in actions if action.kind is ActionKind.PROMISE]

    def _made(self, action: ActionView) -> Made:
        if action.cancelled_at is not None:
            key, at = "cancelled", action.cancelled_at
        elif action.completed_at is None:
            key, at = "open", action.due_at
        else:
            key, at = str(action.answer or PromiseAnswer.NOT_ANSWERED), action.answered_at or action.completed_at
        asks = key in (PromiseAnswer.NOT_ANSWERED, PromiseAnswer.CONFIRMED)
        return Made(action.number, action.description, self.text(f"made.{key}", when=self.when(at)), asks)

    def _promise(self, clock: ClockView, now: datetime) -> Promise:
        at = _due(clock)
        late = at < now
        key = f"promise.{'late_' if late else ''}{clock.metric}"
        return Promise(self.text(key, when=self.when(at)), at.isoformat(), late)

    def _told(self, entry: EntryView) -> Told:
        theirs = entry.actor.role is Role.COMPLAINANT or "how" in entry.detail
        who = "you" if theirs else "us" if entry.kind in _OURS_WITH_WORDS else ""
        words = str(entry.detail.get("text") or "") if who and not self.withheld else ""
        return Told(
            at=self.when(entry.at),
            instant=entry.at.isoformat(),
            who=who,
            title=self.text(f"story.{_key(entry)}"),
            words=words,
            facts=tuple(self._facts(entry.detail)),
        )

    def _is_shown(self, entry: EntryView) -> bool:
        if self.withheld:
            return entry.kind in _WITHOUT_CONTENT
        if entry.kind in _OF_ACTIONS and entry.detail.get("action_kind") != ActionKind.PROMISE:
            return False
        if entry.kind is Kind.FOLLOWED_UP and "skipped" in entry.detail:
            return False
        moved = entry.kind is not Kind.ACTION_CHANGED or entry.detail.get("due_at") is not None
        return entry.kind in SHOWN and moved  # who of us owes it is ours

    def _facts(self, detail: Mapping[str, Any]) -> Iterable[str]:
        if outcome := detail.get("outcome"):
            yield self.text("fact.outcome", outcome=self.texts.word("outcome", outcome, self.language))
        if remedies := detail.get("remedies"):
            yield self.text("fact.remedies", remedies=", ".join(self._solution(name) for name in remedies))
        if bodies := detail.get("bodies"):
            yield self.text("fact.bodies", bodies=", ".join(bodies))
        if missing := detail.get("missing"):
            named = (self.texts.word("detail", name, self.language) for name in missing)
            yield self.text("fact.missing", missing=", ".join(named))
        for question, score in (detail.get("scores") or {}).items():
            yield self.text(f"fact.{question}_score", rating=score)
        if rating := detail.get("rating"):
            yield self.text("fact.rating", rating=rating)

    def _solution(self, name: str) -> str:
        known = (s for category in self.policy.categories.values() for s in category.solutions if s.name == name)
        found = next(known, None)
        return found.in_language(self.language) if found else name.replace("_", " ")


def _key(entry: EntryView) -> str:
    """A "no" to a decision that was not asked about any more has a title of its own."""
    if entry.kind is Kind.SATISFACTION_CONFIRMED and entry.detail.get("satisfied") is False:
        return "not_satisfied"
    if entry.kind is Kind.SURVEY_ANSWERED and entry.detail.get("solved") is False:
        return "came_back"
    return str(entry.kind)


def _due(clock: ClockView) -> datetime:
    if clock.due_at is None:
        raise ValueError("a clock that runs has a due instant")
    return clock.due_at
