"""Why a case was opened again since the record before, and how well it was handled, as parts of a page."""

from collections.abc import Iterator, Mapping
from typing import Any

from complaints.evaluation import Scores
from documents import course
from documents.parts import Facts, Part, Sentence, Table, Words
from documents.text import harmless
from documents.voice import Speech
from policies.reasons import why_scored

Record = Mapping[str, Any]


def reopened(record: Record, speech: Speech) -> Iterator[Part]:
    """The reason, who did it, the new facts it rests on, and which parts of the record are others now."""
    found: Record | None = record.get("reopened")
    if not found:
        return
    voice = speech.voice
    rows = [
        ("reopened_at", speech.when(found.get("at"))),
        ("reopened_by", voice.owner(str(found.get("actor") or "-"))),
        ("reopened_reason", voice.word("reopening_reason", found.get("reason"))),
        ("previous", speech.number(int(found.get("previous") or 0))),
        ("changed", ", ".join(voice.word("record_parts", one) for one in found.get("changed") or ()) or "-"),
    ]
    yield Facts([(speech.say(f"fields.{name}"), text) for name, text in rows])
    yield Words(harmless(voice.explanation(str(found.get("explanation") or "-")))[0])
    facts = [
        (speech.number(int(one["sequence"])), speech.when(one.get("at")), harmless(one.get("words") or "-")[0])
        for one in found.get("facts") or ()
    ]
    yield from course.bounded("facts", facts, speech)


def evaluation(record: Record, speech: Speech) -> Iterator[Part]:
    """What the case derived, each score with what moved it; and what a reviewer said before it closed."""
    if found := record.get("scores"):
        columns = [str(one) for one in speech.words["columns"]["scores"]]
        for told in why_scored(Scores.model_validate(found), str(record["pack"]), speech.voice.language):
            moved = [row.cells for row in told.rows if row.cells[1] != "0"]
            if len(moved) > 1:
                yield Table(told.title, columns, moved)
            elif told.rows:
                yield Sentence(speech.say("unmoved", title=told.title))
            else:
                yield Sentence(f"{told.title}. {told.sentence}")
    yield from course.evaluation(record, speech)
