"""Reading an intake: whatever channel or service brings it, it is cleaned and checked before anything is stored."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from complaints.errors import BadInput
from complaints.messages.intake import Intake
from complaints.model import read
from complaints.policy import Policy

AHEAD = timedelta(minutes=2)  # how far the clocks of two honest machines may be apart
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LARGEST = 200_000  # bytes of JSON, far below what one Temporal payload may hold


def read_intake(raw: Intake | Mapping[str, Any] | str | bytes, policy: Policy, now: datetime) -> Intake:
    """Return a checked intake; `received_at` stays empty where none was given. Raises `BadInput` naming the field."""
    intake = raw if isinstance(raw, Intake) else read(Intake, raw)
    _check_category(intake, policy)
    _check_receipt(intake, now)
    if len(intake.model_dump_json()) > LARGEST:
        raise BadInput("too large", field="details", remedy="keep documents elsewhere and give their address")
    return _in_a_known_language(intake, policy)


def _check_category(intake: Intake, policy: Policy) -> None:
    if intake.category is not None and intake.category not in policy.categories:
        remedy = f"use one of {', '.join(policy.categories)}, or leave it out for an agent to assess"
        raise BadInput(f"not a category of the policy {policy.pack}", field="category", remedy=remedy)


def _check_receipt(intake: Intake, now: datetime) -> None:
    if intake.received_at is None:
        return
    if intake.received_at > now + AHEAD:
        raise BadInput(
            "in the future", field="received_at", remedy="give the instant at which it arrived, or leave it out"
        )
    if intake.received_at < EARLIEST:
        raise BadInput(f"before {EARLIEST.year}", field="received_at", remedy="check the year")


def _in_a_known_language(intake: Intake, policy: Policy) -> Intake:
    """A complaint in a language that the policy has no texts for is answered in its first one."""
    if intake.complainant.language in policy.languages:
        return intake
    complainant = intake.complainant.model_copy(update={"language": policy.languages[0]})
    return intake.model_copy(update={"complainant": complainant})
