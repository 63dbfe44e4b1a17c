"""Taking a reference for a key in PostgreSQL: the one place where the same (channel, key) is the same case for ever."""

import hashlib
import json
from datetime import datetime

from complaints.errors import BadInput, Refused
from complaints.messages.intake import Intake
from complaints.reference import reference_for
from database import intakes
from database.intakes import Claim
from database.pool import Pool, connection

SALTS = 16  # two keys share a reference once in 10^18 pairs; sixteen in a row mean a defect


def digest(intake: Intake) -> str:
    """Tell a repetition from another complaint. The receipt is left out: a repeated message has the first one's."""
    body = intake.model_dump(mode="json", exclude={"channel", "key", "received_at"})
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


async def claim(pool: Pool, intake: Intake, now: datetime) -> Claim:
    """Return the claim of this key, taken now or earlier. Raises `Refused` if the key belongs to another complaint."""
    for salt in range(SALTS):
        wanted = Claim(
            channel=intake.channel,
            key=intake.key,
            reference=reference_for(intake.channel, intake.key, salt=salt),
            salt=salt,
            digest=digest(intake),
            company=intake.company,
            created_at=now,
        )
        async with connection(pool) as conn:  # one statement, and one wait for the disk
            held = await intakes.claim(conn, wanted)
        if held is None:
            continue  # the reference belongs to another key: never merged
        if held.digest != wanted.digest:
            raise Refused(
                f"this key belongs to {held.reference}, a complaint with another content",
                field="key",
                remedy="give each complaint a key of its own; to add to the first, send a reply",
            )
        return held
    raise BadInput("no reference is free for this key", field="key", remedy="give it another key, and report this")
