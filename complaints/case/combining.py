"""One notice instead of several: after an outage each recipient gets one (DESIGN, section 4, "Outage").

What would have been a single notice stays as it is. Several become the parts of a combined one, in their order, and
what waits for one of them (a question, a reminder, the acknowledgement) waits for the combined one instead. Agents
share one combined notice, in which each finds what is for them: who stands behind a team, only the activity knows. An
escalation tells people itself, the owner it finds among them, so it takes the agents' combined notice along.

A notice without an address is not combined: nobody gets it, and its task and its entry are its own.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from complaints.case.state import CaseState, NoticeLog
from complaints.messages.duties import AgentNotice, Duty, Escalation, Notice, NoticeFacts, NoticePart
from complaints.vocabulary import Occasion


def combined(state: CaseState, now: datetime, duties: list[Duty], overdue: Collection[Duty]) -> list[Duty]:
    """`duties` with those of its notices that are `overdue` as one for each recipient."""
    if len(overdue) == 0:
        return duties
    for_complainant = [duty for duty in overdue if isinstance(duty, Notice)]
    if len(for_complainant) > 1:
        duties = _instead(duties, for_complainant, _for_complainant(state, now, for_complainant))
    escalation = next((duty for duty in overdue if isinstance(duty, Escalation)), None)
    for_agents = [duty for duty in overdue if isinstance(duty, AgentNotice) and duty.to]
    if escalation is not None and for_agents:
        told = [duty for duty in overdue if duty is escalation or duty in for_agents]
        notice = _for_agents(state, now, told, escalation)
        duties = _instead(duties, told, escalation.model_copy(update={"meanwhile": notice}))
    elif len(for_agents) > 1:
        duties = _instead(duties, for_agents, _for_agents(state, now, for_agents))
    return duties


def _for_complainant(state: CaseState, now: datetime, notices: list[Notice]) -> Notice:
    number = _next(state, Occasion.CAUGHT_UP)
    key = f"{state.reference}/{Occasion.CAUGHT_UP}/{number}/complainant"
    old = {notice.key for notice in notices}
    log = next(log for log in state.notices if log.key == notices[-1].key)
    carries = tuple(notice.occasion for notice in notices)
    _log(state, old, replace(log, key=key, occasion=Occasion.CAUGHT_UP, occurrence=number, at=now, carries=carries))
    _wait_for(state, old, key)
    parts = tuple(_part(notice) for notice in notices)
    survey = next((notice.survey for notice in notices if notice.survey is not None), None)
    about = {"key": key, "occasion": Occasion.CAUGHT_UP, "occurrence": number, "at": now}
    return notices[-1].model_copy(update={**about, "facts": NoticeFacts(), "parts": parts, "survey": survey})


def _for_agents(
    state: CaseState, now: datetime, told: Sequence[AgentNotice | Escalation], escalation: Escalation | None = None
) -> AgentNotice:
    number = _next(state, Occasion.AGENT_CAUGHT_UP)
    parts = tuple(_part(duty) for duty in told)
    notice = AgentNotice(
        key=f"{state.reference}/{Occasion.AGENT_CAUGHT_UP}/{number}",
        reference=state.reference,
        occasion=Occasion.AGENT_CAUGHT_UP,
        occurrence=number,
        to=tuple(dict.fromkeys(name for part in parts for name in part.to)),
        at=now,
        pack=told[-1].pack,
        texts=told[-1].texts,
        parts=parts,
    )
    told_by_escalation = _told_by(escalation) if escalation else frozenset()
    for name in notice.to:
        _log_agent(state, notice, name, escalation, several=name in told_by_escalation)
    return notice


def _part(duty: Notice | AgentNotice | Escalation) -> NoticePart:
    if isinstance(duty, Escalation):  # whom it is for, the activity adds
        occasion = Occasion.AGENT_ESCALATED
        return NoticePart(key=duty.key, occasion=occasion, occurrence=duty.number, at=duty.at, facts=duty.facts)
    return NoticePart(
        key=duty.key,
        occasion=duty.occasion,
        occurrence=duty.occurrence,
        at=duty.at,
        to=duty.to if isinstance(duty, AgentNotice) else (),
        facts=duty.facts,
    )


def _told_by(escalation: Escalation) -> frozenset[str]:
    """Whom an escalation tells, as far as the case knows: until an owner is found, the team stands for them."""
    owner = f"team:{escalation.team}" if escalation.owner_changes else escalation.previous_owner
    return frozenset((owner, escalation.previous_owner, *escalation.tell))


# the case's own memory of its notices


def _next(state: CaseState, occasion: Occasion) -> int:
    number = state.occurrences[occasion] = state.occurrences.get(occasion, 0) + 1
    return number


def _log_agent(
    state: CaseState, notice: AgentNotice, name: str, escalation: Escalation | None, *, several: bool
) -> None:
    within = escalation.key if escalation else None
    old = {f"{part.key}/{name}" for part in notice.parts if name in part.to}
    log = next(log for log in reversed(state.notices) if log.key in old)
    if several or len(old) > 1:
        key = f"{notice.key}/{name}"
        log = replace(log, key=key, occasion=notice.occasion, occurrence=notice.occurrence, at=notice.at)
    _log(state, old, replace(log, within=within))


def _log(state: CaseState, old: Collection[str], new: NoticeLog) -> None:
    """Remember one notice where several were, in the place of the last of them."""
    last = max(index for index, log in enumerate(state.notices) if log.key in old)
    state.notices = [
        new if index == last else log for index, log in enumerate(state.notices) if index == last or log.key not in old
    ]


def _wait_for(state: CaseState, old: Collection[str], key: str) -> None:
    """What waits for one of these notices waits for the one that stands for them."""
    if state.question is not None and state.question.notice in old:
        state.question.notice = key
    for awaited in state.awaited:
        if awaited.key in old:
            awaited.key = key
    for clock in state.clocks:
        for reminder in clock.reminders:
            if reminder.key in old:
                reminder.key = key


def _instead(duties: list[Duty], old: Iterable[Duty], new: Duty) -> list[Duty]:
    """A duty in the place of the last of several."""
    *others, last = (id(duty) for duty in old)
    return [new if id(duty) == last else duty for duty in duties if id(duty) not in others]
