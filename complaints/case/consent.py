"""Whom somebody else speaks for must have agreed to it: until that is recorded, the representative learns nothing.

The addresses of such a case are the representative's. They get the reference, dates, and what is asked of them; nothing
of what the complaint is about, nothing that a person of ours has written, and no outcome.
"""

from complaints.case.state import CaseState
from complaints.messages.duties import NoticeFacts
from complaints.vocabulary import Need

SPEAKING = ("respond", "send_update", "request_information")
"""Commands that are nothing but words to the complainant: refused meanwhile, so that none is thought to be said."""

_HARMLESS = (
    "promised_at", "answer_by", "review_at", "due_at", "limit", "limit_at", "number", "missing", "bodies",
)  # fmt: skip


def lacking(state: CaseState) -> bool:
    """Whether somebody speaks for the complainant, and nothing shows that they may."""
    return state.complainant.represented_by is not None and state.complainant.consent is None


def withheld(state: CaseState) -> bool:
    """Whether the content of the case is told to nobody outside."""
    return lacking(state) and state.plan.rules.verification.consent is Need.REQUIRED


def without_content(facts: NoticeFacts) -> NoticeFacts:
    return NoticeFacts(**{name: getattr(facts, name) for name in _HARMLESS})
