"""The texts of a pack as they are written: notices and words of each language, read once and checked whole.

A template holds plain `{name}` places and nothing else: no attribute, no format, no condition. A paragraph with an
empty place is left out; written as a list of alternatives, the first that can be filled is taken.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from string import Formatter
from typing import Any

from pydantic import TypeAdapter, ValidationError

from complaints.errors import BadPolicy, NotFound
from complaints.model import Frozen, merged
from complaints.policy_problems import Problem
from complaints.vocabulary import (
    HOUSE_LANGUAGES,
    Cause,
    Channel,
    ClosingReason,
    Language,
    Metric,
    Occasion,
    Outcome,
    ReopeningReason,
    Severity,
    Status,
)
from policies.files import read_mapping
from policies.places import locate

PLACES = frozenset(
    {
        "reference", "at", "number", "promised_at", "answer_by", "review_at", "due_at", "limit", "limit_at", "words",
        "reason", "change", "outcome", "remedies", "steps", "missing", "bodies", "actions", "category", "severity",
        "metric", "fraction", "tier", "cause", "actor", "cases", "parts", "link", "link_yes", "link_no",
        "survey", "survey_stop",
    }
)  # fmt: skip
DURATIONS = (
    "seconds", "minutes", "hours", "days", "weeks", "business_minutes", "business_hours", "working_days",
    "calendar_days",
)  # fmt: skip
CHANGES = ("extension", "hold", "pause", "reassessed", "reopened", "dispute", "replan", "conversion")
VERIFIED = ("contact", "customer_number", "consent")  # what verification can ask for beside what a category needs
Paragraph = str | tuple[str, ...]
Pieces = tuple[tuple[str, str | None], ...]


class Text(Frozen):
    """A notice as it is written."""

    subject: str
    body: tuple[Paragraph, ...]


class Words(Frozen):
    """How a language names what the code names, and how it writes dates and money."""

    greeting: str
    greeting_named: str  # with the complainant's name in place of `{name}`
    signature: str
    follow: str  # before the signature, where there is a page to follow the case on, in place of `{link}`
    agent_greeting: str
    agent_signature: str
    date: str
    money: str
    duration: dict[str, tuple[str, str]]  # for one, for several; `{n}` is the number
    status: dict[Status, str]
    channel: dict[Channel, str]
    language: dict[Language, str]
    metric: dict[Metric, str]
    severity: dict[Severity, str]
    outcome: dict[Outcome, str]
    closing_reason: dict[ClosingReason, str]
    reopening_reason: dict[ReopeningReason, str]
    cause: dict[Cause, str]
    change: dict[str, str]
    reason: dict[str, str] = {}  # the policy's own words for extensions and the like
    detail: dict[str, str] = {}  # what a category needs
    body: dict[str, str] = {}  # outside bodies in full


GROUPS: Mapping[str, Iterable[str]] = {
    "status": Status,
    "channel": Channel,
    "language": HOUSE_LANGUAGES,
    "metric": Metric,
    "severity": Severity,
    "outcome": Outcome,
    "closing_reason": ClosingReason,
    "reopening_reason": ReopeningReason,
    "cause": Cause,
    "change": CHANGES,
    "duration": DURATIONS,
    "detail": VERIFIED,
}
_NOTICES: TypeAdapter[dict[Occasion, Text]] = TypeAdapter(dict[Occasion, Text])


class Part(StrEnum):
    NOTICES = "notices"
    WORDS = "words"


@dataclass(frozen=True)
class Book:
    """The texts of a pack, as far as they can be read; `problems` says what cannot."""

    version: str
    notices: dict[str, dict[Occasion, Text]]
    words: dict[str, Words]
    problems: tuple[Problem, ...]


@lru_cache(64)
def read_book(texts: str) -> Book:
    """Return the texts of a pack, with those of the pack it extends beneath. Raises `BadPolicy` if there are none."""
    raw = _raw(texts, ())
    notices: dict[str, dict[Occasion, Text]] = {}
    words: dict[str, Words] = {}
    problems: list[Problem] = []
    for language, parts in raw.items():
        try:
            notices[language] = _NOTICES.validate_python(parts.get(Part.NOTICES, {}))
        except ValidationError as error:
            problems += _unreadable(f"texts.{language}.notices", error)
        try:
            words[language] = Words.model_validate(parts.get(Part.WORDS, {}))
        except ValidationError as error:
            problems += _unreadable(f"texts.{language}.words", error)
    digest = hashlib.sha256(json.dumps(raw, sort_keys=True, default=str).encode()).hexdigest()
    return Book(digest[:12], notices, words, tuple(problems))


def _raw(texts: str, extending: tuple[str, ...]) -> dict[str, Any]:
    try:
        folder = locate(texts)
    except NotFound as error:
        raise BadPolicy(f"there is no pack `{texts}`", field="texts", remedy=error.remedy) from None
    base = read_mapping(folder / "policy.yaml").get("extends") if folder.is_dir() else None
    beneath = {}
    if isinstance(base, str) and texts not in extending:
        beneath = _raw(str(locate(base, beside=folder)), (*extending, texts))
    own = {
        path.name: {part: read_mapping(path / f"{part}.yaml") for part in Part if (path / f"{part}.yaml").exists()}
        for path in sorted((folder / "texts").glob("*"))
        if path.is_dir()
    }
    return merged(beneath, own)


def _unreadable(field: str, error: ValidationError) -> Iterator[Problem]:
    for one in error.errors(include_url=False, include_input=False):
        place = ".".join(str(part) for part in one["loc"] if part != "[key]")
        missing = one["type"] == "missing"
        problem = "the text is missing" if missing else one["msg"]
        yield Problem(f"{field}.{place}", problem, "add it" if missing else "correct it, or remove the key")


def pieces(template: str) -> Pieces:
    """Return a template as (text, place) pairs. Raises `ValueError` for anything but plain places."""
    found = []
    for text, place, form, conversion in Formatter().parse(template):
        if form or conversion or (place is not None and not place.isidentifier()):
            raise ValueError("a place is a plain {name}, without attribute, index or format")
        found.append((text, place))
    return tuple(found)


def alternatives(paragraph: Paragraph) -> tuple[str, ...]:
    return (paragraph,) if isinstance(paragraph, str) else paragraph
