"""The work on a case: verification, assessment, steps, evidence."""

from complaints.case import closing, consent, opening
from complaints.case.state import StepTaken
from complaints.case.turn import Turn, refuse
from complaints.messages import commands as c
from complaints.vocabulary import Kind


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
