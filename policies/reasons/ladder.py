"""Why a case is at its tier: every time it was raised, lowered or reminded of, and every time it could have been."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from complaints.messages.reasons import LadderStep, Reasons
from complaints.vocabulary import Cause, Language
from policies.reasons.told import Row, Told
from policies.reasons.voice import Voice


def why_escalated(reasons: Reasons, language: Language) -> Told:
    voice, found = Voice(reasons, language), reasons.escalations
    facts = {"tier": voice.tier(found.tier), "owner": voice.party(found.owner)}
    first = voice.say("ladder_raised" if found.raises else "ladder_still", n=found.raises, **facts)
    return Told(
        title=voice.say("ladder_title", tier=voice.tier(found.tier)),
        sentence=" ".join((first, *_next(voice, reasons))),
        columns=voice.columns("ladder"),
        rows=tuple(_row(voice, steps) for steps in _together(found.steps)),
    )


def _next(voice: Voice, reasons: Reasons) -> Iterator[str]:
    found = reasons.escalations
    if found.next is None:
        return
    metrics = voice.several(voice.word("metric", metric) for metric in found.breached)
    if found.next_at is None:
        yield voice.say("ladder_halted", metrics=metrics)
    else:
        yield voice.say(f"ladder_next_{found.next}", metrics=metrics, at=voice.when(found.next_at))


def _together(steps: Iterable[LadderStep]) -> Iterator[list[LadderStep]]:
    """Reminders of one breach that follow each other share a row: the top tier may get one every day."""
    for _, same in groupby(enumerate(steps), _about):
        yield [step for _, step in same]


def _about(numbered: tuple[int, LadderStep]) -> tuple[object, ...]:
    index, step = numbered
    return (step.kind, step.metric, step.due_at, step.owner) if step.kind == "reminded" else (index,)


def _row(voice: Voice, steps: list[LadderStep]) -> Row:
    step, last = steps[0], steps[-1]
    phrase: str = "reminded_top" if step.kind == "reminded" else step.kind
    at = voice.at(step.at)
    if last is not step:
        phrase, at = "reminded_top_until", voice.say("from_to", since=at, until=voice.at(last.at))
    tiers = {"before": voice.tier(step.from_tier), "after": voice.tier(step.tier)}
    what = voice.say(phrase, n=step.number, last=last.number, **tiers)
    owner = voice.party(step.owner)
    if step.owner != step.previous_owner:
        owner = voice.say("owner_change", before=voice.party(step.previous_owner), after=owner)
    return Row(kind=step.kind, cells=(at, what, _cause(voice, step), voice.parties(step.told), owner))


def _cause(voice: Voice, step: LadderStep) -> str:
    """The cause, the clock whose breach it was, what the agent wrote, and why it stayed."""
    if step.kind == "lowered" or step.cause is Cause.COMMAND:
        cause = voice.say("cause_command", who=voice.who(step.by))
    else:
        cause = voice.word("cause", step.cause or Cause.STILL_BREACHED)
    if step.metric and step.due_at:
        metric = voice.word("metric", step.metric)
        cause = voice.say("of_clock", cause=cause, metric=metric, due=voice.at(step.due_at))
    said = voice.say("said_note", said=step.reason) if step.reason else ""
    return "; ".join((cause + said, *_why_not(voice, step)))


def _why_not(voice: Voice, step: LadderStep) -> Iterator[str]:
    if step.why_not == "raised_lately" and step.until is None:
        yield voice.say("why_raised_lately_unknown")
    elif step.why_not:
        yield voice.say(f"why_{step.why_not}", until=voice.at(step.until) if step.until else "")
