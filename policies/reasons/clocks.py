"""Why a clock is due then: its start, target and calendar, what was counted, and the sum that its due instant is.

Every open interval and every holiday has a row with the total so far; closed hours in between share one row.
"""

from collections.abc import Iterator

from complaints.messages.reasons import ClockReasons, Reasons, StepReasons
from complaints.vocabulary import Language
from policies.reasons.told import Row, Told
from policies.reasons.voice import Voice

_STEPS = ("holiday", "pause", "extension", "reassessment", "replan")
_OUTAGE = "outage"


def why_due(reasons: Reasons, language: Language, metric: str | None = None) -> tuple[Told, ...]:
    """Return what is told of every clock, or of those of one metric."""
    voice = Voice(reasons, language)
    return tuple(_Clock(voice, one).told() for one in reasons.clocks if metric in (None, str(one.metric)))


def no_clock(reasons: Reasons, language: Language) -> str:
    """Say that there is none."""
    return Voice(reasons, language).say("no_clock")


class _Clock:
    def __init__(self, voice: Voice, clock: ClockReasons) -> None:
        self.voice, self.clock = voice, clock
        self.extended = sum(step.counted_seconds for step in clock.steps if step.kind == "extension")

    def told(self) -> Told:
        clock, voice = self.clock, self.voice
        name = voice.word("metric", clock.metric)
        phrase = "clock_title" if clock.occurrence == 1 else "clock_title_again"
        title = voice.say(phrase, metric=name[:1].upper() + name[1:], number=clock.occurrence)
        code = f"{clock.metric} {clock.occurrence}"
        rows = (*self._head(), *self._middle(), *self._foot())
        return Told(title=title, code=code, sentence=self._sentence(), columns=voice.columns("clock"), rows=rows)

    # the sentence

    def _sentence(self) -> str:
        clock, voice = self.clock, self.voice
        facts = {
            "target": voice.target(clock.target),
            "counting": self._counting(),
            "start": voice.when(clock.start),
            "including": self._including(),
        }
        if clock.due_at is None:
            left = voice.length(clock.remaining_seconds or 0)
            first = voice.say("clock_paused", counted=voice.length(clock.counted_seconds), remaining=left, **facts)
        else:
            first = voice.say("clock_due", due=voice.when(clock.due_at), **facts)
        return " ".join((first, *self._outcome()))

    def _counting(self) -> str:
        clock = self.clock
        if clock.calendar is None:
            return self.voice.say("counting_elapsed")
        return self.voice.say("counting_calendar", calendar=clock.calendar, version=clock.version)

    def _including(self) -> str:
        steps = self.clock.steps
        counts = {kind: sum(step.kind == kind for step in steps) for kind in _STEPS}
        added = self.voice.length(self.extended)
        said = [self.voice.say(f"including_{k}s", n=counts[k], length=added) for k in _STEPS if counts[k]]
        return self.voice.say("including", list=self.voice.several(said)) if said else ""

    def _outcome(self) -> Iterator[str]:
        clock, voice = self.clock, self.voice
        if clock.breached_at is not None:
            yield voice.say("clock_breached", at=voice.when(clock.breached_at), late=voice.length(clock.late_seconds))
        if clock.ended_at is not None:
            by = voice.say(f"met_by_{clock.met_by}") if clock.met_by else ""
            said = {"at": voice.when(clock.ended_at), "by": by}
            yield voice.say_first(f"clock_{clock.state}_{clock.on_due}", f"clock_{clock.state}", "clock_ended", **said)

    # the table

    def _row(
        self, kind: str, since: str = "", until: str = "", *, counted: str = "", total: str = "", note: str = ""
    ) -> Row:
        return Row(kind=kind, cells=(self.voice.say(f"step_{kind}"), since, until, counted, total, note))

    def _head(self) -> Iterator[Row]:
        clock, voice = self.clock, self.voice
        yield self._row("start", voice.at(clock.start))
        target, length = voice.target(clock.target), voice.length(clock.target_seconds)
        note = target if target == length else voice.say("target_length", target=target, length=length)
        yield self._row("target", note=note)
        if clock.calendar is None:
            note = voice.say("no_calendar", timezone=voice.zone)
        else:
            about = {"calendar": clock.calendar, "version": clock.version, "timezone": voice.zone}
            note = voice.say("calendar_note", **about)
        yield self._row("calendar", note=note)

    def _middle(self) -> Iterator[Row]:
        total = 0
        for step in self.clock.steps:
            total += step.counted_seconds if step.kind == "open" else 0
            match step.kind:
                case "open":
                    yield self._open(step, total)
                case "holiday" | "pause":
                    yield self._not_counted(step)
                case "closed":
                    pass
                case _:
                    yield self._changed(step)

    def _open(self, step: StepReasons, total: int) -> Row:
        voice = self.voice
        note = voice.say("working_day", n=step.working_day) if step.working_day else ""
        counted, so_far = voice.length(step.counted_seconds), voice.length(total)
        until = voice.until(step.since, step.until)
        return self._row("open", voice.at(step.since), until, counted=counted, total=so_far, note=note)

    def _not_counted(self, step: StepReasons) -> Row:
        voice = self.voice
        day = voice.whole_day(step.since, step.until) if step.kind == "holiday" else None
        since, until = (day, "") if day else (voice.at(step.since), voice.until(step.since, step.until))
        note = self._pause(step) if step.kind == "pause" else step.names.get(voice.language) or step.note or ""
        return self._row(step.kind, since, until, note=note)

    def _pause(self, step: StepReasons) -> str:
        reason = self.voice.phrase_or("pause", "status", step.reason or "")
        return reason + self._by(step)

    def _changed(self, step: StepReasons) -> Row:
        voice, counted = self.voice, ""
        if step.kind == "extension":
            counted = voice.say("added", length=voice.length(step.counted_seconds))
            note = self._extension(step)
        elif step.kind == "reassessment":
            severity = voice.word("severity", step.reason) if step.reason else "-"
            note = voice.say("reassessment_note", severity=severity, **self._change(step)) + self._by(step)
        else:
            note = self._replan(step)
        return self._row(step.kind, voice.at(step.since), counted=counted, note=note)

    def _extension(self, step: StepReasons) -> str:
        if step.reason == _OUTAGE:
            return self.voice.say("extension_outage")
        by = self.voice.target(step.after) if step.after else ""
        return self.voice.say("extension_note", by=by, reason=self.voice.reason(step.reason or "")) + self._by(step)

    def _replan(self, step: StepReasons) -> str:
        voice, none = self.voice, self.voice.say("none")
        old, new = step.policies or ("-", "-")
        dues = {
            "due_before": voice.at(step.due_before) if step.due_before else none,
            "due_after": voice.at(step.due_after) if step.due_after else none,
        }
        return voice.say("replan_note", old=old, new=new, **dues, **self._change(step)) + self._by(step)

    def _change(self, step: StepReasons) -> dict[str, str]:
        return {name: self.voice.target(text) for name in ("before", "after") if (text := getattr(step, name))}

    def _by(self, step: StepReasons) -> str:
        said = self.voice.say("said_note", said=step.said) if step.said else ""
        return said + (self.voice.say("by_note", who=self.voice.who(step.by)) if step.by else "")

    def _foot(self) -> Iterator[Row]:
        clock, voice = self.clock, self.voice
        if any(step.kind == "closed" for step in clock.steps):
            yield self._row("closed", note=voice.say("closed_note"))
        more = voice.say("due_extension", length=voice.length(self.extended)) if self.extended else ""
        sums = {"length": voice.length(clock.target_seconds), "extensions": more}
        total = voice.length(clock.counted_seconds)
        if clock.due_at is None:
            left = voice.length(clock.remaining_seconds or 0)
            note = voice.say("remaining_note", **sums)
            yield self._row("remaining", counted=left, total=total, note=note)
            return
        note = voice.say("due_note", **sums)
        yield self._row("due", voice.at(clock.due_at), total=total, note=note)
