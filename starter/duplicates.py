"""Possible duplicates of a complaint, whether it is filed already or only about to be."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from complaints.errors import BadInput, NotFound
from complaints.messages.duties import DuplicateSearch
from complaints.messages.intake import Complainant, Intake
from complaints.model import Personal, made
from complaints.policy import DuplicateRules, Policy
from complaints.reference import reference_for
from database import complaints, duplicates
from database.duplicates import PossibleDuplicate
from database.pool import Pool, connection
from starter import rpc
from starter.intake import read_intake
from starter.references import read_reference

MOST = 50


async def possible_duplicates(
    pool: Pool, policy: Policy, what: Intake | Mapping[str, Any] | str, limit: int, now: datetime
) -> tuple[PossibleDuplicate, ...]:
    """Find what may be the same matter as an intake or the complaint of a reference. Raises `BadInput`, `NotFound`."""
    if not 1 <= limit <= MOST:
        raise BadInput(f"not between 1 and {MOST}", field="limit", remedy="ask for fewer: the likeliest come first")
    rules = policy.duplicates or DuplicateRules()  # asked for, it is searched for by any policy
    async with rpc.postgres(), connection(pool) as conn:
        if isinstance(what, str):
            search = _of_case(await complaints.get(conn, read_reference(what)), rules)
        else:
            search = _of_intake(read_intake(what, policy, now), rules, now)
        return await duplicates.find(conn, search, until=now, limit=limit)


def _of_intake(intake: Intake, rules: DuplicateRules, now: datetime) -> DuplicateSearch:
    """Without what was made of this very intake, should it be filed already."""
    return DuplicateSearch(
        reference=reference_for(intake.channel, intake.key),
        company=intake.company,
        complainant=intake.complainant,
        text=intake.text,
        received_at=intake.received_at or now,
        rules=rules,
    )


def _of_case(row: complaints.ComplaintRecord | None, rules: DuplicateRules) -> DuplicateSearch:
    if row is None:
        raise NotFound("it is not recorded", field="reference", remedy="check it, or ask again in a moment")
    who = made(Complainant, name=row.contact_name, email=row.contact_email, phone=row.contact_phone)
    return DuplicateSearch(
        reference=row.reference,
        company=row.company,
        complainant=who,
        text=row.problem or Personal(""),
        received_at=row.received_at,
        rules=rules,
    )
