"""Search attributes and summary with which a case starts; from then on the workflow keeps them. Nothing personal."""

from typing import Any

from temporalio.common import SearchAttributePair, TypedSearchAttributes

from complaints.messages import StartComplaint
from complaints.messages.duties import Standing
from complaints.vocabulary import Severity
from workflows.attributes import KEYS, values_of


def attributes_as_of(standing: Standing) -> TypedSearchAttributes:
    """Those of a case that goes on."""
    return _typed(values_of(standing))


def summary_of(start: StartComplaint) -> str:
    """One line for Temporal's Web UI: channel, category, severity and policy."""
    intake, pack = start.intake, start.plan.rules.pack
    return _line(intake.channel, intake.category or "to be assessed", _severity(start), pack)


def summary_as_of(standing: Standing) -> str:
    return _line(standing.channel, standing.category or "to be assessed", standing.severity, standing.pack, "archived")


def _severity(start: StartComplaint) -> Severity:
    intake, rules = start.intake, start.plan.rules
    category = rules.categories.get(intake.category or "")
    return intake.severity or (category.severity if category else None) or rules.default_severity


def _typed(values: dict[str, Any]) -> TypedSearchAttributes:
    keys = {key.name: key for key in KEYS}
    return TypedSearchAttributes(
        [SearchAttributePair(keys[name], value) for name, value in values.items() if value is not None]
    )


def _line(*words: str) -> str:
    return " · ".join(str(word) for word in words)[:200]
