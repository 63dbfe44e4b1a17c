"""What complainants and other services say to a case, as `starter.client.Tuntas` brings it: facts, never refused."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import JsonValue
from temporalio.client import Client

from complaints import messages
from complaints.messages.intake import Evidence
from complaints.messages.signals import (
    ComplainantReplied,
    ComplainantWithdrew,
    FactReported,
    SatisfactionConfirmed,
    SurveyAnswered,
)
from complaints.model import read
from complaints.vocabulary import Channel, KnownFact, Proof
from database.pool import Pool
from starter.evidence import link
from starter.references import one_of, read_reference
from starter.telling import Telling


class Saying:
    """The part of a connection that tells cases what happened. Each key counts once, however often it is told."""

    def __init__(self, client: Client, pool: Pool | None, *, within: float) -> None:
        self.client = client
        self._pool = pool
        self._telling = Telling(client, pool, within=within)

    async def reply(
        self, reference: str, *, key: str, text: str, channel: Channel | str | None = None,
        details: Mapping[str, JsonValue] | None = None, evidence: Sequence[Evidence] = (),
        proof: Proof | str | None = None, consent: str | None = None, at: datetime | None = None,
    ) -> None:  # fmt: skip
        """Bring what the complainant wrote. On an archived case it is kept, and offered to its last team.

        `proof` says how it shows that the contact is theirs, such as `reply`: our message was answered from the address
        itself. `consent` is how the person whom somebody speaks for has agreed to it.
        """
        said = {
            "message_id": key, "text": text, "channel": channel, "details": dict(details or {}),
            "evidence": tuple(evidence), "proof": proof, "consent": consent, "at": at,
        }  # fmt: skip
        await self._tell(reference, messages.COMPLAINANT_REPLIED, read(ComplainantReplied, said))
        await link(self._pool, read_reference(reference), evidence, _now())

    async def confirm(
        self, reference: str, *, key: str, satisfied: bool, rating: int | None = None, text: str | None = None,
        decision: int | None = None, action: int | None = None, at: datetime | None = None,
    ) -> None:  # fmt: skip
        """Bring the complainant's answer to a decision, the last one unless named; `satisfied=False` is the dispute.

        With `action` it is the answer to that promise alone: whether it was kept.
        """
        said = {
            "message_id": key, "satisfied": satisfied, "rating": rating, "text": text, "decision": decision,
            "action": action, "at": at,
        }  # fmt: skip
        await self._tell(reference, messages.SATISFACTION_CONFIRMED, read(SatisfactionConfirmed, said))

    async def survey(
        self, reference: str, *, key: str, outcome: int | None = None, handling: int | None = None,
        effort: int | None = None, solved: bool | None = None, text: str | None = None, stop: bool = False,
        at: datetime | None = None,
    ) -> None:  # fmt: skip
        """Bring what the complainant answers after closing, or that they want to be asked no more (`stop`).

        Scores go from 1 to 5; `solved=False`: the problem has come back.
        """
        said = {
            "message_id": key, "outcome": outcome, "handling": handling, "effort": effort, "solved": solved,
            "text": text, "stop": stop, "at": at,
        }  # fmt: skip
        await self._tell(reference, messages.SURVEY_ANSWERED, read(SurveyAnswered, said))

    async def withdraw(self, reference: str, *, key: str, text: str | None = None, at: datetime | None = None) -> None:
        said = {"message_id": key, "text": text, "at": at}
        await self._tell(reference, messages.COMPLAINANT_WITHDREW, read(ComplainantWithdrew, said))

    async def report_fact(
        self, reference: str, *, key: str, fact: str, source: str = "service",
        details: Mapping[str, JsonValue] | None = None, at: datetime | None = None,
    ) -> None:  # fmt: skip
        """Report something that happened elsewhere: delivered, returned, refunded, bounced."""
        said = {"message_id": key, "fact": fact, "source": source, "details": dict(details or {}), "at": at}
        await self._tell(reference, messages.FACT_REPORTED, read(FactReported, said))

    async def contact_proven(
        self, reference: str, channel: Channel | str, *, by: Proof | str = Proof.LINK, key: str, source: str = "contact"
    ) -> None:
        """Tell the case that the contact on a channel is the complainant's: a signed link that went there was used."""
        details = {"channel": str(one_of(Channel, channel, "channel")), "by": str(one_of(Proof, by, "by"))}
        await self.report_fact(reference, key=key, fact=KnownFact.CONTACT_PROVEN, source=source, details=details)

    async def _tell(self, reference: str, name: str, message: Any) -> None:
        await self._telling.tell(read_reference(reference), name, message)


def _now() -> datetime:
    return datetime.now(UTC)
