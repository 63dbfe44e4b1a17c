"""The ladder: who answers for a case, and when somebody higher does."""

from commands.demo.conversation import Conversation
from commands.demo.looking import clock, entries, informed, kept
from complaints.vocabulary import Cause, ClockState, Metric, Severity, Status


async def climbing(case: Conversation) -> None:
    """The first response is missed: up the tiers until someone answers."""
    await case.file()
    await case.until(
        "the missed response is recorded", lambda v: clock(v, Metric.FIRST_RESPONSE).breached_at is not None
    )
    await case.until("it climbs while nobody answers", lambda v: v.tier in ("supervisor", "management"))
    view = await case.until("somebody up there owns it", lambda v: v.owner in ("agent:wati", "agent:hasan"))
    who = view.owner.removeprefix("agent:")
    await case.act(who, "respond", text=case.words.answer)
    view = await case.until(
        "the late answer counts as late", lambda v: clock(v, Metric.FIRST_RESPONSE).late_seconds > 0
    )
    tier = view.tier
    await case.solve(who)
    await case.until_asked()
    await case.confirm()
    view = await case.until_closed("confirmed")
    case.check("once answered it climbed no further", view.tier == tier)


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
    await case.until_asked()
    await case.confirm()
    view = await case.until_closed("confirmed")
    case.check("the record counts two transfers", view.closure is not None and view.closure.transfers == 2)  # noqa: PLR2004


async def critical(case: Conversation) -> None:
    """A danger to people: received by a specialist, promised sooner, closed only when its cause is known."""
    await case.file(text=case.words.danger, severity=Severity.CRITICAL)
    view = await case.until("a specialist owns it from the start", lambda v: v.owner == "agent:budi")
    raised = entries(view, "escalated")
    case.check("entered there, nothing was late", [e.detail["cause"] for e in raised] == [Cause.ENTRY_SEVERITY])
    case.check("in the instant of its receipt", raised[0].at == view.timeline[0].at and view.tier == "specialist")
    case.check("it is promised sooner than others", clock(view, Metric.RESOLUTION).target == "20 seconds")
    await case.act("budi", "respond", text=case.words.answer)
    await case.solve("budi")
    await case.until("supervisors know of it", lambda v: informed(v, "agent_escalated", "team:supervisor") == 1)
    await case.until_asked()
    await case.confirm()
    view = await case.until("not closed before its cause is known", lambda v: v.status is Status.CLOSING)
    case.check("its owner knows what is missing", "root_cause" in entries(view, "closing_began")[0].detail["missing"])
    case.check("that too has a clock", clock(view, Metric.CLOSURE).state is ClockState.RUNNING)
    await case.find_cause("budi")
    view = await case.until_closed("confirmed")
    case.check("the record has the cause", view.closure is not None and view.closure.root_cause is not None)
    case.check("every promise was kept", kept(view))
