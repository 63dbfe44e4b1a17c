"""How cases end, and begin again."""

from commands.demo.conversation import Conversation
from commands.demo.looking import SOLVED, clock, entries, happened, informed, told
from complaints.vocabulary import ClockState, Metric, Severity, Status

AGAIN = 2  # the second time


async def silent(case: Conversation) -> None:
    """No answer to the decision: reminded, then closed as unconfirmed."""
    await case.file()
    await case.act("andi", "respond", text=case.words.answer)
    await case.solve("andi", solution="refund")
    view = await case.until_closed("unconfirmed")
    case.check("only after both reminders were handed over", told(view, "confirmation_reminder") == 2)  # noqa: PLR2004
    case.check("silence is said plainly", view.closure is not None and view.closure.silence)
    case.check("silence is no breach of ours", clock(view, Metric.CONFIRMATION).state is ClockState.LAPSED)


async def withdrawn(case: Conversation) -> None:
    """The complainant takes it back: closed at once, by nobody else's word."""
    await case.file()
    await case.act("siti", "respond", text=case.words.answer)
    await case.withdraw(case.words.withdrawal)
    view = await case.until_closed("withdrawn")
    case.check("nothing was decided", view.outcome is None and view.closure is not None and not view.closure.silence)
    case.check("what was promised ends with it", clock(view, Metric.RESOLUTION).state is ClockState.CANCELLED)
    case.check("nobody asks whether they are satisfied", not happened(view, "followed_up"))
    view = await case.until("its owner is told", lambda v: informed(v, "agent_message_received", v.owner) == 1)
    view = await case.until("archived", lambda v: v.status is Status.ARCHIVED)
    reason = await case.refused("siti", "decide", outcome="upheld", reasons=case.words.reasons)
    case.check("nothing is decided behind their back", "not allowed in status archived" in reason)


async def reopened(case: Conversation) -> None:
    """Closed with an action still owed; new facts reopen it; closed again with a second record."""
    await case.file(severity=Severity.MAJOR)
    await case.act("siti", "respond", text=case.words.answer)
    await case.act("siti", "add_action", description="call to make sure that it works", within="20 seconds")
    await case.solve("siti")
    await case.until_asked()
    await case.confirm()
    await case.until("not closed before the root cause is known", lambda v: v.status is Status.CLOSING)
    await case.find_cause("siti")
    view = await case.until("closed with an action owed", lambda v: v.status is Status.CLOSED)
    case.check("the owed action keeps its clock", clock(view, Metric.ACTION).state is ClockState.RUNNING)
    await case.act("siti", "reopen", reason="new_facts", text="the replacement failed too")
    await case.until("back in work under the same reference", lambda v: v.reopenings == 1)
    await case.act("siti", "complete_action", action=1, note="called")
    await case.solve("siti", reasons=case.words.better)
    await _closed_again(case)


async def late_reply(case: Conversation) -> None:
    """A message long after the end: kept, offered to those who last had the case, and reopened by them."""
    await case.file()
    await case.act("siti", "respond", text=case.words.answer)
    await case.act("siti", "assign", to="siti")
    await case.solve("siti")
    await case.until_asked()
    await case.confirm(rating=4)
    await case.until_closed("confirmed")
    await case.until("archived: its workflow has completed", lambda v: v.status is Status.ARCHIVED)
    await case.reply(case.words.news)
    view = await case.until(
        "the message is kept as a request to reopen",
        lambda v: happened(v, "complainant_replied") == 1 and happened(v, "reopening_requested") == 1,
    )
    case.check("which alone reopens nothing", view.status is Status.ARCHIVED and view.reopenings == 0)
    await case.until(
        "offered to its last owner and team",
        lambda v: all(informed(v, "agent_reopening_requested", who) == 1 for who in ("agent:siti", "team:frontline")),
    )
    await case.until("the complainant knows", lambda v: told(v, "reopening_request_received") == 1)
    await case.act("siti", "reopen", reason="problem_returned", text="the replacement failed in the same way")
    view = await case.until("reopened under the same reference", lambda v: v.reopenings == 1)
    case.check("in work again", view.status is Status.INVESTIGATION and view.owner == "agent:siti")
    case.check("with a new promise", clock(view, Metric.RESOLUTION, AGAIN).state is ClockState.RUNNING)
    await case.until("that is told", lambda v: told(v, "reopened") == 1)
    await case.solve("siti", reasons=case.words.better)
    await _closed_again(case)
    view = await case.until("archived again", lambda v: v.status is Status.ARCHIVED)
    sequences = [entry.sequence for entry in view.timeline]
    case.check("one unbroken timeline", sequences == list(range(1, len(sequences) + 1)))
    case.check("put away twice", len(entries(view, "archived")) == AGAIN)


async def _closed_again(case: Conversation) -> None:
    await case.until_asked(AGAIN)
    await case.confirm()
    view = await case.until("closed again", lambda v: v.status in SOLVED and happened(v, "closure_recorded") == AGAIN)
    case.check("with a further record", view.closure is not None and view.closure.number == AGAIN)
    await case.until("which is told", lambda v: told(v, "closed_confirmed") == AGAIN)
