"""Opening a case by its link: what the link says, whether it still counts, and the case as it stands."""

from dataclasses import dataclass
from functools import cached_property

from starlette.requests import Request

from channels.case_links import LIFE
from channels.signing import Link, Purpose
from complaints.errors import BadInput, Unreachable
from complaints.messages.view import CaseView
from complaints.policy import Policy
from complaints.vocabulary import Channel, Kind, KnownFact, Need, Status
from database import complaints, links
from database.complaints import ComplaintRecord
from database.pool import transaction
from policies.texts import Texts
from starter import rpc
from telemetry import context
from web.public.guarding import LinkProblem
from web.public.voice import voice
from web.services import Services, services

_OPENS = (Purpose.FOLLOW, Purpose.RECEIPT)
_ADDRESSES = frozenset({"email", "phone"})
_ENDED = (Status.CLOSED, Status.ARCHIVED)
_CONSENT = "consent"  # as it is named among what is missing


@dataclass(frozen=True)
class Opened:
    """A case that a link opens. `row` is None as long as its first record is on the way."""

    here: Services
    token: str
    link: Link
    row: ComplaintRecord | None

    @property
    def reference(self) -> str:
        return self.link.reference

    @property
    def address(self) -> str:
        """The path of its pages, without the language."""
        return f"/case/{self.token}"

    @cached_property
    def voice(self) -> tuple[Policy, Texts]:
        return voice(self.row.pack if self.row else None, self.here.tuntas.policy)

    async def view(self) -> CaseView:
        """Return the case as it stands, and note that its contact is proven if this link came with a message."""
        seen = await self.here.tuntas.view(self.reference)
        await self._prove(seen)
        return seen

    def withheld(self, seen: CaseView) -> bool:
        """Whether whom they speak for has yet to agree: until then a representative learns nothing of the content.

        Asked is the policy as it stands, and what the case has asked for by the one it is pinned to.
        """
        if self.row is None or self.row.represented_by is None:
            return False
        if any(entry.kind is Kind.CONSENT_RECORDED for entry in seen.timeline):
            return False
        policy, _ = self.voice
        asked = any(_CONSENT in (entry.detail.get("missing") or ()) for entry in seen.timeline)
        return asked or policy.verification.consent is Need.REQUIRED

    async def _prove(self, seen: CaseView) -> None:
        if self.link.purpose is not Purpose.FOLLOW or self.row is None or seen.status in _ENDED:
            return
        channel = Channel.EMAIL if self.row.contact_email else (self.row.contact_channel or self.row.channel)
        amended = [
            e for e in seen.timeline if e.kind is Kind.AMENDED and not _ADDRESSES.isdisjoint(e.detail["changed"])
        ]
        since = amended[-1].sequence if amended else 0
        if _proven(seen, channel, since) or (amended and self.link.expires_at - LIFE < amended[-1].at):
            return  # an older link went to the address before
        key = f"{KnownFact.CONTACT_PROVEN}-{channel}-{self.link.generation}-{since}"
        await self.here.tuntas.report_fact(
            self.reference, key=key, fact=KnownFact.CONTACT_PROVEN, source="web",
            details={"channel": channel, "by": "link"},
        )  # fmt: skip


def _proven(seen: CaseView, channel: Channel, since: int) -> bool:
    return any(
        entry.sequence > since
        and entry.kind is Kind.FACT_REPORTED
        and entry.detail.get("fact") == KnownFact.CONTACT_PROVEN
        and (entry.detail.get("given") or {}).get("channel") == channel
        for entry in seen.timeline
    )


def read_link(request: Request, token: str) -> Link:
    """Return what a link says. Raises `LinkProblem`, whatever is wrong with it."""
    here = services(request)
    try:
        link = here.signer.read(token, here.now())
    except BadInput:
        raise LinkProblem from None
    if link.purpose not in _OPENS:
        raise LinkProblem
    context.concerns(link.reference)
    return link


async def opened(request: Request, token: str) -> Opened:
    """Return the case that a link opens. Raises `LinkProblem`, or `Unreachable`."""
    here, link = services(request), read_link(request, token)
    async with rpc.postgres(), transaction(here.pool) as conn:
        present = await links.generation(conn, link.reference)
        row = await complaints.get(conn, link.reference)
    if link.generation != present:
        raise LinkProblem
    return Opened(here, token, link, row)


async def view_if_answered(case: Opened) -> CaseView | None:
    """Return the case; None if no worker answers now. For pages that have something to say all the same."""
    try:
        return await case.view()
    except Unreachable:
        return None
