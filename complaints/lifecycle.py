"""The lifecycle: one table of what may happen in which status and where it leads. Anything else is refused.

`tuntas schema transitions` prints this table. `to` is a status, or `entered_from` for a return to where the work was.
"""

from typing import NamedTuple

from complaints.vocabulary import Status

ENTERED_FROM = "entered_from"


class Transition(NamedTuple):
    source: Status
    on: str
    to: str


_S = Status
WORKING = (_S.VERIFICATION, _S.ASSESSMENT, _S.INVESTIGATION)
BEFORE_DECISION = (*WORKING, _S.AWAITING_COMPLAINANT, _S.ON_HOLD)
OPEN = (*BEFORE_DECISION, _S.RESOLVED, _S.CLOSING)
LIVE = (*OPEN, _S.CLOSED)
EVERY = (*LIVE, _S.ARCHIVED)


def _stay(on: str, sources: tuple[Status, ...]) -> list[Transition]:
    return [Transition(source, on, source) for source in sources]


def _go(on: str, sources: tuple[Status, ...], *to: str) -> list[Transition]:
    return [Transition(source, on, target) for source in sources for target in to]


TRANSITIONS: tuple[Transition, ...] = (
    Transition(_S.RECEIVED, "logged", _S.VERIFICATION),
    # work before the decision
    *_go("verify", (_S.VERIFICATION,), _S.ASSESSMENT, _S.INVESTIGATION),
    *_go("complete", (_S.VERIFICATION,), _S.ASSESSMENT, _S.INVESTIGATION),
    *_go("assess", (_S.ASSESSMENT,), _S.INVESTIGATION),
    *_stay("assess", (_S.INVESTIGATION, _S.AWAITING_COMPLAINANT, _S.ON_HOLD)),
    *_go("request_information", WORKING, _S.AWAITING_COMPLAINANT),
    *_go("hold", WORKING, _S.ON_HOLD),
    *_go("resume", (_S.ON_HOLD,), ENTERED_FROM),
    *_go("hold_due", (_S.ON_HOLD,), ENTERED_FROM),
    *_go("complainant_replied", (_S.AWAITING_COMPLAINANT,), ENTERED_FROM),
    *_go("information_lapsed", (_S.AWAITING_COMPLAINANT,), _S.INVESTIGATION, _S.CLOSING, _S.VERIFICATION),
    *_go("decide", (_S.INVESTIGATION,), _S.RESOLVED, _S.INVESTIGATION),
    *_go("approve", (_S.INVESTIGATION,), _S.RESOLVED),
    *_stay("decline", (_S.INVESTIGATION,)),
    # the complainant's answer, and its absence
    *_go("satisfaction_confirmed", (_S.RESOLVED,), _S.CLOSING),
    *_stay("satisfaction_confirmed", (*WORKING, _S.ON_HOLD, _S.CLOSING, _S.CLOSED, _S.ARCHIVED)),
    *_go("satisfaction_confirmed", (_S.AWAITING_COMPLAINANT,), ENTERED_FROM),
    *_go("dispute", (_S.RESOLVED, _S.CLOSING), _S.INVESTIGATION, _S.CLOSING),
    *_go("confirmation_lapsed", (_S.RESOLVED,), _S.CLOSING),
    *_go("complainant_withdrew", OPEN, _S.CLOSING),
    *_stay("complainant_withdrew", (_S.CLOSED, _S.ARCHIVED)),
    *_stay("complainant_replied", tuple(status for status in EVERY if status is not _S.AWAITING_COMPLAINANT)),
    *_go("fact_reported", (_S.AWAITING_COMPLAINANT,), _S.AWAITING_COMPLAINANT, _S.VERIFICATION),
    *_stay("fact_reported", tuple(status for status in EVERY if status is not _S.AWAITING_COMPLAINANT)),
    # the survey after closing
    *_go("survey_answered", (_S.AWAITING_COMPLAINANT,), ENTERED_FROM),
    *_go("survey_answered", (_S.CLOSED,), _S.CLOSED, _S.INVESTIGATION),
    *_stay("survey_answered", tuple(s for s in EVERY if s not in (_S.AWAITING_COMPLAINANT, _S.CLOSED))),
    *_go("record_survey", (_S.CLOSED,), _S.CLOSED, _S.INVESTIGATION),
    # the end, and after it
    *_go("close", (*BEFORE_DECISION, _S.RESOLVED), _S.CLOSING),
    *_go("refer", (*BEFORE_DECISION, _S.RESOLVED), _S.CLOSING),
    *_go("record_complete", (_S.CLOSING,), _S.CLOSED),
    *_go("reopen", (_S.CLOSED, _S.ARCHIVED), _S.INVESTIGATION),
    *_stay("decline_reopening", (_S.CLOSED, _S.ARCHIVED)),
    *_stay("merge", (*BEFORE_DECISION, _S.RESOLVED)),
    *_go("merge_agreed", (*BEFORE_DECISION, _S.RESOLVED), _S.CLOSING),
    *_go("unmerge", (_S.CLOSED, _S.ARCHIVED), _S.INVESTIGATION),
    *_stay("take_in", (*BEFORE_DECISION, _S.RESOLVED)),
    *_stay("let_go", EVERY),
    *_go("aftercare_ended", (_S.CLOSED,), _S.ARCHIVED),
    # what leaves the status as it is
    *_stay("respond", LIVE),
    *_stay("send_update", LIVE),
    *_stay("note", LIVE),
    *_stay("attach", LIVE),
    *_go("amend", (_S.AWAITING_COMPLAINANT,), _S.AWAITING_COMPLAINANT, _S.VERIFICATION),
    *_stay("amend", tuple(status for status in LIVE if status is not _S.AWAITING_COMPLAINANT)),
    *_stay("assign", LIVE),
    *_stay("transfer", OPEN),
    *_stay("escalate", LIVE),
    *_stay("de_escalate", LIVE),
    *_stay("record_step", (*BEFORE_DECISION, _S.RESOLVED, _S.CLOSING)),
    *_stay("record_root_cause", LIVE),
    *_stay("record_evaluation", EVERY),
    *_stay("answer_evaluation", EVERY),
    *_stay("extend", BEFORE_DECISION),
    *_stay("replan", OPEN),
    *_stay("add_action", LIVE),
    *_stay("complete_action", LIVE),
    *_stay("change_action", LIVE),
    *_stay("cancel_action", LIVE),
    *_go("record_reply", (_S.AWAITING_COMPLAINANT,), ENTERED_FROM),
    *_stay("record_reply", tuple(status for status in LIVE if status is not _S.AWAITING_COMPLAINANT)),
    *_go("record_confirmation", (_S.RESOLVED,), _S.CLOSING, _S.INVESTIGATION),
    *_go("record_confirmation", (_S.CLOSING,), _S.CLOSING, _S.INVESTIGATION),
    *_go("record_confirmation", (_S.AWAITING_COMPLAINANT,), ENTERED_FROM),
    *_stay("record_confirmation", (*WORKING, _S.ON_HOLD, _S.CLOSED)),
    *_go("record_withdrawal", OPEN, _S.CLOSING),
)

_ALLOWED: frozenset[tuple[Status, str]] = frozenset((row.source, row.on) for row in TRANSITIONS)
_TARGETS: frozenset[Transition] = frozenset(TRANSITIONS)


def allows(status: Status, event: str) -> bool:
    return (status, event) in _ALLOWED


def leads(status: Status, event: str, to: Status) -> bool:
    """Whether the table has this very step; a return counts as leading wherever the work came from."""
    return Transition(status, event, to) in _TARGETS or Transition(status, event, ENTERED_FROM) in _TARGETS


def statuses_allowing(event: str) -> list[Status]:
    return [status for status in Status if allows(status, event)]
