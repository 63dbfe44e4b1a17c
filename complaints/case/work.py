"""The work on a case: assessment, steps, evidence, root cause, and what is owed."""

from typing import Any

from complaints.case import closing, consent, opening, reaching, timing
from complaints.case.ownership import owner_named
from complaints.case.state import StepTaken
from complaints.case.turn import Turn, refuse
from complaints.messages import commands as c
from complaints.messages.duties import ActionRow, NoticeFacts
from complaints.policy import TargetRule
from complaints.targets import Target
from complaints.vocabulary import ActionKind, Kind, MetBy, Metric, Occasion


def verify(turn: Turn, command: c.Verify) -> None:
    if consent.withheld(turn.state):
        raise refuse(
            "the person who is represented has not agreed to it",
            field="complainant.consent",
            remedy="record the consent first: `amend` with `consent`",
        )
    opening.verify(turn, command.actor, command.note)


def assess(turn: Turn, command: c.Assess) -> None:
    category = command.category or turn.state.category
    if category is None:
        raise refuse("a category is needed", field="category", remedy="give one of the policy's categories")
    _known_category(turn, category)
    opening.reassess(turn, command)


def _known_category(turn: Turn, category: str) -> None:
    if category not in turn.rules.categories:
        known = ", ".join(turn.rules.categories)
        raise refuse(f"the policy has no category {category}", field="category", remedy=f"use one of: {known}")


def note(turn: Turn, command: c.Note) -> None:
    turn.enter(Kind.NOTED, command.actor, command.text)


def record_step(turn: Turn, command: c.RecordStep) -> None:
    steps = turn.label_steps()
    if command.step not in steps:
        raise refuse(
            "the category's procedure has no such step", field="step", remedy=f"use one of: {', '.join(steps)}"
        )
    turn.state.steps.append(StepTaken(step=command.step, at=turn.at, actor=command.actor.id, note=command.note))
    turn.enter(Kind.STEP_RECORDED, command.actor, step=command.step, note=command.note)
    closing.complete(turn, command.actor)


def attach(turn: Turn, command: c.Attach) -> None:
    evidence = {"sha256": command.sha256, "media_type": command.media_type, "size": command.size}
    turn.state.attachments.append({**evidence, "name": command.name})
    turn.enter(Kind.ATTACHED, command.actor, command.name, details=evidence)


def record_root_cause(turn: Turn, command: c.RecordRootCause) -> None:
    analysis: dict[str, Any] = command.model_dump(mode="json", exclude={"act", "key", "actor"})
    turn.state.root_cause = analysis
    turn.enter(Kind.ROOT_CAUSE_RECORDED, command.actor, details=analysis)
    closing.complete(turn, command.actor)


def add_action(turn: Turn, command: c.AddAction) -> None:
    state = turn.state
    if command.kind is ActionKind.TASK:
        raise refuse("tasks are given by the case itself", field="kind", remedy="add a promise or a corrective action")
    owner = owner_named(turn, command.owner) if command.owner else state.owner
    number = len(state.actions) + 1
    clock = timing.start(turn, Metric.ACTION, rule=_action_rule(turn, command), base_due=command.due_at, action=number)
    if clock is None:
        raise refuse("the policy has no clock for actions", remedy="add one to the policy")
    due = clock.base_due
    state.actions.append(
        ActionRow(
            number=number, kind=command.kind, description=command.description, owner=owner, due_at=due, added_at=turn.at
        )
    )
    state.changed_actions[number] = turn.mark
    turn.enter(
        Kind.ACTION_ADDED,
        command.actor,
        number=number,
        action_kind=command.kind,
        description=command.description,
        owner=owner,
        due_at=due,
    )
    turn.tell(Occasion.AGENT_TASK, (owner,), NoticeFacts(reason=command.description, due_at=due, number=number))


def _action_rule(turn: Turn, command: c.AddAction) -> TargetRule | None:
    """Its due instant as an elapsed target, the target given, or the policy's."""
    if command.due_at is not None:
        if command.due_at <= turn.at:
            raise refuse("the due date has passed", field="due_at", remedy="give a later instant")
        return TargetRule(target=Target.until(turn.at, command.due_at))
    rule = turn.rules.clocks[Metric.ACTION].choose(turn.facts)
    if command.within is None:
        return rule
    calendar = rule.calendar if rule and command.within.needs_calendar else None
    if command.within.needs_calendar and calendar is None:
        raise refuse("the policy has no calendar for actions", field="within", remedy="give an elapsed target")
    return TargetRule(target=command.within, calendar=calendar)


def complete_action(turn: Turn, command: c.CompleteAction) -> None:
    state = turn.state
    action = next((a for a in state.actions if a.number == command.action), None)
    if action is None or action.completed_at is not None:
        open_ones = [str(a.number) for a in state.actions if a.completed_at is None]
        raise refuse(
            f"there is no open action {command.action}",
            field="action",
            remedy=f"open: {', '.join(open_ones) or 'none'}",
        )
    if action.kind is ActionKind.TASK and state.stopped:
        raise refuse(
            "the complainant could not be reached yet",
            field="action",
            remedy="amend the address, or record their reply or confirmation; the task ends with it",
        )
    reaching.finish_action(turn, command.action, MetBy.PERSON, command.note)
    turn.enter(Kind.ACTION_COMPLETED, command.actor, number=command.action, note=command.note)
