"""When the complainant cannot be reached: silence counts only if we were heard."""

from commands.demo.conversation import Conversation
from commands.demo.looking import KEY, clock, entries, handed_over, happened, informed, started
from complaints.messages.view import CaseView
from complaints.vocabulary import Channel, ClockState, MetBy, Metric, Status

FIRST = ("acknowledgement", "assessment", "response", "decision")  # the notices in the order in which they are written


async def mail_down(case: Conversation) -> None:
    """Their mail server is away for a day, which this policy counts as twelve seconds: only what it carries waits."""
    case.mail_goes_away()
    await case.file()
    await case.act("siti", "respond", text=case.words.answer)
    await case.solve("siti")
    view = await case.until("decided in time all the same", lambda v: v.status is Status.RESOLVED)
    for metric in (Metric.FIRST_RESPONSE, Metric.RESOLUTION):
        case.check(f"{metric} was kept", clock(view, metric).met_at is not None and not clock(view, metric).breached_at)
    await case.until(
        "the missing acknowledgement is a breach", lambda v: clock(v, Metric.ACKNOWLEDGEMENT).breached_at is not None
    )
    await case.until("operators know", lambda v: informed(v, "agent_breach", "team:supervisor") == 1)
    view = await case.until("after a day the owner has a task", lambda v: happened(v, "notice_delayed") == 1)
    await case.until("they know", lambda v: informed(v, "agent_task", v.owner) == 1)
    case.check("nobody was told anything yet", not handed_over(view) and not case.mails())
    case.check("so no silence counts", not started(view, Metric.CONFIRMATION))
    case.check("and it does not climb for that", view.tier == "frontline")
    case.mail_comes_back()
    view = await case.until_asked()
    _caught_up(case, view)
    await case.confirm()
    view = await case.until_closed("confirmed")
    case.check(
        "only the acknowledgement was late", [c.metric for c in view.clocks if c.breached_at] == ["acknowledgement"]
    )


def _caught_up(case: Conversation, view: CaseView) -> None:
    """What waited went out once and in order, and what waits for an answer begins only now."""
    received = handed_over(view)
    case.check("in the order of writing", tuple(notice.occasion for notice in received) == FIRST)
    case.check(
        "nothing overtook",
        sorted(n.handed_over_at for n in received if n.handed_over_at) == [n.handed_over_at for n in received],
    )
    case.check(
        "each is one mail, in that order", [mail[KEY] for mail in case.mails()] == [notice.key for notice in received]
    )
    waiting = clock(view, Metric.CONFIRMATION)
    case.check("their time begins with the hand-over", waiting.started_at == received[-1].handed_over_at)
    case.check("the acknowledgement is met, late", clock(view, Metric.ACKNOWLEDGEMENT).late_seconds > 0)
    task = clock(view, Metric.ACTION)
    case.check("the task is done by itself", (task.state, task.met_by) == (ClockState.MET, MetBy.AUTOMATIC))


async def no_address(case: Conversation) -> None:
    """Told at the counter, no address left: a task for the owner, and no silence counts until there is one."""
    await case.file(channel=Channel.COUNTER)
    view = await case.until("its owner has a task", lambda v: informed(v, "agent_task", "team:frontline") == 1)
    case.check("to reach them", entries(view, "action_added")[0].detail["description"] == "reach_complainant")
    case.check("nothing was handed over", not handed_over(view) and happened(view, "notice_undeliverable") > 0)
    case.check("no promise of a letter", clock(view, Metric.ACKNOWLEDGEMENT).state is ClockState.CANCELLED)
    await case.act("siti", "request_information", text=case.words.question)
    view = await case.until("asked, at the counter too", lambda v: v.status is Status.AWAITING_COMPLAINANT)
    case.check("their time does not run", not started(view, Metric.INFORMATION))
    await case.act("siti", "record_reply", text=case.words.reply, how="said at the counter")
    view = await case.until("the answer is recorded for them", lambda v: v.status is Status.INVESTIGATION)
    said = entries(view, "complainant_replied")[0]
    case.check("by whom and how", (said.actor.id, said.detail["how"]) == ("siti", "said at the counter"))
    await case.solve("siti")
    view = await case.until("decided", lambda v: v.status is Status.RESOLVED)
    case.check("no silence counts", not started(view, Metric.CONFIRMATION))
    reason = await case.refused("siti", "complete_action", action=1, note="done")
    case.check("the task is not just ticked off", "could not be reached" in reason)
    await case.act("siti", "amend", email=case.address)
    view = await case.until_asked()
    case.check(
        "what they are still owed was sent", [n.occasion for n in handed_over(view)] == ["acknowledgement", "decision"]
    )
    waiting = clock(view, Metric.CONFIRMATION)
    case.check("their time begins with the hand-over", waiting.started_at == handed_over(view)[-1].handed_over_at)
    task = clock(view, Metric.ACTION)
    case.check("the task is done by itself", (task.state, task.met_by) == (ClockState.MET, MetBy.AUTOMATIC))
    await case.act("siti", "record_confirmation", satisfied=True, how="said at the counter", text=case.words.thanks)
    view = await case.until_closed("confirmed")
    case.check("heard, not silent", view.closure is not None and not view.closure.silence)
