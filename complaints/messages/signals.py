"""What complainants and backend services say to a case. Facts from outside are never refused, and read tolerantly."""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from complaints.messages.commands import Score
from complaints.messages.intake import Details, Files, Key, Text
from complaints.model import Instant, Tolerant, is_empty, is_none
from complaints.vocabulary import Channel, Proof


class _Fact(Tolerant):
    version: int = 1
    message_id: Key
    at: Instant | None = None  # when the sender says it happened; the case counts from when it learns of it
    via: str | None = Field(default=None, exclude_if=is_none)  # the merged case that passed it on


class ComplainantReplied(_Fact):
    """The complainant wrote. `details` may bring what the category needs."""

    text: Text
    channel: Channel | None = None
    details: Details = {}
    evidence: Files = ()
    proof: Proof | None = Field(default=None, exclude_if=is_none)  # it shows that the contact is theirs, and how
    consent: Text | None = Field(default=None, exclude_if=is_none)  # how the person represented agreed to it


class SatisfactionConfirmed(_Fact):
    """The answer to a decision; `satisfied: false` is the dispute, `text` says what was missing.

    With `action` it is the answer to that promise alone: whether it was kept.
    """

    satisfied: bool
    rating: Score | None = None
    text: Text | None = None
    decision: Annotated[int, Field(ge=1)] | None = None  # the last one when left out
    action: Annotated[int, Field(ge=1)] | None = Field(default=None, exclude_if=is_none)


class ComplainantWithdrew(_Fact):
    text: Text | None = None


class SurveyAnswered(_Fact):
    """The answer to the survey after closing, in whole or in part; scores from 1 (bad) to 5 (good).

    `outcome` and `handling` are about the result and, apart from it, about how it was dealt with (ISO 10002:2018, 8.3),
    `effort` is about how easy it was. `solved: false`: the problem has come back. `stop`: no more such questions.
    """

    outcome: Score | None = None
    handling: Score | None = None
    effort: Score | None = None
    solved: bool | None = None
    text: Text | None = None
    stop: bool = Field(default=False, exclude_if=is_empty)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.stop and not self.answers:
            raise ValueError("nothing is answered; give a score, `solved`, `text` or `stop`")
        return self

    @property
    def answers(self) -> bool:
        """Whether a question is answered; words that come with a `stop` alone belong to that."""
        return bool(self.scores) or self.solved is not None or (self.text is not None and not self.stop)

    @property
    def scores(self) -> dict[str, int]:
        """The scores that are given, by their questions."""
        given = {"outcome": self.outcome, "handling": self.handling, "effort": self.effort}
        return {name: score for name, score in given.items() if score is not None}


class FactReported(_Fact):
    """A backend service reports something that happened: delivered, returned, refunded, bounced."""

    fact: Annotated[str, Field(min_length=1, max_length=100)]
    source: Annotated[str, Field(min_length=1, max_length=100)] = "service"
    details: Details = {}


class Unreadable(Tolerant):
    """A message that could not be read: which one, and which field was wrong; never its content."""

    message_id: Key
    name: str
    field: str
    problem: str


ComplainantMessage = ComplainantReplied | SatisfactionConfirmed | ComplainantWithdrew | SurveyAnswered
SIGNALS: dict[str, type[_Fact]] = {
    "complainant_replied": ComplainantReplied,
    "satisfaction_confirmed": SatisfactionConfirmed,
    "complainant_withdrew": ComplainantWithdrew,
    "fact_reported": FactReported,
    "survey_answered": SurveyAnswered,
}


def message_id_of(raw: Any) -> str | None:
    """The id of a message that could not be read otherwise, if it is one."""
    longest = 200
    found = raw.get("message_id") or raw.get("key") if isinstance(raw, dict) else None
    return found if isinstance(found, str) and 0 < len(found) <= longest else None
