"""What is owed: promises to the complainant, measures in the house, and what the case itself asks for.

Each has an owner, a due date and a clock that climbs. A changed date is a promise of its own: the old clock ends, late
if it was late, and a new one begins.
"""

from datetime import datetime
from typing import NamedTuple

from complaints.case import closing, escalation, promises, reaching, timing
from complaints.case.ownership import owner_named
from complaints.case.turn import Turn, refuse
from complaints.messages import commands as c
from complaints.messages.duties import ActionRow, NoticeFacts
from complaints.policy import TargetRule
from complaints.targets import Target
from complaints.vocabulary import ActionKind, Kind, MetBy, Metric, Occasion


class Due(NamedTuple):
    """When something is due: by the policy, by a target from now, or at an instant."""

    rule: TargetRule | None
    at: datetime | None = None


def add(turn: Turn, command: c.AddAction) -> None:
    """Raises `Refused` for a kind that only a case gives, a measure without owner, a date that has passed."""
    if command.kind.given:
        raise refuse(
            "tasks are given by the case itself",
            field="kind",
            remedy="add a promise, a corrective or a preventive action",
        )
    if command.owner is None and command.kind.measure:
        raise refuse(
            f"a {command.kind} action needs an owner",
            field="owner",
            remedy="say who owes it: an agent's id, or team:NAME",
        )
    owner = owner_named(turn, command.owner, field="owner") if command.owner else turn.state.owner
    row = begin(turn, command.kind, command.description, owner, due(turn, command.due_at, command.within))
    _enter_added(turn, row, command.actor)
    tell_owner(turn, row)
    closing.complete(turn, command.actor)


def due(turn: Turn, due_at: datetime | None, within: Target | None, *, where: str = "") -> Due:
    """An instant, a target from now, or the policy's. Raises `Refused`, with `where` before the field's name."""
    if due_at is not None:
        if due_at <= turn.at:
            raise refuse("the due date has passed", field=f"{where}due_at", remedy="give a later instant")
        return Due(TargetRule(target=Target.until(turn.at, due_at)), due_at)
    clocks = turn.rules.clocks
    rule = clocks[Metric.ACTION].choose(turn.facts) if Metric.ACTION in clocks else None
    if rule is None:
        raise refuse("the policy has no clock for actions", remedy="add one to the policy")
    if within is None:
        return Due(rule)
    calendar = rule.calendar if within.needs_calendar else None
    if within.needs_calendar and calendar is None:
        raise refuse("the policy has no calendar for actions", field=f"{where}within", remedy="give an elapsed target")
    return Due(TargetRule(target=within, calendar=calendar))


def begin(turn: Turn, kind: ActionKind, description: str, owner: str, when: Due, *, of: int | None = None) -> ActionRow:
    """A new action with its clock; nothing is written or told yet."""
    state = turn.state
    number = len(state.actions) + 1
    clock = timing.start(turn, Metric.ACTION, rule=when.rule, base_due=when.at, action=number)
    if clock is None:
        raise refuse("the policy has no clock for actions", remedy="add one to the policy")
    row = ActionRow(
        number=number,
        kind=kind,
        description=description,
        owner=owner,
        due_at=clock.base_due,
        added_at=turn.at,
        of=of,
    )
    state.actions.append(row)
    state.changed_actions[number] = turn.mark
    return row


def _enter_added(turn: Turn, row: ActionRow, actor: c.Actor | None = None) -> None:
    details = {
        "number": row.number,
        "action_kind": row.kind,
        "description": row.description,
        "owner": row.owner,
        "due_at": row.due_at,
        "of": row.of,
    }
    if actor is None:
        turn.enter(Kind.ACTION_ADDED, details=details)
    else:
        turn.enter(Kind.ACTION_ADDED, actor, details=details)


def tell_owner(turn: Turn, row: ActionRow) -> None:
    facts = NoticeFacts(due_at=row.due_at, number=row.number, **escalation.spoken_of(row))
    turn.tell(Occasion.AGENT_TASK, (row.owner,), facts)


def add_measures(turn: Turn, command: c.RecordRootCause) -> tuple[int, ...]:
    """The measures of an analysis as actions of the case; one that is open already is not added again."""
    given = ((ActionKind.CORRECTIVE, "corrective_actions"), (ActionKind.PREVENTIVE, "preventive_actions"))
    checked: list[_Checked] = []
    for kind, field in given:
        for index, measure in enumerate(getattr(command, field)):
            where = f"{field}.{index}."
            owner = owner_named(turn, measure.owner, field=f"{where}owner")
            when = due(turn, measure.due_at, measure.within, where=where)
            checked.append(_Checked(kind, measure.description, owner, when))
    return tuple(_measure(turn, command.actor, one) for one in checked)


class _Checked(NamedTuple):
    kind: ActionKind
    description: str
    owner: str
    when: Due


def _measure(turn: Turn, actor: c.Actor, given: _Checked) -> int:
    same = (a.number for a in turn.state.actions if a.open and (a.kind, a.description) == given[:2])
    known = next(same, None)
    if known is not None:
        return known
    row = begin(turn, *given)
    _enter_added(turn, row, actor)
    tell_owner(turn, row)
    return row.number


# what becomes of it


def find(turn: Turn, number: int) -> ActionRow:
    """An open action by its number. Raises `Refused`, naming those that are open."""
    state = turn.state
    action = next((a for a in state.actions if a.number == number), None)
    if action is None or not action.open:
        open_ones = [str(a.number) for a in state.actions if a.open]
        raise refuse(
            f"there is no open action {number}", field="action", remedy=f"open: {', '.join(open_ones) or 'none'}"
        )
    return action


def complete(turn: Turn, command: c.CompleteAction) -> None:
    action = find(turn, command.action)
    _may_complete(turn, action, command)
    reaching.finish_action(turn, action.number, MetBy.PERSON, command.note)
    turn.enter(
        Kind.ACTION_COMPLETED,
        command.actor,
        number=action.number,
        action_kind=action.kind,
        note=command.note,
        effective=command.effective,
        of=action.of,
    )
    if action.kind is ActionKind.PROMISE:
        promises.ask(turn, action.number)
    elif action.kind is ActionKind.REVIEW and action.of is not None:
        judge(turn, command.actor, action.of, effective=bool(command.effective))
    elif command.effective is not None:
        judge(turn, command.actor, action.number, effective=command.effective)
    elif action.kind.measure:
        _review_later(turn, action)


def _may_complete(turn: Turn, action: ActionRow, command: c.CompleteAction) -> None:
    if action.kind is ActionKind.TASK and turn.state.stopped:
        raise refuse(
            "the complainant could not be reached yet",
            field="action",
            remedy="amend the address, or record their reply or confirmation; the task ends with it",
        )
    if action.kind is ActionKind.REVIEW and command.effective is None:
        raise refuse(
            "a review ends with whether it worked",
            field="effective",
            remedy="say true or false; `note` says how it shows",
        )
    if action.kind in (ActionKind.PROMISE, ActionKind.TASK) and command.effective is not None:
        raise refuse(
            f"a {action.kind} is not judged by its effect",
            field="effective",
            remedy="leave it out; a promise is confirmed",
        )


def _review_later(turn: Turn, action: ActionRow) -> None:
    """Its owner is asked later whether it worked. The case is not put away before that (docs/actions-and-causes.md)."""
    rule = turn.rules.aftercare.effectiveness
    if rule is None:
        return
    row = begin(turn, ActionKind.REVIEW, action.description, action.owner, Due(rule), of=action.number)
    _enter_added(turn, row)
    tell_owner(turn, row)


def judge(turn: Turn, actor: c.Actor, number: int, *, effective: bool) -> None:
    """Whether a measure worked: kept with it, and with the analysis it came from once all of its own are judged."""
    change(turn, number, effective=effective)
    state = turn.state
    analysis = state.root_cause
    if analysis is None or number not in analysis.get("actions", ()):
        return
    own = [a for a in state.actions if a.number in analysis["actions"] and a.cancelled_at is None]
    if any(a.effective is False for a in own) or all(a.effective for a in own):
        state.root_cause = {**analysis, "effective": all(a.effective for a in own)}
        turn.enter(Kind.ROOT_CAUSE_RECORDED, actor, details=state.root_cause, judged=number)


def change(turn: Turn, number: int, **changes: object) -> ActionRow:
    """Write what has become of an action, so that the next record carries it."""
    state = turn.state
    state.actions = [a.model_copy(update=changes) if a.number == number else a for a in state.actions]
    state.changed_actions[number] = turn.mark
    return state.actions[number - 1]
