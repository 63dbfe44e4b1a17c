"""How a case was handled, as three scores with what led to each: speed, solution, communication.

Pure: what happened in, scores out. Each score starts at 5; every finding takes something off, or gives back a little;
what would leave 1 to 5 is bounded by a last finding. So 5 plus all effects is the score, and the derivation can be
shown line by line. Effects are multiples of a half: sums are exact.

The weights are the same for every policy, so that scores can be compared; `docs/evaluation.md` lists them. How fast is
fast is the policy's: a promise is judged by its own target.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

from pydantic import Field

from complaints.model import Frozen, is_none, made
from complaints.vocabulary import ClockState, Dimension, MetBy, Metric

BEST, WORST = 5.0, 1.0
USED_MOST = 0.75  # of its time: kept, but only just
FAST_METRICS = (Metric.FIRST_RESPONSE, Metric.RESOLUTION, Metric.CLOSURE)
HEARD_METRICS = (Metric.ACKNOWLEDGEMENT, Metric.NEXT_RESPONSE)
SCORED = (*FAST_METRICS, *HEARD_METRICS, Metric.PROGRESS_UPDATE)
"""The promises that scores look at."""
_LATENESS = ((0.25, -1.0), (1.0, -1.5))  # up to this share of its own time: this much
_VERY_LATE = -2.0
_SLOW, _EXTENDED, _UNHEARD, _TRANSFERRED = -0.5, -0.5, -1.0, -0.5
_UNANSWERED, _NOT_SATISFIED, _DISPUTED, _REOPENED = -1.0, -3.0, -1.0, -1.0
_SOME_AUTOMATIC, _MOSTLY_AUTOMATIC = -0.5, -1.0
_NEUTRAL = 4  # of a survey: neither takes anything nor gives anything back

What = Literal[
    "in_time", "used_most", "late", "extended",
    "confirmed", "rated", "unanswered", "not_satisfied", "disputed", "reopened", "survey_outcome",
    "updates", "transferred", "survey_handling",
    "bounded",
]  # fmt: skip
Stars = Annotated[int, Field(ge=1, le=5)]


class Promise(Frozen):
    """A clock of ours as far as it has come; seconds in its own time. `budget` is its target with extensions."""

    metric: Metric
    occurrence: int
    state: ClockState
    breached: bool
    met_by: MetBy | None = None
    budget_seconds: int
    elapsed_seconds: int
    late_seconds: int = 0
    extensions: int = 0

    @property
    def judged(self) -> bool:
        """Whether it can be said how it was kept: what runs, lapsed or was cancelled in time says nothing."""
        return self.breached or self.state is ClockState.MET


class Survey(Frozen):
    """What the complainant said when asked in aftercare; each 1 to 5."""

    outcome: Stars | None = None
    handling: Stars | None = None


class Handling(Frozen):
    """What happened, as far as it is judged. `satisfied`, `rating`, `silence`: the answer to the last decision."""

    promises: tuple[Promise, ...] = ()
    decided: bool = False
    satisfied: bool | None = None
    rating: Stars | None = None
    silence: bool = False
    disputes: int = 0
    reopenings: int = 0
    transfers: int = 0
    survey: Survey | None = None


class Finding(Frozen):
    """One line of a derivation.

    `value` by `what`: percent of its time used (`in_time`, `used_most`), seconds late (`late`), how often (`extended`,
    `disputed`, `reopened`, `transferred`), the rating or answer given (`rated`, `survey_…`), progress updates told by a
    person, out of `of` (`updates`), else none.
    """

    what: What
    effect: float
    value: int | None = Field(default=None, exclude_if=is_none)
    of: int | None = Field(default=None, exclude_if=is_none)
    metric: Metric | None = Field(default=None, exclude_if=is_none)
    occurrence: int | None = Field(default=None, exclude_if=is_none)


class Derived(Frozen):
    """A score from 1 to 5 in steps of a half, and what led to it: 5 plus all effects."""

    score: float
    derivation: tuple[Finding, ...]


class Scores(Frozen):
    """The handling of a case: whose it was (an agent's id, and the team), and the scores; null: nothing to judge by."""

    handler: str | None = None
    team: str | None = None
    speed: Derived | None = None
    solution: Derived | None = None
    communication: Derived | None = None

    def of(self, dimension: Dimension) -> Derived | None:
        found: Derived | None = getattr(self, dimension)
        return found


def derive(what: Handling, *, handler: str | None = None, team: str | None = None) -> Scores:
    return made(
        Scores,
        handler=handler,
        team=team,
        speed=_scored(_speed(what)),
        solution=_scored(_solution(what)),
        communication=_scored(_communication(what)),
    )


def _scored(findings: Iterable[Finding]) -> Derived | None:
    found = tuple(findings)
    if not found:
        return None
    total = BEST + sum(finding.effect for finding in found)
    score = min(max(total, WORST), BEST)
    if score != total:
        found = (*found, made(Finding, what="bounded", effect=score - total))
    return made(Derived, score=score, derivation=found)


def _speed(what: Handling) -> Iterator[Finding]:
    for promise in what.promises:
        if promise.metric not in FAST_METRICS or not promise.judged:
            continue
        yield _late(promise) if promise.breached else _kept(promise)
        if promise.extensions:
            effect = _EXTENDED * promise.extensions
            yield _about(promise, "extended", effect, promise.extensions)


def _kept(promise: Promise) -> Finding:
    if promise.budget_seconds <= 0:
        return _about(promise, "in_time", 0.0, None)
    share = promise.elapsed_seconds / promise.budget_seconds
    what: What = "used_most" if share > USED_MOST else "in_time"
    return _about(promise, what, _SLOW if what == "used_most" else 0.0, min(round(share * 100), 100))


def _late(promise: Promise) -> Finding:
    effect = _VERY_LATE
    for share, taken in reversed(_LATENESS):
        if promise.late_seconds <= share * promise.budget_seconds:
            effect = taken
    return _about(promise, "late", effect, promise.late_seconds)


def _about(promise: Promise, what: What, effect: float, value: int | None) -> Finding:
    return made(Finding, what=what, effect=effect, value=value, metric=promise.metric, occurrence=promise.occurrence)


def _solution(what: Handling) -> Iterator[Finding]:
    """Nothing decided is nothing solved, and nothing to score. Silence is not satisfaction."""
    if not what.decided:
        return
    if what.satisfied and what.rating is not None:
        yield made(Finding, what="rated", effect=(what.rating - BEST) / 2, value=what.rating)
    elif what.satisfied is not None:
        yield _only("confirmed", 0.0) if what.satisfied else _only("not_satisfied", _NOT_SATISFIED)
    elif what.silence:
        yield _only("unanswered", _UNANSWERED)
    yield from _counted("disputed", _DISPUTED, what.disputes)
    yield from _counted("reopened", _REOPENED, what.reopenings)
    if what.survey is not None:
        yield from _surveyed("survey_outcome", what.survey.outcome)


def _communication(what: Handling) -> Iterator[Finding]:
    for promise in what.promises:
        if promise.metric in HEARD_METRICS and promise.judged:
            if promise.breached:
                yield _about(promise, "late", _UNHEARD, promise.late_seconds)
            else:
                yield _about(promise, "in_time", 0.0, None)
    yield from _updates(what.promises)
    yield from _counted("transferred", _TRANSFERRED, what.transfers)
    if what.survey is not None:
        yield from _surveyed("survey_handling", what.survey.handling)


def _updates(promises: tuple[Promise, ...]) -> Iterator[Finding]:
    """Progress updates that were due: told by a person, or sent by themselves because nobody had."""
    told = [p.met_by for p in promises if p.metric is Metric.PROGRESS_UPDATE and p.state is ClockState.MET]
    if not told:
        return
    automatic = sum(by is MetBy.AUTOMATIC for by in told)
    effect = 0.0 if not automatic else _SOME_AUTOMATIC if automatic <= len(told) / 2 else _MOSTLY_AUTOMATIC
    yield made(Finding, what="updates", effect=effect, value=len(told) - automatic, of=len(told))


def _counted(what: What, each: float, number: int) -> Iterator[Finding]:
    if number:
        yield made(Finding, what=what, effect=each * number, value=number)


def _surveyed(what: What, answer: int | None) -> Iterator[Finding]:
    if answer is not None:
        yield made(Finding, what=what, effect=(answer - _NEUTRAL) / 2, value=answer)


def _only(what: What, effect: float) -> Finding:
    return made(Finding, what=what, effect=effect)
