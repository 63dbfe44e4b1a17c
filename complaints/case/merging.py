"""Merging: this complaint goes on under another one, or another one under this (docs/duplicates.md).

Two cases must agree, and neither sees into the other. So the case that is merged asks, stays open until the other has
agreed, and closes as duplicate only then. What is said to it afterwards it records and passes on.
"""

import hashlib
from typing import Any

from complaints import reference
from complaints.case import closing, complainant, delivery, endings
from complaints.case.state import MergedCase, Merging
from complaints.case.turn import Turn, refuse
from complaints.messages import commands as c
from complaints.messages.duties import NoticeFacts
from complaints.messages.feedback import DuplicatesFound
from complaints.messages.intake import Complainant
from complaints.messages.merging import LET_GO, ForwardDuty, LetGo, MergeAnswered, MergeDuty, Said, TakeIn
from complaints.messages.signals import (
    ComplainantReplied,
    ComplainantWithdrew,
    FactReported,
    SatisfactionConfirmed,
    SurveyAnswered,
)
from complaints.timeline import COMPLAINANT, SYSTEM
from complaints.vocabulary import ClosingReason, Kind, KnownFact, Metric, Occasion, Status

_NAMES: dict[type[Any], tuple[str, Kind]] = {
    ComplainantReplied: ("complainant_replied", Kind.COMPLAINANT_REPLIED),
    SatisfactionConfirmed: ("satisfaction_confirmed", Kind.SATISFACTION_CONFIRMED),
    ComplainantWithdrew: ("complainant_withdrew", Kind.WITHDRAWN),
    FactReported: ("fact_reported", Kind.FACT_REPORTED),
    SurveyAnswered: ("survey_answered", Kind.SURVEY_ANSWERED),
}
_KEPT = ("satisfied", "rating", "decision", "fact", "source", "scores", "solved")
ELSEWHERE = ("merge", "reopen", "record_reply", "record_confirmation", "record_survey")
"""What is done at the surviving case, once there is one."""


# before a merge


def found_alike(turn: Turn, found: DuplicatesFound) -> None:
    """What the search at filing found, once: for people, who decide whether it is the same matter."""
    if any(entry.kind is Kind.DUPLICATES_FOUND for entry in turn.state.timeline):
        return
    turn.enter(Kind.DUPLICATES_FOUND, found=[one.model_dump(mode="json") for one in found.found])
    cases = tuple(one.reference for one in found.found)
    turn.tell(Occasion.AGENT_DUPLICATES_FOUND, (turn.state.owner,), NoticeFacts(cases=cases))


# the case that is merged


def check(turn: Turn, command: Any) -> None:
    """Refuse, with the surviving case's reference, what a merged case leaves to that."""
    into = turn.state.merged_into
    own_promise = getattr(command, "action", None) is not None  # the answer to a promise that this case has made
    if into is not None and command.act in ELSEWHERE and not own_promise:
        raise refuse(f"the case is merged into {into}", remedy=f"act on {into}, or `unmerge` this one first")


def merge(turn: Turn, command: c.Merge) -> None:
    state = turn.state
    into = _other(turn, command.into)
    if state.merging is not None:
        raise refuse(f"{state.merging.into} was asked already", field="into", remedy="wait for its answer")
    if state.status is Status.RESOLVED and not state.stopped:
        raise refuse("the complainant has not answered the decision yet", remedy="wait for their answer, or record it")
    key = f"{state.reference}/merge/{turn.occurrence('merge')}"
    state.merging = Merging(key=key, into=into, actor=command.actor)
    turn.enter(Kind.MERGE_ASKED, command.actor, into=into)
    ask = TakeIn(
        key=key,
        actor=command.actor,
        reference=state.reference,
        company=state.intake.company,
        complainant=state.complainant,
        text=state.intake.text,
    )
    turn.duties.append(MergeDuty(key=key, into=into, ask=ask))


def _other(turn: Turn, given: str) -> str:
    into = reference.normalise(given)
    if into is None:
        raise refuse(
            "is no reference", field="into", remedy="give the surviving complaint's, such as TTS-7D3K9QX2M4R8V"
        )
    if into == turn.state.reference:
        raise refuse("a case is not merged into itself", field="into", remedy="give the other case's reference")
    if any(case.reference == into for case in turn.state.merged_in):
        raise refuse(f"{into} is merged into this case", field="into", remedy=f"`unmerge` {into} first")
    return into


def answered(turn: Turn, answer: MergeAnswered) -> None:
    """The other case agreed, and this one closes; or it refused, and nothing has changed but that it is known."""
    state = turn.state
    pending = state.merging
    if pending is None or pending.key != answer.key:
        return
    state.merging = None
    if not answer.accepted:
        _not_merged(turn, pending, f"{answer.problem}; {answer.remedy}" if answer.remedy else answer.problem)
    elif not _may_still_close(turn):
        _part(turn, pending.into, pending.actor, None)
        _not_merged(turn, pending, f"this case is {state.status} by now")
    else:
        state.merged_into = pending.into
        turn.enter(Kind.MERGED, pending.actor, into=pending.into, passed_on=len(pending.held) or None)
        closing.begin(turn, ClosingReason.DUPLICATE)
        turn.duties += pending.held


def _may_still_close(turn: Turn) -> bool:
    """Whether nothing has happened since the question that leaves no room for a merge."""
    state = turn.state
    if state.status is Status.RESOLVED:
        return bool(state.stopped)
    return state.status not in (Status.CLOSING, Status.CLOSED, Status.ARCHIVED)


def _not_merged(turn: Turn, pending: Merging, problem: str | None) -> None:
    turn.enter(Kind.MERGE_REFUSED, into=pending.into, reason=problem)
    told = dict.fromkeys((turn.state.owner, f"agent:{pending.actor.id}"))
    turn.tell(Occasion.AGENT_MERGE_REFUSED, told, NoticeFacts(reason=problem, cases=(pending.into,)))


def unmerge(turn: Turn, command: c.Unmerge) -> None:
    """Opened again like a reopened case, and not counted as one: the complainant has not come back, we erred."""
    state = turn.state
    into = state.merged_into
    if into is None:
        raise refuse("the case is not merged into another", remedy="use `reopen` for a case that was closed otherwise")
    state.merged_into = None
    endings.begin_again(turn)
    turn.enter(Kind.UNMERGED, command.actor, into=into, reason=command.reason, status=Status.INVESTIGATION)
    endings.go_on(turn)
    _part(turn, into, command.actor, command.reason)
    turn.tell(Occasion.AGENT_REOPENED, (state.owner,), NoticeFacts(reason=command.reason, cases=(into,)))
    state.promised_at = delivery.promised(turn)
    turn.notify(Occasion.REOPENED, NoticeFacts(promised_at=state.promised_at, reason="unmerged"))


def _part(turn: Turn, into: str, actor: c.Actor, reason: str | None) -> None:
    key = f"{turn.state.reference}/forward/{turn.occurrence('forward')}"
    parting = LetGo(key=key, actor=actor, reference=turn.state.reference, reason=reason)
    turn.duties.append(ForwardDuty(key=key, to=into, name=LET_GO, message=parting))


# what is said to it


def passed_on(turn: Turn, message: Any) -> bool:
    """Whether a message is recorded here and passed on to the surviving case: then nothing else comes of it here.

    While the other case has not answered yet it is kept as well, to be passed on if it agrees.
    """
    state = turn.state
    found = _NAMES.get(type(message))
    if found is None or _concerns_this_case(message):
        return False
    if state.merging is not None:
        state.merging.held.append(_forward(turn, state.merging.into, found[0], message))
    if state.merged_into is None:
        return False
    _record(turn, message, found[1], state.merged_into)
    turn.duties.append(_forward(turn, state.merged_into, found[0], message))
    return True


def _concerns_this_case(message: Any) -> bool:
    """What a case understands by itself, such as a bounce, is about its own notices; an answer, about its promise.

    So is the wish to be asked no more: the surviving case may be another person's.
    """
    if isinstance(message, SurveyAnswered):
        return message.stop
    if isinstance(message, SatisfactionConfirmed):
        return message.action is not None
    return isinstance(message, FactReported) and message.fact in set(KnownFact)


def _forward(turn: Turn, to: str, name: str, message: Said) -> ForwardDuty:
    own = turn.state.reference
    derived = f"{own}:{hashlib.sha256(message.message_id.encode()).hexdigest()[:32]}"
    said = message.model_copy(update={"message_id": derived, "via": own})
    return ForwardDuty(key=f"{own}/forward/{turn.occurrence('forward')}", to=to, name=name, message=said)


def _record(turn: Turn, message: Any, kind: Kind, into: str) -> None:
    known = {name: getattr(message, name, None) for name in _KEPT if getattr(message, name, None) != {}}
    applied = False if kind in (Kind.SATISFACTION_CONFIRMED, Kind.WITHDRAWN, Kind.SURVEY_ANSWERED) else None
    given = getattr(message, "details", None) or None
    actor = SYSTEM if kind is Kind.FACT_REPORTED else COMPLAINANT
    words = getattr(message, "text", None)
    turn.enter(kind, actor, words, details=known, given=given, applied=applied, forwarded_to=into)


# the surviving case


def take_in(turn: Turn, ask: TakeIn) -> None:
    """Agree to go on with another case, or raise `Refused` with what to do instead."""
    state = turn.state
    if state.merged_into is not None:
        _refuse_merged(state.merged_into, ask)
    if state.merging is not None:
        remedy = "wait for the answer, or look at that case"
        raise refuse(f"it is about to be merged into {state.merging.into}", field="into", remedy=remedy)
    if state.status in (Status.CLOSING, Status.CLOSED, Status.ARCHIVED):
        raise refuse(f"it is {state.status}", field="into", remedy="reopen it first, or `close` this one as duplicate")
    if state.intake.company != ask.company:
        raise refuse("it belongs to another company", field="into", remedy="handle each where it belongs")
    same = same_complainant(state.complainant, ask.complainant)
    state.merged_in = [case for case in state.merged_in if case.reference != ask.reference]
    state.merged_in.append(MergedCase(reference=ask.reference, same_complainant=same))
    turn.enter(Kind.MERGED_IN, ask.actor, ask.text, reference=ask.reference, same_complainant=same)
    facts = NoticeFacts(cases=(ask.reference,), words=ask.text, category=state.category, actor=ask.actor.id)
    turn.tell(Occasion.AGENT_MERGED_IN, (state.owner,), facts)
    if turn.clock(Metric.FIRST_RESPONSE) is None:
        complainant.expect_response(turn)  # whoever was answered already has now said more


def _refuse_merged(surviving: str, ask: TakeIn) -> None:
    if surviving == ask.reference:
        raise refuse("it is merged into this very case", field="into", remedy="`unmerge` it first")
    raise refuse(f"it is merged into {surviving}", field="into", remedy=f"merge into {surviving}")


def let_go(turn: Turn, parting: LetGo) -> None:
    state = turn.state
    state.merged_in = [case for case in state.merged_in if case.reference != parting.reference]
    turn.enter(Kind.TAKEN_OUT, parting.actor, reference=parting.reference, reason=parting.reason)
    facts = NoticeFacts(cases=(parting.reference,), reason=parting.reason, actor=parting.actor.id)
    turn.tell(Occasion.AGENT_TAKEN_OUT, (state.owner,), facts)


def same_complainant(one: Complainant, other: Complainant) -> bool:
    """Whether two complaints come from one person: by their addresses, and by their name only where there are none."""
    pairs = [(one.email, other.email), (one.phone, other.phone)]
    known = [(a.casefold(), b.casefold()) for a, b in pairs if a and b]
    if known:
        return any(a == b for a, b in known)
    return bool(one.name and other.name) and str(one.name).casefold() == str(other.name).casefold()
