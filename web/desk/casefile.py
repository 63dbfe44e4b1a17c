"""One case with everything that its page shows: from its workflow as it stands now, else from the records of it.

The workflow answers what may be done; PostgreSQL holds what was written to people, files and drafts. If the workflow
does not answer, the page is read on from the records, and says so.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from starlette.exceptions import HTTPException
from starlette.requests import Request

from complaints import lifecycle
from complaints.assignment import TEAM
from complaints.case.workbench import ACTS
from complaints.errors import BadInput, NotFound, Refused, Unreachable
from complaints.messages.duties import ActionRow, ClockRow, ClosureRecord
from complaints.messages.intake import Complainant
from complaints.messages.view import ClockView, EntryView
from complaints.messages.workbench import Offer, Workbench
from complaints.model import Personal
from complaints.policy import Category
from complaints.vocabulary import Channel, Language, Severity, Status
from database import actions, attachments, clocks, closures, complaints, desk, notices, timeline
from database.attachments import Attachment
from database.complaints import ComplaintRecord
from database.desk import Draft
from database.notices import Audience, NoticeRow
from database.pool import connection
from starter import rpc
from starter.references import read_reference
from web.auth.log import noted
from web.auth.rights import Action, require_case
from web.auth.user import User
from web.desk.context import desk_of
from web.services import services

Away = Literal["temporal", "gone", "imported"]
_PATIENCE = 3.0  # seconds for a workflow to answer before the page is read from the records


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What PostgreSQL holds of a case."""

    record: ComplaintRecord | None
    entries: tuple[EntryView, ...] = ()
    clocks: tuple[ClockRow, ...] = ()
    actions: tuple[ActionRow, ...] = ()
    closures: tuple[ClosureRecord, ...] = ()
    notices: tuple[NoticeRow, ...] = ()
    files: tuple[Attachment, ...] = ()
    drafts: Mapping[str, Draft]


class CaseFile:
    """A case as its page shows it. `bench` is None if its workflow did not answer; `away` says why."""

    def __init__(self, reference: str, bench: Workbench | None, recorded: Recorded, away: Away | None) -> None:
        self.reference = reference
        self.bench = bench
        self.recorded = recorded
        self.away = away

    @property
    def record(self) -> ComplaintRecord | None:
        return self.recorded.record

    @property
    def _row(self) -> ComplaintRecord:
        if self.recorded.record is None:
            raise ValueError("there is neither a workflow nor a record")
        return self.recorded.record

    @property
    def sequence(self) -> int:
        return self.bench.sequence if self.bench else self._row.through

    @property
    def status(self) -> Status:
        return self.bench.view.status if self.bench else self._row.status

    @property
    def owner(self) -> str:
        return self.bench.view.owner if self.bench else self._row.owner

    @property
    def tier(self) -> str:
        return self.bench.view.tier if self.bench else self._row.tier

    @property
    def team(self) -> str:
        """The team that owns it, else that of its tier: who may see it."""
        if self.bench is None:
            return self._row.team
        if self.owner.startswith(TEAM):
            return self.owner.removeprefix(TEAM)
        found = next((tier.team for tier in self.bench.tiers if tier.name == self.bench.view.tier), None)
        return found or (self._row.team if self.record else "")

    @property
    def category(self) -> str | None:
        return self.bench.category if self.bench else self._row.category

    @property
    def rules(self) -> Category | None:
        return self.bench.category_rules() if self.bench else None

    @property
    def severity(self) -> Severity:
        return self.bench.severity if self.bench else self._row.severity

    @property
    def channel(self) -> Channel:
        return self.bench.intake.channel if self.bench else self._row.channel

    @property
    def language(self) -> Language:
        return self.complainant.language

    @property
    def complainant(self) -> Complainant:
        if self.bench is not None:
            return self.bench.complainant
        row = self._row
        # As it was recorded; not validated again: what is stored may be older than a rule.
        return Complainant.model_construct(
            name=row.contact_name, email=row.contact_email, phone=row.contact_phone, language=row.language,
            preferred_channel=row.contact_channel, represented_by=row.represented_by,
        )  # fmt: skip

    @property
    def subject(self) -> Personal | None:
        return self.bench.intake.subject if self.bench else self._row.subject

    @property
    def problem(self) -> Personal:
        return self.bench.intake.text if self.bench else self._row.problem or Personal("")

    @property
    def remedy_sought(self) -> Personal | None:
        return self.bench.intake.remedy_sought if self.bench else self._row.remedy_sought

    @property
    def entries(self) -> Sequence[EntryView]:
        return self.bench.view.timeline if self.bench else self.recorded.entries

    @property
    def clocks(self) -> Sequence[ClockView | ClockRow]:
        return self.bench.view.clocks if self.bench else self.recorded.clocks

    @property
    def actions(self) -> Sequence[ActionRow]:
        return self.bench.actions if self.bench else self.recorded.actions

    @property
    def closures(self) -> Sequence[ClosureRecord]:
        return self.bench.closures if self.bench else self.recorded.closures

    @property
    def offers(self) -> dict[str, str | None]:
        """Every command, with a word for why the case would refuse it now."""
        if self.bench is not None:
            return {offer.act: offer.why_not for offer in self.bench.offers}
        return {offer.act: offer.why_not for offer in _by_status(self.status, self.away)}


def _by_status(status: Status, away: Away | None) -> tuple[Offer, ...]:
    """What the status alone says: all that is known while the workflow does not answer."""
    ended = away in ("gone", "imported")
    return tuple(
        Offer(act=act, why_not=away if ended else None if lifecycle.allows(status, act) else "status") for act in ACTS
    )


async def load(
    request: Request, user: User, reference: str, *, what: str = "case", about: str | None = None
) -> CaseFile:
    """Return a case that a user may see, and note that they saw it, or that they tried to and may not.

    404 for what they may not see, as for what is not there.
    """
    reference = _readable(reference)
    # One after the other where the records decide what is asked for next; the workflow is asked meanwhile.
    asked = asyncio.create_task(_ask(request, reference))
    try:
        recorded = await _records(request, user, reference)
    finally:
        bench, away = await asked
    if bench is None and recorded.record is None:
        if away == "temporal":
            raise Unreachable("the case cannot be reached", field="temporal", remedy="try again in a moment")
        raise HTTPException(404)
    if recorded.record is not None and recorded.record.imported:
        away = "imported"
    if bench is None:
        recorded = await _read_on(request, recorded)
    found = CaseFile(reference, bench, recorded, away)
    try:
        require_case(user, Action.READ_CASE, found.team, found.owner)
    except HTTPException:
        await noted(request, user, what, reference, about=about, result="refused", problem="the case of another team")
        raise
    await noted(request, user, what, reference, about=about)
    return found


async def workbench(request: Request, reference: str) -> Workbench:
    """Ask the workflow of a case, for no longer than a page waits. Raises `NotFound` or `Unreachable`."""
    if desk_of(request).away:
        raise Unreachable("Temporal does not answer", field="temporal", remedy="try again in a moment")
    try:
        async with asyncio.timeout(_PATIENCE):
            return await services(request).tuntas.workbench(reference)
    except TimeoutError:
        desk_of(request).note_away()
        raise Unreachable("Temporal does not answer", field="temporal", remedy="try again in a moment") from None
    except Unreachable as error:
        if error.field == "temporal":
            desk_of(request).note_away()
        raise


async def _ask(request: Request, reference: str) -> tuple[Workbench | None, Away | None]:
    try:
        return await workbench(request, reference), None
    except NotFound:
        return None, "gone"
    except (Unreachable, Refused):
        return None, "temporal"


async def _records(request: Request, user: User, reference: str) -> Recorded:
    async with rpc.postgres(), connection(services(request).pool) as conn:
        return Recorded(
            record=await complaints.get(conn, reference),
            notices=tuple(row for row in await notices.fetch(conn, reference) if row.audience is Audience.COMPLAINANT),
            files=await attachments.of_case(conn, reference),
            drafts=await desk.drafts(conn, user.id, reference),
        )


async def _read_on(request: Request, recorded: Recorded) -> Recorded:
    """Add what the workflow would have said, as it was last recorded."""
    if recorded.record is None:
        return recorded
    reference = recorded.record.reference
    async with rpc.postgres(), connection(services(request).pool) as conn:
        return Recorded(
            record=recorded.record, notices=recorded.notices, files=recorded.files, drafts=recorded.drafts,
            entries=tuple(
                EntryView(sequence=e.sequence, at=e.at, kind=e.kind, actor=e.actor, detail=e.printed_detail())
                for e in await timeline.fetch(conn, reference)
            ),
            clocks=await clocks.fetch(conn, reference),
            actions=await actions.fetch(conn, reference),
            closures=await closures.fetch(conn, reference),
        )  # fmt: skip


def _readable(reference: str) -> str:
    try:
        return read_reference(reference)
    except BadInput:
        raise HTTPException(404) from None


async def may_handle(request: Request, user: User, reference: str) -> str:
    """Return the reference of a case that a user may handle, by its record: no workflow is asked for a draft."""
    known = _readable(reference)
    async with rpc.postgres(), connection(services(request).pool) as conn:
        row = await complaints.get(conn, known)
    if row is None:
        raise HTTPException(404)
    require_case(user, Action.HANDLE, row.team, row.owner)
    return known
