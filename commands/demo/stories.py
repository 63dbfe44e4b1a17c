"""The seven stories. Each plays one case and checks what was promised; `commands.demo.play` runs them side by side."""

from collections.abc import Awaitable, Callable

from commands.demo.conversation import Conversation, clock, happened, told
from complaints.vocabulary import ClockState, Metric, Severity, Status

Story = Callable[[Conversation], Awaitable[None]]
SOLVED = (Status.CLOSED, Status.ARCHIVED)


async def confirmed(case: Conversation) -> None:
    """Answered, decided, confirmed, followed up, archived."""
    await case.file()
    await case.act("siti", "respond", text=case.words.answer)
    await case.solve("siti")
    await case.until("satisfaction is asked", lambda v: told(v, "decision") == 1)
    await case.confirm(satisfied=True, text=case.words.thanks, rating=5)
    view = await case.until("closed as confirmed", lambda v: v.closing_reason == "confirmed" and v.status in SOLVED)
    case.check("every promise was kept", all(c.breached_at is None for c in view.clocks))
    case.check("the closure record says what was found", view.closure is not None and view.closure.findings is not None)
    view = await case.until("followed up and archived", lambda v: v.status is Status.ARCHIVED)
    case.check("asked a while after closing", happened(view, "followed_up") == 1)


async def climbing(case: Conversation) -> None:
    """The first response is missed: up the tiers until someone answers."""
    await case.file()
    await case.until(
        "the missed response is recorded", lambda v: clock(v, Metric.FIRST_RESPONSE).breached_at is not None
    )
    await case.until("it climbs while nobody answers", lambda v: v.tier == "supervisor")
    view = await case.until("somebody of that tier owns it", lambda v: v.owner == "agent:wati")
    await case.act("wati", "respond", text=case.words.answer)
    view = await case.until(
        "the late answer counts as late", lambda v: clock(v, Metric.FIRST_RESPONSE).late_seconds > 0
    )
    tier = view.tier
    await case.solve("wati")
    await case.until("satisfaction is asked", lambda v: told(v, "decision") == 1)
    await case.confirm(satisfied=True, text=case.words.thanks)
    view = await case.until("closed as confirmed", lambda v: v.closing_reason == "confirmed" and v.status in SOLVED)
    case.check("once answered it climbed no further", view.tier == tier)


async def disputed(case: Conversation) -> None:
    """The complainant says no, and why: solved one tier up."""
    await case.file()
    await case.act("siti", "respond", text=case.words.answer)
    await case.solve("siti")
    await case.until("satisfaction is asked", lambda v: told(v, "decision") == 1)
    await case.confirm(satisfied=False, text=case.words.missing)
    view = await case.until("back in work one tier up", lambda v: v.tier == "specialist" and v.disputes == 1)
    case.check("the promised date starts over", clock(view, Metric.RESOLUTION, 2).state is ClockState.RUNNING)
    await case.until("a specialist owns it", lambda v: v.owner == "agent:budi")
    await case.solve("budi", reasons=case.words.better)
    await case.until("satisfaction is asked again", lambda v: told(v, "decision") == 2)  # noqa: PLR2004  the second
    await case.confirm(satisfied=True, text=case.words.thanks, rating=4)
    view = await case.until("closed as confirmed", lambda v: v.closing_reason == "confirmed" and v.status in SOLVED)
    case.check("the record counts the dispute", view.closure is not None and view.closure.disputes == 1)


async def silent(case: Conversation) -> None:
    """No answer to the decision: reminded, then closed as unconfirmed."""
    await case.file()
    await case.act("andi", "respond", text=case.words.answer)
    await case.solve("andi", solution="refund")
    view = await case.until("closed as unconfirmed", lambda v: v.closing_reason == "unconfirmed" and v.status in SOLVED)
    case.check("only after both reminders were handed over", told(view, "confirmation_reminder") == 2)  # noqa: PLR2004
    case.check("silence is said plainly", view.closure is not None and view.closure.silence)
    case.check("silence is no breach of ours", clock(view, Metric.CONFIRMATION).state is ClockState.LAPSED)


async def paused(case: Conversation) -> None:
    """A question to the complainant: the clock stands still until they reply, and they learn the new date."""
    await case.file()
    view = await case.until("the promised date is told", lambda v: told(v, "assessment") == 1)
    before = clock(view, Metric.RESOLUTION).due_at
    await case.act("siti", "request_information", text=case.words.question)
    await case.until("the resolution clock is paused", lambda v: clock(v, Metric.RESOLUTION).state is ClockState.PAUSED)
    await case.until("the question reached them", lambda v: told(v, "information_request") == 1)
    await case.until("a reminder goes out", lambda v: told(v, "information_reminder") == 1)
    await case.reply(case.words.reply)
    view = await case.until("it runs again", lambda v: clock(v, Metric.RESOLUTION).state is ClockState.RUNNING)
    after = clock(view, Metric.RESOLUTION)
    case.check("the date moved by the pause", before is not None and after.due_at is not None and after.due_at > before)
    await case.until("the new date is told with its reason", lambda v: told(v, "date_changed") == 1)
    await case.act("siti", "respond", text=case.words.answer)
    await case.solve("siti")
    await case.until("satisfaction is asked", lambda v: told(v, "decision") == 1)
    await case.confirm(satisfied=True, text=case.words.thanks)
    await case.until("closed as confirmed", lambda v: v.closing_reason == "confirmed" and v.status in SOLVED)


async def transferred(case: Conversation) -> None:
    """Handed around too often: refused, and raised to one accountable owner."""
    await case.file()
    await case.act("siti", "respond", text=case.words.answer)
    await case.act("siti", "transfer", to="andi", note="he knows this series")
    await case.act("andi", "transfer", to="siti", note="she spoke to them first")
    reason = await case.refused("siti", "transfer", to="andi", note="once more")
    case.check("the third transfer is refused with a reason", "transferred 2 times" in reason)
    await case.until("raised to one accountable owner", lambda v: v.tier == "specialist" and v.owner == "agent:budi")
    await case.solve("budi")
    await case.until("satisfaction is asked", lambda v: told(v, "decision") == 1)
    await case.confirm(satisfied=True, text=case.words.thanks)
    view = await case.until("closed as confirmed", lambda v: v.closing_reason == "confirmed" and v.status in SOLVED)
    case.check("the record counts two transfers", view.closure is not None and view.closure.transfers == 2)  # noqa: PLR2004


async def reopened(case: Conversation) -> None:
    """Closed with an action still owed; new facts reopen it; closed again with a second record."""
    await case.file()
    await case.act("siti", "respond", text=case.words.answer)
    await case.act("siti", "add_action", description="call to make sure that it works", within="20 seconds")
    await case.solve("siti")
    await case.until("satisfaction is asked", lambda v: told(v, "decision") == 1)
    await case.confirm(satisfied=True, text=case.words.thanks)
    await case.until("not closed before the root cause is known", lambda v: v.status is Status.CLOSING)
    await _find_cause(case)
    view = await case.until("closed with an action owed", lambda v: v.status is Status.CLOSED)
    case.check("the owed action keeps its clock", clock(view, Metric.ACTION).state is ClockState.RUNNING)
    await case.act("siti", "reopen", reason="new_facts", text="the replacement failed too")
    await case.until("back in work under the same reference", lambda v: v.reopenings == 1)
    await case.act("siti", "complete_action", action=1, note="called")
    await case.solve("siti", reasons=case.words.better)
    await case.until("satisfaction is asked again", lambda v: told(v, "decision") == 2)  # noqa: PLR2004  the second
    await case.confirm(satisfied=True, text=case.words.thanks)
    view = await case.until("closed again", lambda v: v.status in SOLVED and happened(v, "closure_recorded") == 2)  # noqa: PLR2004
    case.check("with a further record", view.closure is not None and view.closure.number == 2)  # noqa: PLR2004


async def _find_cause(case: Conversation) -> None:
    await case.act(
        "siti",
        "record_root_cause",
        category="supplier",
        cause="the supplier changed the element without telling us",
        whys=[{"why": "why did it fail", "answer": "the element was open", "evidence": "measured by the technician"}],
        corrective_action="incoming inspection measures every tenth element",
    )


STORIES: dict[str, tuple[Story, Severity | None]] = {
    "confirmed": (confirmed, None),
    "climbing": (climbing, None),
    "disputed": (disputed, None),
    "silent": (silent, None),
    "paused": (paused, None),
    "transferred": (transferred, None),
    "reopened": (reopened, Severity.MAJOR),
}
