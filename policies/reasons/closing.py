"""Why a case was closed, or is not: who or what brought each closing about, and everything that led to it."""

from complaints.messages.reasons import Closing, ClosingStep, Reasons
from complaints.vocabulary import AGENT_CLOSING_REASONS, ClosingReason, Language
from policies.reasons.told import Row, Told
from policies.reasons.voice import Voice


def why_closed(reasons: Reasons, language: Language) -> tuple[Told, ...]:
    """Return one account for each closing; for a case that is open, the last one says so."""
    voice, found = Voice(reasons, language), reasons.closings
    told = [_closing(voice, closing) for closing in found.closings]
    open_again = not found.closings or found.reopenings >= len(found.closings)
    if open_again:
        status = voice.phrase_or("pause", "status", found.status)
        sentence = voice.say("closing_open", status=status)
        title = voice.say("closing_none_title")
        told.append(Told(title=title, sentence=sentence, columns=voice.columns("closing"), rows=()))
    return tuple(told)


def _closing(voice: Voice, closing: Closing) -> Told:
    reason = voice.word("closing_reason", closing.reason)
    if closing.closed_at is None:
        first = voice.say("closing_missing", reason=reason, parts=_parts(voice, closing.missing))
    else:
        first = voice.say("closed_at", at=voice.when(closing.closed_at), reason=reason)
    sentences = [first, _because(voice, closing)]
    if closing.closed_at is not None and any(step.kind == "part_given" for step in closing.steps):
        sentences.append(voice.say("because_completed", at=voice.when(closing.closed_at)))
    return Told(
        title=voice.say("closing_title", n=closing.number, reason=reason),
        sentence=" ".join(sentence for sentence in sentences if sentence),
        columns=voice.columns("closing"),
        rows=tuple(_row(voice, step) for step in closing.steps),
    )


def _because(voice: Voice, closing: Closing) -> str:
    if closing.silence:
        lapsed = next(step for step in reversed(closing.steps) if step.kind == "lapsed")
        return voice.say("because_silence", due=voice.when(lapsed.due_at or lapsed.at), n=closing.reminders)
    if closing.reason is ClosingReason.DEADLOCK:
        return voice.say("because_deadlock", n=closing.disputes)
    how = next((step.how for step in reversed(closing.steps) if step.how), None)
    told = {"who": voice.who(closing.by), "how": voice.say("how", how=how) if how else ""}
    if closing.reason in (ClosingReason.CONFIRMED, ClosingReason.WITHDRAWN):
        return voice.say(f"because_{closing.reason}", **told)
    return voice.say("because_ordered", **told) if closing.reason in AGENT_CLOSING_REASONS else ""


def _parts(voice: Voice, parts: tuple[str, ...]) -> str:
    return voice.several(voice.word("detail", part) for part in parts)


def _row(voice: Voice, step: ClosingStep) -> Row:
    kind: str = step.kind
    if kind == "closed":
        kind = "closed_now"
    elif kind == "decided" and step.final:
        kind = "decided_final"
    occasion = voice.say(f"occasion_{step.occasion}") if step.occasion else ""
    what = voice.say(f"step_{kind}", n=step.number, occasion=occasion)
    return Row(kind=step.kind, cells=(voice.at(step.at), what, voice.who(step.by), _note(voice, step)))


def _note(voice: Voice, step: ClosingStep) -> str:
    if step.outcome:
        return voice.say(f"outcome_{step.outcome}")
    if step.due_at:
        return voice.say("until_note", at=voice.at(step.due_at))
    if step.parts:
        parts = _parts(voice, step.parts)
        return voice.say("missing_note", parts=parts) if step.kind == "began" else parts
    return step.text or step.how or ""
