"""Decisions, and how the complainant answers them."""

from commands.demo.conversation import Conversation
from commands.demo.looking import clock, entries, happened, informed, kept, told
from complaints.vocabulary import ClockState, Metric, Status

DISPUTES = 3  # two that are taken up again, and that of the final decision


async def confirmed(case: Conversation) -> None:
    """Answered, decided, confirmed, followed up, surveyed, archived."""
    await case.file()
    await case.act("siti", "respond", text=case.words.answer)
    await case.solve("siti")
    await case.until_asked()
    await case.confirm(rating=5)
    view = await case.until_closed("confirmed")
    case.check("every promise was kept", kept(view))
    view = await case.until("asked how it went", lambda v: happened(v, "survey_asked") == 1)
    case.check("asked a while after closing", happened(view, "followed_up") == 1)
    case.check("by a link in the follow-up", "/survey" in case.mailed("follow_up"))
    await case.survey(outcome=5, handling=4, effort=4, solved=True, text=case.words.thanks)
    await case.until(
        "surveyed and archived", lambda v: v.status is Status.ARCHIVED and happened(v, "survey_answered") == 1
    )


async def disputed(case: Conversation) -> None:
    """The complainant says no, and why: solved one tier up."""
    await case.file()
    await case.act("siti", "respond", text=case.words.answer)
    await case.solve("siti")
    await case.until_asked()
    await case.dispute(case.words.missing)
    view = await case.until("back in work one tier up", lambda v: v.tier == "specialist" and v.disputes == 1)
    case.check("the promised date starts over", clock(view, Metric.RESOLUTION, 2).state is ClockState.RUNNING)
    await case.until("a specialist owns it", lambda v: v.owner == "agent:budi")
    await case.solve("budi", reasons=case.words.better)
    await case.until_asked(2)
    await case.confirm(rating=4)
    view = await case.until_closed("confirmed")
    case.check("the record counts the dispute", view.closure is not None and view.closure.disputes == 1)


async def deadlock(case: Conversation) -> None:
    """Two disputes, a final decision with the outside bodies in it, and no agreement."""
    await case.file()
    await case.act("siti", "respond", text=case.words.answer)
    await case.solve("siti")
    await case.until_asked()
    await case.dispute(case.words.missing)
    await case.until("a specialist owns it", lambda v: v.owner == "agent:budi")
    await case.solve("budi", reasons=case.words.better)
    await case.until_asked(2)
    await case.dispute(case.words.disagreement)
    await case.until("a supervisor owns it", lambda v: v.owner == "agent:wati")
    await case.until("each dispute was acknowledged", lambda v: told(v, "dispute_received") == v.disputes)
    await case.solve("wati", reasons=case.words.final)
    view = await case.until("the third decision is final", lambda v: told(v, "final_decision") == 1)
    case.check("it names the outside bodies", "BPSK" in entries(view, "decided")[-1].detail["bodies"])
    case.check("to the complainant too", "BPSK" in case.mailed("final_decision"))
    await case.dispute(case.words.disagreement)
    view = await case.until_closed("deadlock")
    case.check("where to turn is said once more", "BPSK" in case.mailed("closed_deadlock"))
    case.check("the dispute counts", view.disputes == DISPUTES and view.closure is not None and view.closure.final)
    case.check("nobody waits for an answer", clock(view, Metric.CONFIRMATION, DISPUTES).state is ClockState.CANCELLED)
    case.check("it climbed for the two before, no further", view.tier == "supervisor")
    case.check("every promise was kept all the same", kept(view))


async def approved(case: Conversation) -> None:
    """Too dear for a handler: proposed, declined, proposed anew, approved, and only then communicated."""
    await case.file()
    await case.act("siti", "respond", text=case.words.answer)
    await case.solve("siti", solution="refund", cost=3_200_000)
    view = await case.until("an approver is the next owner", lambda v: v.owner == "team:supervisor")
    case.check("it is only proposed", happened(view, "decision_proposed") == 1 and view.status is Status.INVESTIGATION)
    case.check("the promised date does not wait for approval", clock(view, Metric.RESOLUTION).met_at is None)
    case.check("a handler does not approve", "only a lead" in await case.refused("siti", "approve"))
    await case.until("the approvers know", lambda v: informed(v, "agent_approval_wanted", "team:supervisor") == 1)
    await case.act("wati", "decline", role="lead", reason="a replacement would do; say why not")
    view = await case.until("declined: back to its author", lambda v: informed(v, "agent_approval_answered") == 1)
    case.check("who owns it again", entries(view, "decision_declined")[0].detail["owner"] == "agent:siti")
    case.check("the complainant saw no decision yet", told(view, "decision") == 0 and not view.outcome)
    await case.solve("siti", reasons=case.words.better, solution="refund", cost=2_400_000)
    await case.act("wati", "approve", role="lead")
    view = await case.until_asked()
    case.check("one decision was communicated", happened(view, "decided") == 1)
    await case.until("its author knows", lambda v: informed(v, "agent_approval_answered", "agent:siti") == 2)  # noqa: PLR2004
    await case.confirm(rating=5)
    view = await case.until_closed("confirmed")
    record = view.closure
    approval = record is not None and (record.approved_by, record.cost)
    case.check("the record names who approved what", approval == ("wati", 2_400_000))
    case.check("every promise was kept", kept(view))
