"""Waiting for somebody: for the complainant, or for a third party."""

from datetime import UTC, datetime, timedelta

from commands.demo.conversation import Conversation
from commands.demo.looking import clock, entries, happened, informed, kept, told
from complaints.messages.view import CaseView
from complaints.vocabulary import ClockState, MetBy, Metric, Status

REMINDERS = 2  # of a question, in the demonstration's policy


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
    await case.until_asked()
    await case.confirm()
    await case.until_closed("confirmed")


async def completed(case: Conversation) -> None:
    """Something is missing: the case asks for it by itself, and goes on in the instant in which it has it."""
    await _file_without_order_number(case)
    await case.act("siti", "respond", text=case.words.parcel_answer)
    await case.reply(case.words.parcel_reply, order_number="A-1047")
    view = await case.until("complete, and in work", lambda v: v.status is Status.INVESTIGATION)
    arrived = entries(view, "complainant_replied")[0].at
    case.check("from their message on", [e.at for e in entries(view, "verified")] == [arrived])
    asked = clock(view, Metric.INFORMATION)
    case.check("they met the question", (asked.state, asked.met_by) == (ClockState.MET, MetBy.COMPLAINANT))
    case.check("the promised date runs", clock(view, Metric.RESOLUTION).state is ClockState.RUNNING)
    await case.until("steps and date are told", lambda v: told(v, "assessment") == 1)
    await case.act("siti", "respond", text=case.words.parcel_answer)
    await case.solve("siti", reasons=case.words.parcel_reasons, step="check_order", solution="redelivery")
    await case.until_asked()
    await case.confirm()
    view = await case.until_closed("confirmed")
    case.check("every promise was kept", kept(view))


async def incomplete(case: Conversation) -> None:
    """What is missing never comes: reminded twice, then closed as incomplete, which is no breach of ours."""
    await _file_without_order_number(case)
    await case.act("andi", "respond", text=case.words.parcel_answer)
    view = await case.until_closed("incomplete")
    case.check("only after both reminders were handed over", told(view, "information_reminder") == REMINDERS)
    case.check("their time ran out", clock(view, Metric.INFORMATION).state is ClockState.LAPSED)
    case.check("what we promised ends with it", clock(view, Metric.RESOLUTION).state is ClockState.CANCELLED)
    case.check("every promise was kept", kept(view))
    case.check("nothing was decided", view.outcome is None and view.closure is not None and not view.closure.silence)
    await case.until("archived at once", lambda v: v.status is Status.ARCHIVED)


async def _file_without_order_number(case: Conversation) -> None:
    await case.file(text=case.words.parcel, category="wrong_delivery")
    view = await case.until("asked for what is missing", lambda v: told(v, "information_request") == 1)
    missing = {"id": "nomor pesanan", "en": "order number"}[case.language]
    case.check("in words", missing in case.mailed("information_request"))
    case.check("nobody investigates half a complaint", happened(view, "assessed") == 0)
    case.check("the promised date waits with us", clock(view, Metric.RESOLUTION).state is ClockState.PAUSED)
    case.check("their time counts from the hand-over", clock(view, Metric.INFORMATION).state is ClockState.RUNNING)


async def on_hold(case: Conversation) -> None:
    """The manufacturer is to say something: resumed when they do, and by itself at the review date when they do not."""
    await case.file()
    await case.act("siti", "respond", text=case.words.answer)
    view = await case.until("the promised date is told", lambda v: told(v, "assessment") == 1)
    before = clock(view, Metric.RESOLUTION).due_at
    hold = {"reason": case.words.supplier, "party": "manufacturer"}
    far = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    refused = await case.refused("siti", "hold", review_at=far, **hold)
    case.check("not for as long as one likes", "may not last that long" in refused)
    await case.act("siti", "hold", **hold)
    view = await case.until("meanwhile the promised date stands still", _paused_for_two_seconds)
    case.check("a review date runs", clock(view, Metric.HOLD).due_at is not None and view.status is Status.ON_HOLD)
    await case.tuntas.report_fact(case.reference, key=f"{case.reference}-tested", fact="tested", source="laboratory")
    await case.act("siti", "resume", note="tested: the element is faulty")
    await case.until(
        "what the laboratory reported reached its owner", lambda v: informed(v, "agent_fact_reported") == 1
    )
    view = await case.until("a new date is told", lambda v: told(v, "date_changed") == 1)
    after = clock(view, Metric.RESOLUTION).due_at
    case.check("they knew of the hold, and why", case.words.supplier in case.mailed("on_hold"))
    case.check("later by the hold", before is not None and after is not None and after > before)
    case.check("the hold ended in time", clock(view, Metric.HOLD).state is ClockState.MET)
    await case.act("siti", "hold", **hold)
    view = await case.until("the review date brings it back", lambda v: happened(v, "hold_ended") == 1)
    case.check("where it came from", view.status is Status.INVESTIGATION)
    case.check("that is no breach", clock(view, Metric.HOLD, 2).state is ClockState.LAPSED)
    await case.until("its owner knows", lambda v: informed(v, "agent_hold_ended") == 1)
    await case.until("the date is told once more", lambda v: told(v, "date_changed") == 2)  # noqa: PLR2004
    await case.solve("siti")
    await case.until_asked()
    await case.confirm()
    view = await case.until_closed("confirmed")
    case.check("every promise was kept", kept(view))


def _paused_for_two_seconds(view: CaseView) -> bool:
    resolution = clock(view, Metric.RESOLUTION)
    return resolution.state is ClockState.PAUSED and resolution.paused_seconds >= 2  # noqa: PLR2004
