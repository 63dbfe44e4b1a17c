"""What must be true of every explanation, found by other means than those that explain. No test by itself."""

import re
from itertools import pairwise

from complaints.case import Case
from complaints.clocks import Clock, OwnTime
from complaints.messages.reasons import ClockReasons, Reasons
from complaints.targets import Unit
from complaints.vocabulary import HOUSE_LANGUAGES, ClockState, Kind, Language
from policies.reasons import Told, why_due

_LENGTH = {
    "id": (("jam", 3600), ("menit", 60), ("detik", 1)),
    "en": (("hour", 3600), ("minute", 60), ("second", 1)),
}
COUNTED, TOTAL = 3, 4


def adds_up(case: Case, reasons: Reasons) -> None:
    """The steps of every clock sum to its target and extensions, and end when it is due; the words say the same."""
    clocks = {(clock.metric, clock.occurrence): clock for clock in case.state.clocks}
    views = {(view.metric, view.occurrence): view for view in case.view(reasons.at).clocks}
    assert clocks
    assert [(r.metric, r.occurrence) for r in reasons.clocks] == list(views)
    printed = {(one.metric, one.occurrence): one for one in case.explain(reasons.at)}
    for found in reasons.clocks:
        key = (found.metric, found.occurrence)
        clock, view = clocks[key], views[key]
        _steps_sum(found, view.remaining_seconds)
        _target_is_its_own(case, clock, found)
        assert found.due_at == view.due_at == printed[key].due_at
        assert sum(s.counted_seconds for s in printed[key].steps if s.kind == "open") == found.counted_seconds
    for language in HOUSE_LANGUAGES:
        for told, found in zip(why_due(reasons, language), reasons.clocks, strict=True):
            _words_sum(told, found, language)


def _steps_sum(found: ClockReasons, remaining: int | None) -> None:
    extended = sum(step.counted_seconds for step in found.steps if step.kind == "extension")
    counted = sum(step.counted_seconds for step in found.steps if step.kind == "open")
    assert counted == found.counted_seconds
    if found.state is ClockState.PAUSED:
        assert found.due_at is None
        assert counted + remaining == found.target_seconds + extended
    else:
        assert counted == found.target_seconds + extended
    stretches = [step for step in found.steps if step.kind in ("open", "closed", "holiday", "pause")]
    assert all(a.until == b.since for a, b in pairwise(stretches))
    assert not stretches or stretches[0].since == found.start
    if found.due_at is not None and stretches:
        assert stretches[-1].until == found.due_at
    assert [step.since for step in found.steps] == sorted(step.since for step in found.steps)


def _target_is_its_own(case: Case, clock: Clock, found: ClockReasons) -> None:
    """What the target comes to, from its own words: of days, what the calendar has until their end."""
    if clock.target.unit in (Unit.ELAPSED, Unit.BUSINESS):
        agreed = found.metric in ("action", "hold")  # until a date that was named
        assert abs(found.target_seconds - clock.target.amount.total_seconds()) <= int(agreed)
        return
    calendar = case.state.calendar_of(clock)
    own = OwnTime(calendar).between(clock.started_at, clock.target.due(clock.started_at, calendar))
    if found.metric != "hold":  # which the policy may cut short
        assert found.target_seconds == int(own.total_seconds())


def _words_sum(told: Told, found: ClockReasons, language: Language) -> None:
    """Each total is the one before it and what is counted, and the last is what the target and extensions come to."""
    total = extended = 0
    for row in told.rows:
        if row.kind == "open":
            total += length(row.cells[COUNTED], language)
            assert length(row.cells[TOTAL], language) == total
        elif row.kind == "extension":
            extended += length(row.cells[COUNTED].removeprefix("+"), language)
    last = told.rows[-1]
    assert last.kind == ("due" if found.due_at else "remaining")
    left = length(last.cells[COUNTED], language) if last.kind == "remaining" else 0
    assert length(last.cells[TOTAL], language) == total
    target = next(row for row in told.rows if row.kind == "target").cells[-1].rpartition(" = ")[2]
    assert total + left == length(target, language) + extended
    assert last.cells[-1].startswith("= ") == (last.kind == "due")
    sums = [length(part, language) for part in last.cells[-1].rpartition("= ")[2].split(" + ")]
    assert sum(sums) == total + left
    assert [row.kind for row in told.rows].count("open") == sum(step.kind == "open" for step in found.steps)
    holidays = [step.names.get(language) for step in found.steps if step.kind == "holiday" and step.names]
    assert [row.cells[-1] for row in told.rows if row.kind == "holiday"][: len(holidays)] == holidays


def length(text: str, language: Language) -> int:
    """The seconds of a length as it is written."""
    found = re.findall(r"(\d+) ([a-z]+)", text)
    assert found, text
    sizes = _LENGTH[language]
    return sum(int(number) * next(size for unit, size in sizes if word.startswith(unit)) for number, word in found)


def ladder_is_walked(case: Case, reasons: Reasons) -> None:
    """Going through the timeline ends where the case stands."""
    found = reasons.escalations
    raised = [step for step in found.steps if step.kind == "raised"]
    assert len(raised) == found.raises == sum(e.kind is Kind.ESCALATED for e in case.state.timeline)
    moved = [step for step in found.steps if step.kind in ("raised", "lowered")]
    assert all(a.tier == b.from_tier for a, b in pairwise(moved))
    assert (moved[-1].tier if moved else case.state.plan.rules.tiers[0].name) == found.tier
    breaches = [e for e in case.state.timeline if e.kind is Kind.BREACHED and _climbs(case, e.detail)]
    by_breach = [s for s in found.steps if s.cause == "breach"]
    assert len(breaches) == len(by_breach)
    for step in by_breach:
        assert (step.kind == "not_raised") == (step.why_not is not None)
        if step.why_not == "raised_lately":
            assert step.until > step.at
        if step.why_not == "at_top":
            assert step.tier == case.state.plan.rules.tiers[-1].name


def _climbs(case: Case, detail: dict[str, object]) -> bool:
    return any(
        c.climbs for c in case.state.clocks if (c.metric, c.occurrence) == (detail["metric"], detail["occurrence"])
    )


def closings_are_told(case: Case, reasons: Reasons) -> None:
    closed = [e for e in case.state.timeline if e.kind is Kind.CLOSED]
    told = [closing for closing in reasons.closings.closings if closing.closed_at is not None]
    assert [(c.closed_at, c.reason) for c in told] == [(e.at, e.detail["reason"]) for e in closed]
    for closing, record in zip(told, case.state.closures, strict=True):
        assert record.silence == (closing.silence and closing.reason == "unconfirmed")
        assert closing.disputes == record.disputes
        assert closing.steps[-1].kind == "closed"
