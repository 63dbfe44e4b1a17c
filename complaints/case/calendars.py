"""A case that outlives its pinned calendars asks for the years that follow, in good time."""

from datetime import datetime, timedelta

from complaints.case.state import CaseState
from complaints.case.turn import Turn
from complaints.messages.duties import CalendarDuty, Duty
from complaints.messages.feedback import CalendarsExtended
from complaints.plan import Plan, interned
from complaints.vocabulary import Kind, Status

_EXTENSION = timedelta(days=366)


def wanted(state: CaseState, now: datetime) -> list[Duty]:
    """Ask for the calendars beyond their end in good time."""
    since, until = state.plan.asks_from, state.plan.until
    if since is None or until is None or now < since or state.extending or state.status is Status.ARCHIVED:
        return []
    state.extending = f"{state.reference}/calendars/{until.date().isoformat()}"
    if replans := state.occurrences.get("replan"):
        state.extending += f"/{replans}"  # what another policy was asked for is another question
    names = tuple(state.plan.calendars)
    rules = state.plan.rules
    return [
        CalendarDuty(
            key=state.extending,
            pack=rules.pack,
            names=names,
            since=state.received_at,
            until=max(until, now) + _EXTENSION,
        )
    ]


def extended(turn: Turn, found: CalendarsExtended) -> None:
    """Go on with the longer calendars, if they answer the question that was asked last."""
    state = turn.state
    if found.key != state.extending:
        return
    state.extending = None
    plan = state.plan
    longer = {**plan.calendars, **found.calendars}
    state.plan = interned(Plan(rules=plan.rules, texts=plan.texts, texts_version=plan.texts_version, calendars=longer))
    until = min(calendar.until for calendar in found.calendars.values())
    turn.enter(Kind.CALENDARS_EXTENDED, until=until, names=sorted(found.calendars))
