"""What is said to the complainant and heard from them."""

from typing import Annotated, Literal

from pydantic import Field

from complaints.messages.commands.base import Command, Line, Score
from complaints.messages.intake import Address, Details, Files, Name, Phone, Text
from complaints.model import Instant, is_none
from complaints.vocabulary import Channel, Language


class Respond(Command):
    act: Literal["respond"] = "respond"
    text: Text


class SendUpdate(Command):
    act: Literal["send_update"] = "send_update"
    text: Text


class RequestInformation(Command):
    act: Literal["request_information"] = "request_information"
    text: Text


class RecordReply(Command):
    """On the complainant's behalf; `how` says how it was given."""

    act: Literal["record_reply"] = "record_reply"
    text: Text
    how: Line
    details: Details = {}
    evidence: Files = ()


class RecordConfirmation(Command):
    """The complainant's answer to a decision, or with `action` to a promise that we say is kept; `how` it was given."""

    act: Literal["record_confirmation"] = "record_confirmation"
    satisfied: bool
    how: Line
    rating: Score | None = None
    text: Text | None = None
    decision: Annotated[int, Field(ge=1)] | None = None
    action: Annotated[int, Field(ge=1)] | None = Field(default=None, exclude_if=is_none)


class RecordSurvey(Command):
    """The answers to the survey after closing, each from 1 to 5; as `SurveyAnswered`."""

    act: Literal["record_survey"] = "record_survey"
    how: Line
    outcome: Score | None = None
    handling: Score | None = None
    effort: Score | None = None
    solved: bool | None = None
    text: Text | None = None
    stop: bool = False


class RecordWithdrawal(Command):
    act: Literal["record_withdrawal"] = "record_withdrawal"
    how: Line
    reason: Text | None = None


class Amend(Command):
    """Correct the complainant's contact, language or channel, or record their consent to being represented."""

    act: Literal["amend"] = "amend"
    name: Name | None = None
    email: Address | None = None
    phone: Phone | None = None
    language: Language | None = None
    preferred_channel: Channel | None = None
    consent: Text | None = None  # how it was given
    consent_at: Instant | None = None  # and when; now when left out
