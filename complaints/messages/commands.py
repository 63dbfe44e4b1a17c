"""`AgentCommand`: everything an agent can do to a case, one closed union told apart by `act`."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError, WithJsonSchema

from complaints.errors import BadInput
from complaints.messages.intake import Address, Details, Files, Key, Name, Phone, Text, clean_text
from complaints.model import Frozen, Instant, bad_input
from complaints.plan import PackedPlan
from complaints.targets import Target
from complaints.vocabulary import (
    ActionKind,
    CauseCategory,
    Channel,
    ClosingReason,
    Language,
    Metric,
    Outcome,
    ReopeningReason,
    Role,
    RootCauseMethod,
    Severity,
)

Word = Annotated[str, Field(min_length=1, max_length=100)]
Line = Annotated[str, Field(min_length=1, max_length=2_000), AfterValidator(clean_text)]
Score = Annotated[int, Field(ge=1, le=5)]
PlanOfReplan = Annotated[
    PackedPlan, WithJsonSchema({"type": "string", "description": "a plan, packed; left out, the policy is resolved"})
]


class Actor(Frozen):
    """Who did it: an id without personal data, and the role in which it was done."""

    id: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\w.@:+-]+$")]
    role: Role = Role.AGENT


class _Command(Frozen):
    """`based_on`: the sequence of the case that the sender saw. Refused if something has happened to it since."""

    key: Key
    actor: Actor
    based_on: Annotated[int, Field(ge=1)] | None = Field(default=None, exclude_if=lambda sequence: sequence is None)


class Verify(_Command):
    """The contact is proven and what the category needs is there."""

    act: Literal["verify"] = "verify"
    note: Line | None = None


class Assess(_Command):
    act: Literal["assess"] = "assess"
    category: Word | None = None
    severity: Severity | None = None
    note: Line | None = None


class Assign(_Command):
    """Give the case to a handler or a team; not counted as a transfer."""

    act: Literal["assign"] = "assign"
    to: Word  # `agent:ID`, `team:NAME`, or a bare agent id


class Transfer(_Command):
    """A handler hands the case over, with a note; counted, and limited by the policy."""

    act: Literal["transfer"] = "transfer"
    to: Word
    note: Line


class Respond(_Command):
    act: Literal["respond"] = "respond"
    text: Text


class SendUpdate(_Command):
    act: Literal["send_update"] = "send_update"
    text: Text


class RequestInformation(_Command):
    act: Literal["request_information"] = "request_information"
    text: Text


class Hold(_Command):
    """Wait for a third party until the review date."""

    act: Literal["hold"] = "hold"
    reason: Line
    review_at: Instant | None = None  # the policy's longest hold when left out
    party: Word | None = None


class Resume(_Command):
    act: Literal["resume"] = "resume"
    note: Line | None = None


class Escalate(_Command):
    act: Literal["escalate"] = "escalate"
    reason: Line
    to: Word | None = None  # a higher tier's name; the next one up when left out


class DeEscalate(_Command):
    act: Literal["de_escalate"] = "de_escalate"
    reason: Line
    to: Word | None = None  # a lower tier's name; the next one down when left out


class Note(_Command):
    act: Literal["note"] = "note"
    text: Text


class RecordStep(_Command):
    act: Literal["record_step"] = "record_step"
    step: Word
    note: Line | None = None


class Attach(_Command):
    """Evidence is kept outside Temporal; the case holds its digest."""

    act: Literal["attach"] = "attach"
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    name: Name
    media_type: Annotated[str, Field(max_length=100, pattern=r"^[\w.+-]+/[\w.+-]+$")] = "application/octet-stream"
    size: Annotated[int, Field(ge=0)] = 0


_OUTCOMES = {"partly": "partly_upheld", "not": "not_upheld"}


class Remedy(Frozen):
    """What is offered: a solution from the category's catalogue, its cost in whole currency units."""

    solution: Word
    detail: Line | None = None
    cost: Annotated[int, Field(ge=0)] = 0


class Decide(_Command):
    """The decision on the complaint. Above the category's approval limit it is proposed, not communicated."""

    act: Literal["decide"] = "decide"
    outcome: Annotated[Outcome, BeforeValidator(lambda v: _OUTCOMES.get(v, v) if isinstance(v, str) else v)]
    reasons: Text
    findings: Text | None = None
    remedies: tuple[Remedy, ...] = ()

    @property
    def cost(self) -> int:
        return sum(remedy.cost for remedy in self.remedies)


class Approve(_Command):
    act: Literal["approve"] = "approve"
    note: Line | None = None


class Decline(_Command):
    act: Literal["decline"] = "decline"
    reason: Line


class Why(Frozen):
    """One answer of a chain of whys, with what shows that it is so."""

    why: Line
    answer: Line
    evidence: Line | None = None


class RecordRootCause(_Command):
    act: Literal["record_root_cause"] = "record_root_cause"
    method: RootCauseMethod = RootCauseMethod.FIVE_WHYS
    category: CauseCategory
    cause: Line
    whys: tuple[Why, ...] = ()
    fishbone_class: Word | None = None
    evidence: Line | None = None
    corrective_action: Line | None = None
    effective: bool | None = None  # said later: did the corrective action work


class RecordEvaluation(_Command):
    act: Literal["record_evaluation"] = "record_evaluation"
    speed: Score | None = None
    solution: Score | None = None
    communication: Score | None = None
    note: Line | None = None


class Extend(_Command):
    """Move a clock by the policy's extension, for one of its closed list of reasons."""

    act: Literal["extend"] = "extend"
    metric: Metric = Metric.RESOLUTION
    reason: Word
    note: Line | None = None


class AddAction(_Command):
    """Promise something: who owes it, and by when (an instant, or a target from now; else the policy's)."""

    act: Literal["add_action"] = "add_action"
    description: Line
    kind: ActionKind = ActionKind.PROMISE
    owner: Word | None = None
    due_at: Instant | None = None
    within: Target | None = None


class CompleteAction(_Command):
    act: Literal["complete_action"] = "complete_action"
    action: Annotated[int, Field(ge=1)]
    note: Line | None = None


class RecordReply(_Command):
    """On the complainant's behalf; `how` says how it was given."""

    act: Literal["record_reply"] = "record_reply"
    text: Text
    how: Line
    details: Details = {}
    evidence: Files = ()


class RecordConfirmation(_Command):
    act: Literal["record_confirmation"] = "record_confirmation"
    satisfied: bool
    how: Line
    rating: Score | None = None
    text: Text | None = None
    decision: Annotated[int, Field(ge=1)] | None = None


class RecordWithdrawal(_Command):
    act: Literal["record_withdrawal"] = "record_withdrawal"
    how: Line
    reason: Text | None = None


class Amend(_Command):
    """Correct the complainant's contact, language or channel, or record their consent to being represented."""

    act: Literal["amend"] = "amend"
    name: Name | None = None
    email: Address | None = None
    phone: Phone | None = None
    language: Language | None = None
    preferred_channel: Channel | None = None
    consent: Text | None = None  # how it was given
    consent_at: Instant | None = None  # and when; now when left out


class Close(_Command):
    """Only as incomplete, duplicate, referred or out of scope: the others come from the complainant or a clock."""

    act: Literal["close"] = "close"
    reason: ClosingReason
    explanation: Text


class Reopen(_Command):
    act: Literal["reopen"] = "reopen"
    reason: ReopeningReason
    text: Line


class Refer(_Command):
    """Hand the complaint to an outside body, and close it as referred."""

    act: Literal["refer"] = "refer"
    to: Word
    explanation: Text


class Merge(_Command):
    """Go on with this complaint under another one: that case is asked, and this one closes once it has agreed."""

    act: Literal["merge"] = "merge"
    into: Word


class Unmerge(_Command):
    """Undo a merge: the case is opened again under its own reference, and keeps what is said to it."""

    act: Literal["unmerge"] = "unmerge"
    reason: Line


class Replan(_Command):
    """Put the case under another policy, or a newer version of its own."""

    act: Literal["replan"] = "replan"
    policy: Annotated[str, Field(min_length=1, max_length=500)]  # a pack by name or path, as the sender knows it
    reason: Line
    plan: PlanOfReplan | None = None  # what the policy means for this very case; `starter` resolves it


AgentCommand = Annotated[
    Verify
    | Assess
    | Assign
    | Transfer
    | Respond
    | SendUpdate
    | RequestInformation
    | Hold
    | Resume
    | Escalate
    | DeEscalate
    | Note
    | RecordStep
    | Attach
    | Decide
    | Approve
    | Decline
    | RecordRootCause
    | RecordEvaluation
    | Extend
    | AddAction
    | CompleteAction
    | RecordReply
    | RecordConfirmation
    | RecordWithdrawal
    | Amend
    | Close
    | Reopen
    | Refer
    | Merge
    | Unmerge
    | Replan,
    Field(discriminator="act"),
]

COMMANDS: TypeAdapter[AgentCommand] = TypeAdapter(AgentCommand)
_SPELLINGS = {"deescalate": "de_escalate", "re_plan": "replan", "request_info": "request_information"}


def read_command(raw: Any) -> AgentCommand:
    """A command from outside. Raises `BadInput` naming the field; hyphens and spaces in `act` are accepted."""
    if isinstance(raw, dict) and isinstance(raw.get("act"), str):
        act = raw["act"].strip().lower().replace("-", "_").replace(" ", "_")
        raw = {**raw, "act": _SPELLINGS.get(act, act)}
    try:
        if isinstance(raw, (str, bytes)):
            return COMMANDS.validate_json(raw)
        return COMMANDS.validate_python(raw)
    except ValidationError as error:
        problem = bad_input(error)
        head, _, rest = problem.field.partition(".")  # the union's tag is not a field of the sender's
        field = rest or ("act" if not problem.field else head)
        raise BadInput(problem.problem, field=field, remedy=problem.remedy) from None
