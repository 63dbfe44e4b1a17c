"""Why it happened: the analysis as an agent gives it, checked for loops, with its weak ends and its measures."""

import re
from typing import Any

from complaints import causes
from complaints.case import actions, closing
from complaints.case.state import CaseState
from complaints.case.turn import Turn, refuse
from complaints.messages import commands as c
from complaints.vocabulary import Kind

_SHA256 = re.compile(r"[0-9a-f]{64}")
_NOT_KEPT = {"act", "key", "actor", "based_on", "corrective_actions", "preventive_actions"}


def record_root_cause(turn: Turn, command: c.RecordRootCause) -> None:
    """Measures become actions of the case. An analysis that is recorded anew keeps those of the one before."""
    found = causes.loop(command.whys)
    if found is not None:
        raise refuse(found.problem, field=found.field, remedy=found.remedy)
    _evidence_is_there(turn, command)
    numbers = actions.add_measures(turn, command)
    analysis: dict[str, Any] = command.model_dump(mode="json", exclude=_NOT_KEPT)
    before = (turn.state.root_cause or {}).get("actions", [])
    if owned := [*before, *(number for number in numbers if number not in before)]:
        analysis["actions"] = owned
    weak = causes.weak_ends(command.method, command.cause, command.whys, command.evidence, command.fishbone_class)
    if weak:
        analysis["weak_ends"] = [end.model_dump(mode="json") for end in weak]
    turn.state.root_cause = analysis
    turn.enter(Kind.ROOT_CAUSE_RECORDED, command.actor, details=analysis)
    closing.complete(turn, command.actor)


def _evidence_is_there(turn: Turn, command: c.RecordRootCause) -> None:
    """Evidence that is written as a SHA-256 is a file of this case."""
    state = turn.state
    known = {str(one["sha256"]) for one in state.attachments} | {one.sha256 for one in state.intake.evidence}
    given = [(f"whys.{index}.evidence", why.evidence) for index, why in enumerate(command.whys)]
    for field, evidence in [*given, ("evidence", command.evidence)]:
        if evidence is not None and _SHA256.fullmatch(evidence.strip()) and evidence.strip() not in known:
            raise refuse("the case has no file of this SHA-256", field=field, remedy="attach the file first")


def weak_ends(state: CaseState, command: Any) -> tuple[c.WeakEnd, ...]:
    """What the answer to a command points out: the weak ends of the analysis that it gave."""
    if not isinstance(command, c.RecordRootCause):
        return ()
    ends = (state.root_cause or {}).get("weak_ends", ())
    return tuple(c.WeakEnd.model_validate(end) for end in ends)
