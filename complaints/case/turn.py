"""A turn: one instant in the life of a case. It changes the state and collects the duties that follow.

Everything that happens to a case happens in a turn; the modules beside this one are functions on a turn.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from complaints.calendar import BusinessCalendar
from complaints.case import consent
from complaints.case.state import CaseState, NoticeLog
from complaints.clocks import Clock
from complaints.errors import Refused
from complaints.messages.commands import Actor
from complaints.messages.duties import AgentNotice, Duty, Notice, NoticeFacts, Surveyed
from complaints.model import Personal, made
from complaints.policy import Facts, Rules, Tier
from complaints.timeline import SYSTEM, Entry, link
from complaints.vocabulary import Channel, Kind, Metric, Occasion, Status

NO_FACTS = NoticeFacts()


class Turn:
    """`now` is when it is acted on; `at` when it happened (earlier for a clock effect acted on late).

    `late`: it is caught up under the outage rule. `answered` then holds the keys of what needs no asking any more,
    because what is handled next answers it.
    """

    def __init__(
        self,
        state: CaseState,
        now: datetime,
        *,
        at: datetime | None = None,
        late: bool = False,
        answered: frozenset[str] = frozenset(),
    ) -> None:
        self.state = state
        self.now = now
        self.at = at or now
        self.late = late
        self.answered = answered
        self.duties: list[Duty] = []
        self._began_at = self.sequence

    @property
    def rules(self) -> Rules:
        return self.state.plan.rules

    @property
    def facts(self) -> Facts:
        state = self.state
        form = state.form or state.intake.effective_form
        return state.plan.rules.facts(state.intake.channel, state.category, state.severity, form)

    def calendar(self, name: str | None) -> BusinessCalendar | None:
        return self.state.plan.calendar(name)

    def calendar_of(self, clock: Clock) -> BusinessCalendar | None:
        return self.state.calendar_of(clock)

    @property
    def tier(self) -> Tier:
        return self.rules.tiers[self.state.ladder.tier]

    def own(self, owner: str) -> str:
        """Give the case an owner; returns the one before. Whom an escalation still looks for comes too late by it."""
        state = self.state
        before, state.owner, state.owner_sought = state.owner, owner, None
        return before

    # the timeline

    def enter(
        self,
        kind: Kind,
        actor: Actor = SYSTEM,
        words: Personal | None = None,
        *,
        details: Mapping[str, Any] | None = None,
        **detail: Any,
    ) -> Entry:
        """Write an entry; details that are None are left out."""
        state = self.state
        timeline = state.timeline
        if details:
            detail = {**details, **detail}
        entry = link(
            reference=state.reference,
            case_salt=state.salt if state.chained else None,
            previous=timeline[-1] if timeline else None,
            at=self.at,
            acted_at=self.now,
            kind=kind,
            actor=actor,
            detail={
                name: value if type(value) in _JSON else _plain(value)
                for name, value in detail.items()
                if value is not None
            },
            words=words,
        )
        timeline.append(entry)
        return entry

    @property
    def sequence(self) -> int:
        timeline = self.state.timeline
        return timeline[-1].sequence if timeline else 0

    @property
    def mark(self) -> int:
        """The sequence that a record must reach to carry what this turn changes."""
        return max(self.sequence, self._began_at + 1)

    # clocks

    def clock(self, metric: Metric) -> Clock | None:
        """The running or paused clock of a metric, the latest if there are several."""
        for clock in reversed(self.state.clocks):
            if clock.metric is metric and clock.ended_at is None:
                return clock
        return None

    def open_clocks(self) -> list[Clock]:
        return [clock for clock in self.state.clocks if clock.ended_at is None]

    # notices

    def occurrence(self, name: str) -> int:
        count = self.state.occurrences.get(name, 0) + 1
        self.state.occurrences[name] = count
        return count

    def notify(
        self, occasion: Occasion, facts: NoticeFacts = NO_FACTS, *, channel: Channel | None = None,
        survey: Surveyed | None = None,
    ) -> str:  # fmt: skip
        """A notice to the complainant, on the channel they prefer or used. Returns its key.

        Without an address it is recorded as undeliverable; `complaints.case.delivery` makes that a task.
        """
        state = self.state
        who = state.complainant
        number = self.occurrence(occasion)
        key = f"{state.reference}/{occasion}/{number}/complainant"
        channel = channel or who.preferred_channel or state.intake.channel
        address = who.address_on(channel) or who.email or who.phone
        state.notices.append(
            NoticeLog(
                key=key,
                occasion=occasion,
                occurrence=number,
                to="complainant",
                channel=channel,
                language=who.language,
                at=self.at,
                handed_over_at=None,
                failed=address is None,
            )
        )
        if address is None:
            self.undeliverable(occasion, key)
            return key
        plan = state.plan
        if consent.withheld(state):
            facts = consent.without_content(facts)
        self.duties.append(
            made(
                Notice,
                key=key,
                reference=state.reference,
                occasion=occasion,
                occurrence=number,
                channel=channel,
                language=who.language,
                address=address,
                name=who.name,
                at=self.at,
                pack=plan.rules.pack,
                texts=plan.texts,
                texts_version=plan.texts_version,
                timezone=plan.rules.timezone,
                facts=_ahead(facts, self.now),
                survey=survey,
            )
        )
        return key

    def undeliverable(self, occasion: Occasion, key: str) -> None:
        """No address: the path of this notice stops and the owner gets a task."""
        from complaints.case.reaching import stop_path  # the task is an action with a clock: a cycle of two modules

        self.enter(Kind.NOTICE_UNDELIVERABLE, occasion=occasion, key=key, problem="no_address")
        stop_path(self, occasion)

    def tell(self, occasion: Occasion, to: Iterable[str], facts: NoticeFacts = NO_FACTS) -> None:
        """A notice to handlers and teams; each of them at most once."""
        state = self.state
        recipients = tuple(dict.fromkeys(to))
        number = self.occurrence(occasion)
        key = f"{state.reference}/{occasion}/{number}"
        for recipient in recipients:
            state.notices.append(
                NoticeLog(
                    key=f"{key}/{recipient}",
                    occasion=occasion,
                    occurrence=number,
                    to=recipient,
                    channel=None,
                    language=state.plan.rules.languages[0],
                    at=self.at,
                    handed_over_at=None,
                    failed=False,
                )
            )
        self.duties.append(
            made(
                AgentNotice,
                key=key,
                reference=state.reference,
                occasion=occasion,
                occurrence=number,
                to=recipients,
                at=self.at,
                pack=state.plan.rules.pack,
                texts=state.plan.texts,
                facts=facts,
            )
        )

    def team(self, tier: Tier | None = None) -> str:
        return f"team:{(tier or self.tier).team}"

    def operators(self) -> str:
        """Who is told when our own machinery is late: the team of the highest tier's predecessor, or the only one."""
        tiers = self.rules.tiers
        return self.team(tiers[max(len(tiers) - 2, 0)])

    def label_steps(self) -> tuple[str, ...]:
        category = self.rules.categories.get(self.state.category or "")
        return tuple(step.name for step in category.procedure) if category else ()


_DATES = ("promised_at", "answer_by", "review_at", "due_at", "limit_at")


def _ahead(facts: NoticeFacts, now: datetime) -> NoticeFacts:
    """The facts without the dates that have passed: nobody is promised what cannot be kept."""
    passed = {name: None for name in _DATES if (at := getattr(facts, name)) is not None and at <= now}
    return facts.model_copy(update=passed) if passed else facts


def refuse(problem: str, *, field: str = "act", remedy: str = "") -> Refused:
    return Refused(problem, field=field, remedy=remedy)


def working(status: Status) -> bool:
    """Whether someone of ours is expected to move the case on."""
    return status in (Status.VERIFICATION, Status.ASSESSMENT, Status.INVESTIGATION)


_JSON = frozenset({str, int, bool})
_SECONDS = len("2026-01-31T09:00:00")


def _plain(value: Any) -> Any:
    """Details are JSON: instants in UTC, enumerations as their values."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")[:_SECONDS] + "Z"
    if isinstance(value, (tuple, list, frozenset, set)):
        return [_plain(item) for item in value]
    return value
