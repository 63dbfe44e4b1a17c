"""The closed enumerations of complaint handling. Their values are what is stored, printed and searched for."""

from complaints.vocabulary.cases import (
    AGENT_CLOSING_REASONS,
    Cause,
    Channel,
    ClosingReason,
    Customer,
    Form,
    Lane,
    Need,
    Outcome,
    Proof,
    ReopeningReason,
    Role,
    Severity,
    Status,
)
from complaints.vocabulary.causes import (
    ActionKind,
    CauseCategory,
    FishboneClass,
    PromiseAnswer,
    RootCauseMethod,
    Weakness,
)
from complaints.vocabulary.clocks import METRIC_ORDER, ClockState, MetBy, Metric, OnDue, Renewal
from complaints.vocabulary.entries import Kind, KnownFact
from complaints.vocabulary.evaluation import Dimension, ReviewCause
from complaints.vocabulary.language import HOUSE_LANGUAGES, Language
from complaints.vocabulary.notices import Occasion
from complaints.vocabulary.surveys import OnReturn, Surveying

__all__ = [
    "AGENT_CLOSING_REASONS",
    "HOUSE_LANGUAGES",
    "METRIC_ORDER",
    "ActionKind",
    "Cause",
    "CauseCategory",
    "Channel",
    "ClockState",
    "ClosingReason",
    "Customer",
    "Dimension",
    "FishboneClass",
    "Form",
    "Kind",
    "KnownFact",
    "Lane",
    "Language",
    "MetBy",
    "Metric",
    "Need",
    "Occasion",
    "OnDue",
    "OnReturn",
    "Outcome",
    "PromiseAnswer",
    "Proof",
    "Renewal",
    "ReopeningReason",
    "ReviewCause",
    "Role",
    "RootCauseMethod",
    "Severity",
    "Status",
    "Surveying",
    "Weakness",
]
