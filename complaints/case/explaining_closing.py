"""Why a case was closed: who or what brought it about, what was heard before, and which parts had to be completed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from complaints.case.closing import HEARD, missing_parts
from complaints.case.state import CaseState
from complaints.messages.reasons import Closing, ClosingReasons, ClosingStep
from complaints.timeline import Entry
from complaints.vocabulary import ClosingReason, Kind, Metric, Occasion, Outcome

_HANDED_OVER = {
    Occasion.DECISION, Occasion.FINAL_DECISION, Occasion.CONFIRMATION_REMINDER,
    Occasion.INFORMATION_REQUEST, Occasion.INFORMATION_REMINDER,
}  # fmt: skip
_ASKED = (Kind.INFORMATION_REQUESTED, Kind.INFORMATION_MISSING)
_GIVEN = {
    Kind.ROOT_CAUSE_RECORDED: ("root_cause", "corrective_action"),
    Kind.EVALUATION_RECORDED: ("evaluation",),
    Kind.STEP_RECORDED: ("steps",),
}


def closing_reasons(state: CaseState) -> ClosingReasons:
    closings: list[Closing] = []
    for entries in _rounds(state.timeline):
        if any(entry.kind is Kind.CLOSING_BEGAN for entry in entries):
            closings.append(_closing(state, entries, len(closings) + 1))
    return ClosingReasons(
        reference=state.reference, status=state.status, reopenings=state.reopenings, closings=tuple(closings)
    )


def _rounds(timeline: list[Entry]) -> list[list[Entry]]:
    """The timeline up to each closing; a reopening begins anew, and so does a dispute that came while closing."""
    rounds: list[list[Entry]] = [[]]
    for entry in timeline:
        if entry.kind is Kind.REOPENED:
            rounds.append([])
        rounds[-1].append(entry)
        disputed = entry.kind is Kind.DISPUTED and not entry.detail.get("final")
        if disputed and any(e.kind is Kind.CLOSING_BEGAN for e in rounds[-1]):
            rounds[-1] = [e for e in rounds[-1] if e.kind is not Kind.CLOSING_BEGAN]  # it came to nothing
    return rounds


def _closing(state: CaseState, entries: list[Entry], number: int) -> Closing:
    began = next(e for e in reversed(entries) if e.kind is Kind.CLOSING_BEGAN)
    closed = next((e for e in entries if e.kind is Kind.CLOSED), None)
    reason = ClosingReason(closed.detail["reason"]) if closed else state.closing_reason or began.detail["reason"]
    until = closed.sequence if closed else entries[-1].sequence
    told = [e for e in entries if e.sequence <= until]
    since = _beginning(state, told, ClosingReason(reason))
    steps = tuple(
        step
        for entry in (state.timeline if reason is ClosingReason.DEADLOCK else told)
        if since <= entry.sequence <= until
        for step in _steps(state, entry, began)
    )
    outcome = closed.detail.get("outcome") if closed else None
    return Closing(
        number=number,
        reason=reason,
        outcome=Outcome(outcome) if outcome else None,
        by=_cause(steps, began),
        began_at=began.at,
        closed_at=closed.at if closed else None,
        silence=any(step.kind == "lapsed" for step in steps) and reason == began.detail["reason"],
        disputes=sum(e.kind is Kind.DISPUTED for e in state.timeline if e.sequence <= until),
        reminders=sum(step.kind == "reminded" for step in steps),
        missing=missing_parts(state) if closed is None else (),
        steps=steps,
    )


def _beginning(state: CaseState, told: list[Entry], reason: ClosingReason) -> int:
    """Where the way to this closing begins: the decision, the question, the withdrawal, the agent's word."""
    if reason is ClosingReason.DEADLOCK:  # all that was decided and disputed, also before a reopening
        return next(e.sequence for e in state.timeline if e.kind is Kind.DECIDED)
    kinds: tuple[Kind, ...] = (Kind.DECIDED,)
    if reason is ClosingReason.WITHDRAWN:
        kinds = (Kind.WITHDRAWN,)
    elif reason not in HEARD:
        ordered = [e for e in told if e.detail.get("explains_closing")]
        if ordered:
            return ordered[-1].sequence
        kinds = _ASKED
    found = [e.sequence for e in told if e.kind in kinds]
    return found[-1] if found else told[0].sequence


def _cause(steps: tuple[ClosingStep, ...], began: Entry) -> Any:
    answers = [step for step in steps if step.kind in ("confirmed", "disputed", "withdrawn", "ordered")]
    return answers[-1].by if answers else began.actor


def _steps(state: CaseState, entry: Entry, began: Entry) -> Iterable[ClosingStep]:
    detail = entry.detail
    if entry.kind in (Kind.NOTICE_HANDED_OVER, Kind.NOTICE_FAILED, Kind.NOTICE_UNDELIVERABLE):
        kind = "handed_over" if entry.kind is Kind.NOTICE_HANDED_OVER else "not_handed_over"
        yield from (_step(entry, kind, occasion=what) for what in _occasions(state, detail["key"]))
    elif entry.kind is Kind.CLOSING_BEGAN:
        yield from _began(state, entry)
    elif entry.kind in _GIVEN and entry.sequence > began.sequence:
        yield from _given(entry, began)
    elif detail.get("applied") is not False:
        yield from _happened(entry)


def _happened(entry: Entry) -> Iterable[ClosingStep]:
    """What others and we did, one step each."""
    detail = entry.detail
    match entry.kind:
        case Kind.DECIDED:
            yield _step(entry, "decided", outcome=detail["outcome"], final=bool(detail.get("final")))
        case Kind.INFORMATION_REQUESTED | Kind.INFORMATION_MISSING:
            yield _step(entry, "asked", parts=tuple(detail.get("missing") or ()))
        case Kind.REMINDED:
            yield _step(entry, "skipped" if detail.get("skipped") else "reminded")
        case Kind.CAUGHT_UP:
            yield _step(entry, "rearmed", due_at=datetime.fromisoformat(detail["due_at"]))
        case Kind.SATISFACTION_CONFIRMED:
            yield _step(entry, "confirmed", number=detail.get("decision"), how=detail.get("how"))
        case Kind.DISPUTED:
            yield _step(entry, "disputed", how=detail.get("how"), final=bool(detail.get("final")))
        case Kind.WITHDRAWN:
            yield _step(entry, "withdrawn", how=detail.get("how"))
        case Kind.NOTED if detail.get("explains_closing"):
            yield _step(entry, "ordered", text=entry.words, how=detail.get("to"))
        case Kind.CLOSED:
            yield _step(entry, "closed")
        case _:
            pass


def _began(state: CaseState, entry: Entry) -> Iterable[ClosingStep]:
    """By silence: which wait had run out, and when."""
    reason = entry.detail["reason"]
    metric = {ClosingReason.UNCONFIRMED: Metric.CONFIRMATION, ClosingReason.INCOMPLETE: Metric.INFORMATION}.get(reason)
    lapsed = [c for c in state.clocks if c.metric is metric and c.state == "lapsed" and c.ended_at == entry.at]
    if lapsed:
        yield _step(entry, "lapsed", due_at=lapsed[-1].due_at)
    yield _step(entry, "began", parts=tuple(entry.detail.get("missing") or ()))


def _given(entry: Entry, began: Entry) -> Iterable[ClosingStep]:
    wanted = began.detail.get("missing") or ()
    given = [name for name in _GIVEN[entry.kind] if name in wanted]
    if "corrective_action" in given and not entry.detail.get("corrective_action"):
        given.remove("corrective_action")
    if given:
        yield _step(entry, "part_given", parts=tuple(given))


def _occasions(state: CaseState, key: str) -> list[Occasion]:
    log = next((log for log in state.notices if log.key == key), None)
    return [occasion for occasion in (log.occasions if log else ()) if occasion in _HANDED_OVER]


def _step(entry: Entry, kind: Any, **about: Any) -> ClosingStep:
    """A step with its number, if the entry has one; every key that is not said is null."""
    plain = {"occasion": None, "how": None, "due_at": None, "outcome": None, "text": None, "final": False, "parts": ()}
    about = {**plain, "number": entry.detail.get("number"), **about}
    return ClosingStep(at=entry.at, kind=kind, by=entry.actor, **about)
