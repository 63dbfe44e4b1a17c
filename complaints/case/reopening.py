"""Reopening: who asked for it and why, the new facts it rests on, and what has changed since the record before.

What a complainant says after the end may ask for a reopening. One request waits at a time; agents answer it by
reopening, or by declining with a reason that is told. What is said meanwhile is kept, and told to the same people.
"""

import re
from collections.abc import Iterable

from complaints.case import timing
from complaints.case.state import CaseState, ReopeningRequest
from complaints.case.turn import Turn, refuse
from complaints.messages import commands as c
from complaints.messages.duties import ClosureRecord, FactRow, NoticeFacts, ReopeningRow
from complaints.model import Personal
from complaints.timeline import COMPLAINANT, Entry
from complaints.vocabulary import Kind, Metric, Occasion, ReopeningReason

_SHA256 = re.compile(r"[0-9a-f]{64}")
COMPARED = (
    "category", "severity", "outcome", "reasons", "findings", "remedies", "cost", "steps", "actions", "root_cause",
    "evaluation", "reason", "satisfied",
)  # fmt: skip
"""The parts of a closure record of which the next one says whether they are others now."""


def request(
    turn: Turn,
    words: Personal | None,
    message: Entry,
    *,
    reason: ReopeningReason | None = None,
    action: int | None = None,
) -> None:
    """Offer what the complainant said (`message`) to those who had the case last, as a request to reopen it.

    `action` is the number of the promise that it is about.
    """
    state = turn.state
    if state.reopening_request is None:
        state.reopening_request = ReopeningRequest(sequence=message.sequence, at=turn.at)
        turn.enter(Kind.REOPENING_REQUESTED, COMPLAINANT, message=message.sequence, reason=reason, number=action)
        clock = turn.clock(Metric.NEXT_RESPONSE)
        turn.notify(
            Occasion.REOPENING_REQUEST_RECEIVED, NoticeFacts(promised_at=clock.due_at if clock else None)
        )  # fmt: skip
    turn.tell(
        Occasion.AGENT_REOPENING_REQUESTED,
        (state.owner, turn.team()),
        NoticeFacts(words=words, reason=reason, category=state.category),
    )


def decline(turn: Turn, command: c.DeclineReopening) -> None:
    """The request is answered with a reason; the case stays as it is, and the way outside is named."""
    state = turn.state
    pending = state.reopening_request
    if pending is None:
        raise refuse("no reopening is requested", remedy="look at the case; somebody may have answered the request")
    state.reopening_request = None
    turn.enter(Kind.REOPENING_DECLINED, command.actor, command.reason, message=pending.sequence)
    timing.meet(turn, Metric.NEXT_RESPONSE)
    timing.refresh_ladder(turn)
    turn.notify(
        Occasion.REOPENING_DECLINED, NoticeFacts(words=command.reason, bodies=turn.rules.outside_bodies)
    )  # fmt: skip


def already_open(state: CaseState) -> str | None:
    """What somebody is told who reopens a case that has been reopened meanwhile."""
    last = next((e for e in reversed(state.timeline) if e.kind is Kind.REOPENED), None)
    if last is None or state.closed_at is not None or state.archived_at is not None:
        return None
    return f"the case is open again already: {last.actor.id} reopened it at {last.at:%Y-%m-%d %H:%M} UTC"


def linked(turn: Turn, facts: Iterable[int | str]) -> list[int]:
    """The entries that the named facts stand in, each once, with the request that is answered. Raises `Refused`."""
    state = turn.state
    pending = state.reopening_request
    found = [_entry_of(state, fact, f"facts.{index}") for index, fact in enumerate(facts)]
    return sorted({*found, *([pending.sequence] if pending else [])})


def _entry_of(state: CaseState, fact: int | str, field: str) -> int:
    last = state.timeline[-1].sequence
    text = str(fact)
    if text.isascii() and text.isdigit() and len(text) <= len(str(last)):
        if 1 <= int(text) <= last:
            return int(text)
    elif _SHA256.fullmatch(text):
        files = [e.sequence for e in state.timeline if e.kind is Kind.ATTACHED and e.detail.get("sha256") == text]
        if files:
            return files[-1]
    elif sequence := state.seen.get(f"message:{text}"):
        return sequence
    raise refuse(
        "is no entry, file or message of this case", field=field,
        remedy="give the number of an entry of its timeline, the SHA-256 of a file, or the id of a message",
    )  # fmt: skip


def since_last_record(state: CaseState, record: ClosureRecord) -> ReopeningRow | None:
    """For the record of a case that was reopened: why, on which facts, and what is otherwise than in the last one."""
    if not state.closures:
        return None
    before = state.closures[-1]
    kinds = (Kind.REOPENED, Kind.CLOSURE_RECORDED)
    last = next((e for e in reversed(state.timeline) if e.kind in kinds), None)
    if last is None or last.kind is not Kind.REOPENED:
        return None  # an unmerged case comes back too, and nothing was asked anew
    detail = last.detail
    return ReopeningRow(
        number=detail["number"],
        at=last.at,
        actor=last.actor.id,
        reason=detail["reason"],
        explanation=detail["explanation"],
        facts=tuple(_fact(state.timeline[sequence - 1]) for sequence in detail.get("facts") or ()),
        previous=before.number,
        changed=tuple(name for name in COMPARED if getattr(before, name) != getattr(record, name)),
    )


def _fact(entry: Entry) -> FactRow:
    return FactRow(sequence=entry.sequence, at=entry.at, kind=entry.kind, words=entry.words)
