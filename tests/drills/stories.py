"""What is going on while services die: eight kinds of conversation, and the ending each promises."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from complaints.messages.view import CaseView
from complaints.vocabulary import Kind, Metric, Status
from tests.drills.people import People

REASONS = {"outcome": "upheld", "reasons": "Cacat produksi. Kami mengganti barang Anda."}
ANSWER = {"text": "Sedang kami periksa."}
SPECIALIST = 2  # the level of the second tier


@dataclass(frozen=True)
class Story:
    """`steps`: how many steps `People` counts in it. `ending`: what must hold in the end, in words."""

    tell: Callable[[People], Awaitable[None]]
    steps: int
    reason: str
    ending: Callable[[CaseView], dict[str, bool]]


async def confirmed(case: People) -> None:
    await case.file()
    await case.act("siti", "respond", **ANSWER)
    await _solved(case)


async def silent(case: People) -> None:
    await case.file()
    await case.act("andi", "respond", **ANSWER)
    await case.act("andi", "decide", **REASONS)
    await case.until_archived()


async def disputed(case: People) -> None:
    await case.file()
    await case.act("siti", "decide", **REASONS)
    await case.until_told("decision")
    await case.confirm(satisfied=False)
    row = await case.until("raised by the dispute", lambda row: row.disputes == 1 and row.owner.startswith("agent:"))
    await _solved(case, row.owner.removeprefix("agent:"), decision=2)


async def climbing(case: People) -> None:
    await case.file()
    row = await case.until(
        "raised, as nobody answers", lambda row: row.tier_level >= SPECIALIST and row.owner.startswith("agent:")
    )
    await case.act(row.owner.removeprefix("agent:"), "respond", **ANSWER)
    await _solved(case)


async def asked(case: People) -> None:
    await case.file()
    await case.act("siti", "request_information", text="Boleh kami minta fotonya?")
    await case.until_told("information_request")
    await case.reply("Fotonya saya lampirkan.")
    await _solved(case)


async def unanswered(case: People) -> None:
    await case.file()
    await case.act("siti", "request_information", text="Boleh kami minta fotonya?")
    await case.until_told("information_reminder", 2)
    await case.until("back in investigation", lambda row: row.status is Status.INVESTIGATION)
    await _solved(case)


async def withdrawn(case: People) -> None:
    await case.file()
    await case.act("siti", "respond", **ANSWER)
    await case.withdraw()
    await case.until_archived()


async def reopened(case: People) -> None:
    await case.file()
    await case.act("siti", "decide", **REASONS)
    await case.until_told("decision")
    await case.confirm(satisfied=True)
    await case.until("closed", lambda row: row.status in {Status.CLOSED, Status.ARCHIVED})
    await case.act("siti", "reopen", reason="new_facts", text="the replacement failed too")
    await case.until("reopened", lambda row: row.reopenings == 1)
    await _solved(case, decision=2)


async def _solved(case: People, who: str = "siti", *, decision: int = 1) -> None:
    await case.act(who, "decide", **REASONS)
    await case.until_told("decision", decision)
    await case.confirm(satisfied=True)
    await case.until_archived()


def _told(view: CaseView, occasion: str) -> int:
    notices = [n for n in view.notices if n.to == "complainant" and n.handed_over_at is not None]
    return sum(notice.occasion == occasion for notice in notices)


def _count(view: CaseView, kind: Kind) -> int:
    return sum(entry.kind == kind for entry in view.timeline)


def _breached(view: CaseView) -> set[Metric]:
    return {clock.metric for clock in view.clocks if clock.breached_at is not None}


def _kept(view: CaseView) -> dict[str, bool]:
    """What every story but the climbing one promises."""
    return {"every promise was kept": not _breached(view), "one record": _count(view, Kind.CLOSURE_RECORDED) == 1}


STORIES: dict[str, Story] = {
    "confirmed": Story(confirmed, 6, "confirmed", lambda v: {
        **_kept(v), "followed up": _count(v, Kind.FOLLOWED_UP) == 1, "one decision told": _told(v, "decision") == 1,
    }),
    "silent": Story(silent, 4, "unconfirmed", lambda v: {
        **_kept(v), "both reminders told": _told(v, "confirmation_reminder") == 2,
        "the record says so": v.closure is not None and v.closure.silence,
    }),
    "disputed": Story(disputed, 9, "confirmed", lambda v: {
        **_kept(v), "one dispute": v.disputes == 1, "one tier up": v.tier == "specialist",
        "two decisions told": _told(v, "decision") == 2,
    }),
    "climbing": Story(climbing, 7, "confirmed", lambda v: {
        "the missed response and nothing else": _breached(v) == {Metric.FIRST_RESPONSE},
        "raised": v.tier != "frontline", "one breach entry": _count(v, Kind.BREACHED) == 1,
    }),
    "asked": Story(asked, 8, "confirmed", lambda v: {**_kept(v), "asked once": _told(v, "information_request") == 1}),
    "unanswered": Story(unanswered, 8, "confirmed", lambda v: {
        **_kept(v), "both reminders told": _told(v, "information_reminder") == 2,
        "noted that nothing came": _count(v, Kind.INFORMATION_NOT_RECEIVED) == 1,
    }),
    "withdrawn": Story(withdrawn, 4, "withdrawn", lambda v: {**_kept(v), "nothing decided": v.outcome is None}),
    "reopened": Story(reopened, 11, "confirmed", lambda v: {
        "every promise was kept": not _breached(v), "reopened once": v.reopenings == 1,
        "two records": _count(v, Kind.CLOSURE_RECORDED) == 2,
    }),
}  # fmt: skip


def unmet(story: str, view: CaseView) -> list[str]:
    """What the story promised and the case does not say."""
    promised = STORIES[story]
    ending = {
        "archived": view.status is Status.ARCHIVED,
        f"closed as {promised.reason}": view.closing_reason == promised.reason,
        **promised.ending(view),
    }
    return [what for what, holds in ending.items() if not holds]
