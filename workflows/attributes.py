"""Search attributes (DESIGN, section 10): what operators look for in Temporal. No free text, and never over a limit.

A value over its limit would terminate the workflow; one that the visibility store cannot keep would wedge it.
"""

from datetime import datetime
from typing import Any

from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    SearchAttributeUpdate,
    TypedSearchAttributes,
)

from complaints.case import Case
from complaints.messages import StartComplaint
from complaints.messages.duties import Standing

STATUS = SearchAttributeKey.for_keyword("ComplaintStatus")
SEVERITY = SearchAttributeKey.for_keyword("ComplaintSeverity")
CATEGORY = SearchAttributeKey.for_keyword("ComplaintCategory")
CHANNEL = SearchAttributeKey.for_keyword("ComplaintChannel")
OWNER = SearchAttributeKey.for_keyword("ComplaintOwner")
POLICY = SearchAttributeKey.for_keyword("ComplaintPolicy")
TIER = SearchAttributeKey.for_int("ComplaintTier")
NEXT_DUE = SearchAttributeKey.for_datetime("ComplaintNextDue")
BREACHED = SearchAttributeKey.for_keyword_list("ComplaintBreached")

KEYS: tuple[SearchAttributeKey[Any], ...] = (
    STATUS, SEVERITY, CATEGORY, CHANNEL, OWNER, POLICY, TIER, NEXT_DUE, BREACHED,
)  # fmt: skip
# How Temporal's tools name the types: Keyword, Int, Datetime, KeywordList.
KINDS: dict[str, str] = {
    key.name: "".join(word.capitalize() for word in key.indexed_value_type.name.split("_")) for key in KEYS
}
Values = dict[str, Any]

_KEYWORD = 255  # characters: VARCHAR(255) in PostgreSQL
_LIST = 1_500  # bytes: the server ends a workflow at 2 KiB


def keyword(value: str) -> str:
    """A value that every visibility store can keep."""
    value = value[:_KEYWORD]
    return value if value.isprintable() else "".join(c if c.isprintable() else "?" for c in value)


def keywords(values: tuple[str, ...]) -> list[str]:
    """As many as fit."""
    kept, size = [], 0
    for value in map(keyword, values):
        size += len(value.encode()) + 3
        if size > _LIST:
            break
        kept.append(value)
    return kept


def values_of(standing: Standing) -> Values:
    """The values by name; None where there is none. Instants in whole seconds, as they are printed."""
    due = standing.next_due_at
    return {
        STATUS.name: keyword(standing.status),
        SEVERITY.name: keyword(standing.severity),
        CATEGORY.name: keyword(standing.category) if standing.category else None,
        CHANNEL.name: keyword(standing.channel),
        OWNER.name: keyword(standing.owner),
        POLICY.name: keyword(f"{standing.pack}@{standing.policy_version}"),
        TIER.name: standing.tier_level,
        NEXT_DUE.name: due.replace(microsecond=0) if due else None,
        BREACHED.name: keywords(standing.breached) or None,
    }


def initial(start: StartComplaint, now: datetime) -> TypedSearchAttributes:
    """What `starter` gives with the start, so that the first task need not: the case is pure, it opens anywhere."""
    case, _ = Case.open(start, now + start.clock_shift, chained=False)
    values = values_of(case.standing())
    pairs = [SearchAttributePair(key, values[key.name]) for key in KEYS if values[key.name] is not None]
    return TypedSearchAttributes(pairs)


def values_in(attributes: TypedSearchAttributes) -> Values:
    """What Temporal has: continue-as-new keeps it."""
    found = {pair.key.name: pair.value for pair in attributes}
    return {key.name: list(v) if isinstance(v := found.get(key.name), list | tuple) else v for key in KEYS}


def updates(before: Values, after: Values) -> list[SearchAttributeUpdate[Any]]:
    """What must be told to get from one to the other: only what changed."""
    return [
        key.value_unset() if after[key.name] is None else key.value_set(after[key.name])
        for key in KEYS
        if before.get(key.name) != after[key.name]
    ]
