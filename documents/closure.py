"""The closure record as a document: everything an auditor asks of a closed case, and the timeline as an annex.

The record is read tolerantly, as it is stored: an older one lacks what was added since, a newer one holds what this
page does not know, which is told all the same under its plain name.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from documents import course, handling
from documents.parts import Code, Document, Facts, Part, Section, Sentence, Words
from documents.text import LONGEST_IN_ANNEX, harmless
from documents.voice import Speech, Voice, instant

Record = Mapping[str, Any]


class Line(NamedTuple):
    """An entry of the timeline in words: `words` is what somebody wrote with it."""

    sequence: int
    at: datetime
    who: str
    sentence: str
    words: str | None = None
    erased: bool = False


class Annex(NamedTuple):
    """The timeline up to what the record rests on. `total` counts all its entries, `lines` may leave out the middle.

    `found`: whether the entry that the record rests on is in the timeline at all.
    """

    lines: Sequence[Line]
    total: int
    found: bool = True


KNOWN = frozenset(
    {
        "number", "reference", "closed_at", "reason", "problem", "category", "severity", "findings", "outcome",
        "reasons", "final", "remedies", "cost", "currency", "approved_by", "steps", "actions", "root_cause",
        "evaluation", "clocks", "transfers", "disputes", "reopenings", "escalations", "satisfied", "rating", "silence",
        "owner", "tier", "pack", "policy_version", "chain_head", "reopened", "scores",
    }
)  # fmt: skip
"""What a record may hold that has a place of its own here."""


def closure(record: Record, annex: Annex, voice: Voice) -> Document:
    """Return the document of a record, in the language of the voice."""
    speech = Speech(voice)
    number, reference = int(record["number"]), str(record["reference"])
    title = speech.say("title", number=number, reference=reference)
    closed = instant(record["closed_at"]) or datetime.fromtimestamp(0, UTC)
    return Document(
        language=str(voice.language), title=title, heading=title,
        lead=speech.say("lead", at=voice.when(closed), zone=speech.zone(closed)),
        foot=reference, created=closed.isoformat(),
        sections=[section for section in _sections(record, annex, speech) if section.parts],
    )  # fmt: skip


def _sections(record: Record, annex: Annex, speech: Speech) -> Iterator[Section]:
    made: Sequence[tuple[str, Any]] = (
        ("case", _case), ("problem", _problem), ("reopened", handling.reopened), ("findings", _findings),
        ("decision", _decision),
        ("remedies", _remedies), ("steps", course.steps), ("owed", course.owed), ("done", course.done),
        ("root_cause", course.root_cause), ("corrections", course.corrections), ("promises", course.clocks),
        ("course", _course), ("ending", _ending), ("evaluation", handling.evaluation), ("further", _further),
        ("proof", _proof),
    )  # fmt: skip
    for name, make in made:
        yield Section(name, speech.say(f"sections.{name}"), list(make(record, speech)))
    yield Section("annex", speech.say("sections.annex"), list(_annex(annex, speech)))


def _case(record: Record, speech: Speech) -> Iterator[Part]:
    voice = speech.voice
    rows = [
        ("reference", str(record["reference"])),
        ("closed_at", speech.when(record["closed_at"])),
        ("reason", voice.word("closing_reason", record["reason"])),
        ("category", voice.category(record.get("category"))),
        ("severity", voice.word("severity", record["severity"])),
        ("owner", voice.owner(str(record["owner"]))),
        ("tier", voice.tier(str(record["tier"]))),
        ("policy", f"{record['pack']} {record['policy_version']}"),
    ]
    yield Facts([(speech.say(f"fields.{name}"), text) for name, text in rows])


def _problem(record: Record, speech: Speech) -> Iterator[Part]:
    yield written(record.get("problem"), speech)


def _findings(record: Record, speech: Speech) -> Iterator[Part]:
    if record.get("findings") is not None:
        yield written(record["findings"], speech)
    elif record.get("outcome") is not None:
        yield Sentence(speech.say("no_findings"))


def _decision(record: Record, speech: Speech) -> Iterator[Part]:
    if record.get("outcome") is None:
        yield Sentence(speech.say("no_decision"))
        return
    yield Facts([(speech.say("fields.outcome"), speech.voice.word("outcome", record["outcome"]))])
    if record.get("final"):
        yield Sentence(speech.say("final"))
    yield written(record.get("reasons"), speech)


def _remedies(record: Record, speech: Speech) -> Iterator[Part]:
    found, currency = record.get("remedies") or (), str(record.get("currency") or "IDR")
    if not found:
        if record.get("outcome") is not None:
            yield Sentence(speech.say("no_remedies"))
        return
    rows = [
        (speech.voice.solution(str(one["solution"])), harmless(one.get("detail") or "-")[0],
         speech.money(int(one.get("cost") or 0), currency))
        for one in found
    ]  # fmt: skip
    yield course.table("remedies", rows, speech)
    total, approval = speech.money(int(record.get("cost") or 0), currency), record.get("approved_by")
    if approval:
        yield Sentence(speech.say("total_approved", total=total, who=speech.voice.owner(str(approval))))
    else:
        yield Sentence(speech.say("total", total=total))


def _course(record: Record, speech: Speech) -> Iterator[Part]:
    counts = ("transfers", "disputes", "reopenings", "escalations")
    yield Facts([(speech.say(f"fields.{one}"), speech.number(int(record.get(one) or 0))) for one in counts])


def _ending(record: Record, speech: Speech) -> Iterator[Part]:
    if record.get("silence"):
        yield Sentence(speech.say("silence"))
    elif record.get("satisfied") is not None:
        yield Sentence(speech.say("satisfied" if record["satisfied"] else "dissatisfied"))
    else:
        yield Sentence(speech.say("no_answer"))
    if record.get("rating") is not None:
        yield Sentence(speech.say("rating", rating=speech.number(record["rating"])))


def _further(record: Record, speech: Speech) -> Iterator[Part]:
    more = {name: value for name, value in record.items() if name not in KNOWN and value not in (None, [], {}, "")}
    if more:
        yield Facts(list(course.plain(more, speech)))


def _proof(record: Record, speech: Speech) -> Iterator[Part]:
    yield Sentence(speech.say("proof"))
    yield Code(str(record["chain_head"]))
    yield Sentence(speech.say("proof_how"))
    yield Code(f"tuntas audit verify {record['reference']} --head {record['chain_head']}")


def _annex(annex: Annex, speech: Speech) -> Iterator[Part]:
    if not annex.found:
        yield Sentence(speech.say("annex_lost"))
    left = annex.total - len(annex.lines)
    yield Sentence(speech.say("annex", total=speech.number(annex.total)))
    if left > 0:
        shown = {"shown": speech.number(len(annex.lines)), "left": speech.number(left)}
        yield Sentence(speech.say("annex_cut", **shown))
    rows, words = [], []
    for line in annex.lines:
        sentence = speech.say("erased_entry", what=line.sentence) if line.erased else line.sentence
        # Number and instant in one cell: each costs as much as a line of text.
        place = f"{speech.number(line.sequence)}. {speech.when(line.at)}"
        rows.append((place, line.who, harmless(sentence)[0]))
        words.append(_said(line.words, speech))
    if rows:
        yield course.table("annex", rows, speech)._replace(words=words)


def _said(words: str | None, speech: Speech) -> str | None:
    if not words:
        return None
    kept, left = harmless(words, LONGEST_IN_ANNEX)
    return f"{kept} … {speech.say('cut', left=speech.number(left))}" if left else kept


def written(text: object, speech: Speech) -> Part:
    """Return what somebody wrote; a text that is not there any more was erased."""
    if text is None:
        return Sentence(speech.say("erased"))
    kept, left = harmless(text)
    return Words(kept, speech.say("cut", left=speech.number(left)) if left else "")
