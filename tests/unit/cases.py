"""A player for one case: opens it, carries out its duties, moves time, acts, replies. No test by itself.

    player = Player()                      # a complaint of Monday 6 July 2026, 09:00 in Jakarta, by e-mail
    player.until(wib(6, 14))               # everything due up to 14:00 has happened
    player.act("respond", text="Kami cek")

Notices are handed over at once. `down = True` holds them back until `channel_up()`; an occasion in `failing` fails for
good. July 2026 has no holiday, so working days are Monday to Friday.
"""

from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Any

import policies
from complaints.case import Case
from complaints.case.case import Answer
from complaints.clocks import Clock
from complaints.messages import StartComplaint
from complaints.messages.commands import read_command
from complaints.messages.duties import AgentNotice, Duty, Escalation, Notice
from complaints.messages.feedback import Delivery
from complaints.messages.intake import Intake
from complaints.messages.merging import ForwardDuty, MergeAnswered, MergeDuty
from complaints.messages.signals import (
    ComplainantReplied,
    ComplainantWithdrew,
    FactReported,
    SatisfactionConfirmed,
    SurveyAnswered,
    Unreadable,
)
from complaints.messages.view import ClockView, Explanation
from complaints.policy import ClockTarget, Policy
from complaints.targets import Target
from complaints.timeline import Entry
from complaints.vocabulary import METRIC_ORDER, Kind, Metric, Occasion, Status, Surveying

HOUR, DAY, MINUTE, SECOND, TICK = (
    timedelta(hours=1), timedelta(days=1), timedelta(minutes=1), timedelta(seconds=1), timedelta(microseconds=1),
)  # fmt: skip
_MANY = 5_000  # more things than happen to any case in a test
_WIB = timezone(timedelta(hours=7))


def wib(day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """An instant of July 2026 in Jakarta; the 6th is a Monday, the 32nd is 1 August."""
    local = datetime(2026, 7, 1, tzinfo=_WIB) + timedelta(days=day - 1, hours=hour, minutes=minute, seconds=second)
    return local.astimezone(UTC)


MONDAY = wib(6, 9)


@cache
def default_policy() -> Policy:
    return policies.load("id.default")


def rule(target: str, calendar: str | None = None) -> ClockTarget:
    return ClockTarget(target=Target(target), calendar=calendar)


def with_clock(metric: str, target: str | None = None, calendar: str | None = None, **changes: Any) -> Policy:
    """The default policy with one clock changed."""
    return and_clock(default_policy(), metric, target, calendar, **changes)


def and_clock(
    policy: Policy, metric: str, target: str | None = None, calendar: str | None = None, **changes: Any
) -> Policy:
    if target is not None:
        changes["targets"] = (rule(target, calendar),)
    clocks = dict(policy.clocks)
    clocks[Metric(metric)] = clocks[Metric(metric)].model_copy(update=changes)
    return policy.model_copy(update={"clocks": clocks})


def without_clock(policy: Policy, *metrics: str) -> Policy:
    return policy.model_copy(update={"clocks": {m: c for m, c in policy.clocks.items() if m not in metrics}})


class Player:
    """One case and the world around it. `now` only moves forward."""

    def __init__(
        self,
        at: datetime = MONDAY,
        *,
        policy: Policy | None = None,
        now: datetime | None = None,
        down: bool = False,
        failing: Iterable[str] = (),
        reference: str = "TTS-TEST",
        chained: bool = True,
        **intake: Any,
    ) -> None:
        self.policy = policy or default_policy()
        self.down = down
        self.failing = {Occasion(name) for name in failing}
        self.surveying: Surveying | None = Surveying.ASKED  # what becomes of a survey that a notice brings
        self.held: list[Notice] = []
        self.agrees: bool | None = True  # what other cases answer that are asked to take this one in; None: nothing yet
        self.asked: list[MergeDuty] = []
        self.duties: list[Duty] = []
        self.now = (now or at).astimezone(UTC)
        self._keys = 0
        given = {
            "channel": "email", "key": "k-1", "text": "Tagihan saya salah", "category": "billing",
            "complainant": {"email": "budi@example.co.id"}, "received_at": at, **intake,
        }  # fmt: skip
        plan = policies.resolve(self.policy, at)
        self.start = StartComplaint(reference=reference, salt="5a17", intake=Intake.model_validate(given), plan=plan)
        self.case, duties = Case.open(self.start, self.now, chained=chained)
        self.carry_out(duties)

    # the world

    def carry_out(self, duties: Iterable[Duty]) -> None:
        """Hand over what the case wants said; whatever follows from that too."""
        waiting = deque(duties)
        while waiting:
            duty = waiting.popleft()
            self.duties.append(duty)
            if isinstance(duty, Notice):
                waiting.extend(self._hand_over(duty))
            elif isinstance(duty, AgentNotice):
                for key in duty.keys:
                    waiting.extend(self._learn(key))
            elif isinstance(duty, MergeDuty):
                waiting.extend(self._ask(duty))
            elif isinstance(duty, ForwardDuty):
                self._pass_on(duty)

    def _ask(self, duty: MergeDuty) -> list[Duty]:
        self.asked.append(duty)
        return [] if self.agrees is None else self.answer(agreed=self.agrees)

    def answer(self, *, agreed: bool) -> list[Duty]:
        """The case that was asked first answers."""
        duty, problem = self.asked.pop(0), None if agreed else "it is closed"
        return self.case.learn(MergeAnswered(key=duty.key, accepted=agreed, problem=problem), self.now)

    def _pass_on(self, duty: ForwardDuty) -> None:
        """Nobody is there to hear it."""

    def _hand_over(self, notice: Notice) -> list[Duty]:
        if notice.occasion in self.failing:
            return self._learn(notice.key, handed_over=False)
        if self.down:
            self.held.append(notice)
            return []
        return self._surveyed(notice) if notice.survey is not None and notice.survey.ask else self._learn(notice.key)

    def _surveyed(self, notice: Notice) -> list[Duty]:
        reached = self.surveying is not Surveying.STOPPED
        return self.case.learn(
            Delivery(key=notice.key, handed_over=reached, at=self.now, survey=self.surveying), self.now
        )

    def _learn(self, key: str, *, handed_over: bool = True) -> list[Duty]:
        problem = None if handed_over else "mailbox unavailable"
        return self.case.learn(Delivery(key=key, handed_over=handed_over, at=self.now, problem=problem), self.now)

    def channel_up(self) -> None:
        """What was held back is handed over now, in its order."""
        self.down = False
        held, self.held = self.held, []
        for notice in held:
            self.carry_out(self._learn(notice.key))

    def lose_held(self) -> None:
        """What was held back fails for good."""
        held, self.held = self.held, []
        for notice in held:
            self.carry_out(self._learn(notice.key, handed_over=False))

    def restore(self) -> None:
        """Go through JSON, as a continue-as-new does."""
        self.case = Case(type(self.case.state).model_validate_json(self.case.state.model_dump_json()))

    # time

    def before(self, at: datetime) -> "Player":
        """It is `at`, and nothing that is due at that very instant has happened yet."""
        for _ in range(_MANY):
            due = self.case.next_due()
            if due is None or due >= at:
                break
            self.now = max(self.now, due)
            self.carry_out(self.case.due(self.now))
        else:
            raise AssertionError(f"time stands still at {self.now}: {self.case.next_due_what()}")
        self.now = max(self.now, at)
        return self

    def until(self, at: datetime) -> "Player":
        """It is `at`, and everything due until then, inclusive, has happened at its own instant."""
        self.before(at)
        self.carry_out(self.case.due(self.now))
        return self

    def outage_until(self, at: datetime) -> "Player":
        """Nobody looked until `at`; then everything is caught up at once."""
        self.now = at
        self.carry_out(self.case.due(at))
        return self

    def wait(self, span: timedelta) -> "Player":
        return self.until(self.now + span)

    # people

    def act(
        self, command: str, *, by: str = "siti", role: str = "agent", key: str | None = None, **payload: Any
    ) -> Answer:
        self._keys += 1
        actor = {"id": by, "role": role}
        return self.say(read_command({"act": command, "key": key or f"c{self._keys}", "actor": actor, **payload}))

    def say(self, message: Any) -> Answer:
        answer = self.case.handle(message, self.now)
        self.carry_out(answer.duties)
        return answer

    def _id(self, given: str | None) -> str:
        self._keys += 1
        return given or f"m{self._keys}"

    def reply(self, text: str = "Ini fotonya", *, id: str | None = None, **details: Any) -> Answer:  # noqa: A002
        return self.say(ComplainantReplied(message_id=self._id(id), text=text, details=details))

    def confirm(self, satisfied: bool = True, *, id: str | None = None, **more: Any) -> Answer:  # noqa: A002
        return self.say(SatisfactionConfirmed(message_id=self._id(id), satisfied=satisfied, **more))

    def dispute(self, text: str = "Belum beres") -> Answer:
        return self.confirm(satisfied=False, text=text)

    def survey(self, *, id: str | None = None, **answers: Any) -> Answer:  # noqa: A002
        return self.say(SurveyAnswered(message_id=self._id(id), **answers))

    def withdraw(self, *, id: str | None = None) -> Answer:  # noqa: A002
        return self.say(ComplainantWithdrew(message_id=self._id(id)))

    def report(self, fact: str = "delivered", **more: Any) -> Answer:
        return self.say(FactReported(message_id=self._id(None), fact=fact, **more))

    def garble(self) -> Answer:
        return self.say(
            Unreadable(message_id=self._id(None), name="complainant_replied", field="text", problem="too long")
        )

    # shorthands for the common path

    def decide(self, **more: Any) -> Answer:
        return self.act("decide", **{"outcome": "upheld", "reasons": "Benar, tagihannya keliru", **more})

    def respond(self, **more: Any) -> Answer:
        return self.act("respond", text="Kami cek dulu", **more)

    def ask(self, **more: Any) -> Answer:
        return self.act("request_information", text="Mohon kirim fotonya", **more)

    def hold(self, **more: Any) -> Answer:
        return self.act("hold", **{"reason": "menunggu bank", **more})

    # what can be seen

    @property
    def state(self) -> Any:
        return self.case.state

    @property
    def status(self) -> Status:
        return self.case.state.status

    @property
    def tier(self) -> str:
        return self.state.plan.rules.tiers[self.state.ladder.tier].name

    def clock(self, metric: str, occurrence: int | None = None) -> Clock:
        """A clock of the case: the latest of its metric unless an occurrence is named."""
        found = [c for c in self.state.clocks if c.metric == metric and occurrence in (None, c.occurrence)]
        assert found, f"there is no {metric} clock"
        return found[-1]

    def has(self, metric: str) -> bool:
        return any(c.metric == metric for c in self.state.clocks)

    def running(self, metric: str) -> bool:
        return any(c.metric == metric and c.open for c in self.state.clocks)

    def shown(self, metric: str) -> ClockView:
        """The clock as it is printed now."""
        occurrence = self.clock(metric).occurrence
        clocks = self.case.view(self.now).clocks
        return next(c for c in clocks if c.metric == metric and c.occurrence == occurrence)

    def explained(self, metric: str) -> Explanation:
        return self.case.explain(self.now, metric)[-1]

    def entries(self, *kinds: str) -> list[Entry]:
        wanted = {Kind(kind) for kind in kinds}
        return [e for e in self.state.timeline if not wanted or e.kind in wanted]

    def last(self, kind: str) -> Entry:
        return self.entries(kind)[-1]

    def breaches(self, metric: str) -> list[Entry]:
        return [e for e in self.entries("breached") if e.detail["metric"] == metric]

    def notices(self, occasion: str) -> list[Any]:
        """What was said to the complainant or to agents on an occasion: the duties themselves."""
        kinds = (Notice, AgentNotice)
        return [d for d in self.duties if isinstance(d, kinds) and d.occasion == Occasion(occasion)]

    @property
    def escalations(self) -> list[Escalation]:
        return [d for d in self.duties if isinstance(d, Escalation)]

    def told(self, occasion: str) -> tuple[str, ...]:
        """Who was told last on an occasion."""
        found: tuple[str, ...] = self.notices(occasion)[-1].to
        return found


def resolved(**more: Any) -> Player:
    """A case decided on Monday 10:00."""
    player = Player(**more).until(wib(6, 10))
    assert player.decide().refused is None
    return player


def closed(**more: Any) -> Player:
    """A case decided on Monday 10:00 and confirmed at 11:00."""
    player = resolved(**more).until(wib(6, 11))
    player.confirm()
    assert player.status is Status.CLOSED
    return player


def in_order(clocks: Iterable[Clock]) -> list[Clock]:
    return sorted(clocks, key=lambda c: (c.started_at, METRIC_ORDER[c.metric], c.occurrence))
