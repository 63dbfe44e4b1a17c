"""What was done in a case, and what is owed: steps, actions, clocks, root cause, evaluation, as parts of a page."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from documents.parts import Facts, Part, Sentence, Table
from documents.text import harmless
from documents.voice import Speech, instant

Record = Mapping[str, Any]
Row = Sequence[str]
CORRECTIONS = ("corrective", "preventive")
_CAUSE = (
    "method",
    "category",
    "fishbone_class",
    "cause",
    "whys",
    "evidence",
    "corrective_action",
    "preventive_action",
    "effective",
    "weak_ends",
    "actions",
    "corrective_actions",
    "preventive_actions",
)
_OF_ITS_OWN = ("whys", "weak_ends", "actions", "corrective_actions", "preventive_actions")  # told elsewhere
_MOST = 200  # rows of a table
_DEEP = 3


def table(name: str, rows: Sequence[Row], speech: Speech) -> Table:
    """Return a table with the caption and the headings of this name."""
    columns = [str(one) for one in speech.words["columns"][name]]
    return Table(speech.say(f"captions.{name}"), columns, rows)


def bounded(name: str, rows: Sequence[Row], speech: Speech) -> Iterator[Part]:
    """A table, its first rows if there are very many, and a sentence that says so."""
    if rows:
        yield table(name, rows[:_MOST], speech)
    if len(rows) > _MOST:
        yield Sentence(speech.say("rows_cut", left=speech.number(len(rows) - _MOST)))


def steps(record: Record, speech: Speech) -> Iterator[Part]:
    rows = [
        (speech.voice.anywhere(str(one.get("step"))), speech.when(one.get("at")),
         speech.voice.owner(str(one.get("actor") or "-")), harmless(one.get("note") or "-")[0])
        for one in record.get("steps") or ()
    ]  # fmt: skip
    yield from bounded("steps", rows, speech)
    if not rows:
        yield Sentence(speech.say("no_steps"))


def owed(record: Record, speech: Speech) -> Iterator[Part]:
    """Whatever is not done yet, to the complainant or in the house: closed is not solved."""
    rows = [
        (_what(one, speech), _kind(one, speech), speech.voice.owner(str(one.get("owner"))), speech.when(one["due_at"]))
        for one in record.get("actions") or () if not one.get("completed_at") and not one.get("cancelled_at")
    ]  # fmt: skip
    yield from bounded("owed", rows, speech)
    if not rows:
        yield Sentence(speech.say("nothing_owed"))


def done(record: Record, speech: Speech) -> Iterator[Part]:
    rows = [
        (_what(one, speech), _kind(one, speech), speech.voice.owner(str(one.get("owner"))),
         _ended(one, speech), _answer(one, speech), harmless(one.get("note") or "-")[0])
        for one in record.get("actions") or () if one.get("completed_at") or one.get("cancelled_at")
    ]  # fmt: skip
    yield from bounded("done", rows, speech)


def corrections(record: Record, speech: Speech) -> Iterator[Part]:
    rows = []
    for one in record.get("actions") or ():
        if one.get("kind") in CORRECTIONS:
            state = _ended(one, speech)
            if one.get("effective") is not None:
                state = f"{state}; {speech.say('worked' if one['effective'] else 'did_not_work')}"
            owner = speech.voice.owner(str(one.get("owner")))
            rows.append((_what(one, speech), owner, speech.when(one["due_at"]), state))
    yield from bounded("corrections", rows, speech)


def _ended(action: Record, speech: Speech) -> str:
    if action.get("cancelled_at"):
        return speech.say("taken_back", at=speech.when(action["cancelled_at"]))
    return speech.when(action["completed_at"]) if action.get("completed_at") else speech.say("still_owed")


def _answer(action: Record, speech: Speech) -> str:
    """What the complainant said to a promise that was reported as kept; silence is never a yes."""
    answer = action.get("answer")
    if answer is None:
        return "-"
    said = speech.name("answers", str(answer))
    return f"{said} ({speech.when(action['answered_at'])})" if action.get("answered_at") else said


def _what(action: Record, speech: Speech) -> str:
    return harmless(speech.voice.reason(str(action.get("description") or "-")))[0]


def _kind(action: Record, speech: Speech) -> str:
    return speech.voice.word("action_kinds", action.get("kind"))


def root_cause(record: Record, speech: Speech) -> Iterator[Part]:
    found: Record | None = record.get("root_cause")
    if not found:
        yield Sentence(speech.say("no_root_cause"))
        return
    voice = speech.voice
    said = {
        "method": voice.word("methods", found.get("method")),
        "category": voice.word("causes", found.get("category")),
        "fishbone_class": voice.word("fishbone", found.get("fishbone_class")),
        "effective": speech.yes(found.get("effective")),
    }
    names = [name for name in _CAUSE if name not in _OF_ITS_OWN and found.get(name) is not None]
    yield Facts([(speech.name("cause", name), said.get(name) or harmless(found[name])[0]) for name in names])
    whys = [
        (speech.number(number), *(harmless(one.get(name) or "-")[0] for name in ("why", "answer")),
         harmless(one.get("evidence") or speech.say("no_evidence"))[0])
        for number, one in enumerate(found.get("whys") or (), 1)
    ]  # fmt: skip
    yield from bounded("whys", whys, speech)
    for end in found.get("weak_ends") or ():
        yield Sentence(_weak(end, speech))
    if more := {name: value for name, value in found.items() if name not in _CAUSE and value not in (None, [], {})}:
        yield Facts(list(plain(more, speech)))


def _weak(end: Record, speech: Speech) -> str:
    place = str(end.get("field") or "").split(".")
    where = speech.say("weak_why", number=int(place[1]) + 1) if len(place) > 1 and place[1].isdigit() else ""
    return speech.say("weak", what=f"{where}{speech.voice.word('weaknesses', end.get('weakness'))}")


def clocks(record: Record, speech: Speech) -> Iterator[Part]:
    rows = [_clock(one, speech) for one in record.get("clocks") or ()]
    yield from bounded("clocks", rows, speech)


def _clock(clock: Record, speech: Speech) -> Row:
    voice = speech.voice
    name, occurrence = voice.word("metric", clock["metric"]), int(clock.get("occurrence") or 1)
    target = voice.target(str(clock["target"]))
    return (
        f"{name[:1].upper()}{name[1:]}{f' ({speech.number(occurrence)})' if occurrence > 1 else ''}", target,
        speech.when(clock.get("due_at")), _result(clock, speech),
    )  # fmt: skip


def _result(clock: Record, speech: Speech) -> str:
    """How a promise ended: kept and by whom, lapsed, cancelled, or broken and how late; and when."""
    state, late = str(clock["state"]), int(clock.get("late_seconds") or 0)
    said = speech.name("results", state)
    if state == "met" and clock.get("met_by"):
        said = speech.name("met_by", str(clock["met_by"]))
    if clock.get("breached_at"):
        said = speech.say("breached", how=said, late=speech.voice.span(late))
    paused = int(clock.get("paused_seconds") or 0)
    said = f"{said}; {speech.say('paused', span=speech.voice.span(paused))}" if paused else said
    return f"{said}, {speech.when(clock['ended_at'])}" if clock.get("ended_at") else said


def evaluation(record: Record, speech: Speech) -> Iterator[Part]:
    if found := record.get("evaluation"):
        yield Facts(list(plain(found, speech)))


def plain(values: Mapping[str, Any], speech: Speech, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Whatever a record holds, under the name it has there."""
    for name, value in values.items():
        label = speech.name("more", str(name))
        if isinstance(value, Mapping) and depth < _DEEP:
            yield from ((f"{label}: {inner}", text) for inner, text in plain(value, speech, depth + 1))
        elif isinstance(value, list | tuple) and depth < _DEEP:
            for number, one in enumerate(value[:_MOST], 1):
                yield from plain({f"{name} {number}": one}, speech, depth + 1)
        elif value is not None:
            yield label, _scalar(value, speech)


def _scalar(value: object, speech: Speech) -> str:
    if isinstance(value, bool):
        return speech.yes(value)
    if isinstance(value, int | float):
        return speech.number(value)
    if isinstance(value, str) and value[:4].isdigit() and value[10:11] == "T" and instant(value) is not None:
        return speech.when(value)
    return harmless(value)[0]
