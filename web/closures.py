"""The closure record as a document, for whoever asks: the desk, the HTTP interface, the `tuntas` command.

Record and timeline are those that are stored: they do not change with what happens to the case afterwards.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from string import Formatter
from typing import Any, NamedTuple

from starlette.responses import HTMLResponse, Response

import policies
from complaints.errors import BadPolicy, NotFound
from complaints.messages.view import EntryView
from complaints.policy import Policy
from complaints.timeline import Entry
from complaints.vocabulary import Language
from database import closures
from database.closures import StoredAnnex, StoredRecord
from database.sql import Connection
from documents import Annex, Line, as_html, closure, content_security_policy
from documents.parts import Document
from web.desk.stream import said
from web.desk.voice import Voice
from web.printing import Printer

FIRST, LAST = 100, 400
"""Entries of the annex from the beginning and from the end: one that is longer would take minutes of a processor."""


class Format(StrEnum):
    JSON = "json"
    HTML = "html"
    PDF = "pdf"


class Papers(NamedTuple):
    """A stored record, with the timeline that it rests on."""

    record: StoredRecord
    annex: StoredAnnex


class Made(NamedTuple):
    html: str
    content_security_policy: str
    name: str  # of a file without its ending


async def load(conn: Connection, reference: str, number: int | None = None) -> Papers:
    """Return a record, the last one unless named. Raises `NotFound`, whose remedy says what there is."""
    found = await closures.stored(conn, reference)
    wanted = [one for one in found if number in (None, one.number)]
    if not found:
        raise NotFound("it has no closure record yet", field="closure", remedy="ask again when it is closed")
    if not wanted:
        numbers = ", ".join(str(one.number) for one in found)
        raise NotFound(f"it has no closure record {number}", field="number", remedy=f"ask for one of {numbers}")
    record = wanted[-1]
    head = str(record.record.get("chain_head"))
    return Papers(record, await closures.annex(conn, reference, head, first=FIRST, last=LAST))


def render(papers: Papers, language: Language, policy: Policy, people: Mapping[str, str] | None = None) -> Made:
    """Return the page. `people` are names of agents by id; `policy` serves where the record's own is not here."""
    record = papers.record.record
    voice = _RecordVoice(language, _pack(str(record.get("pack"))) or policy, people)
    lines = [_line(one, voice, erased=one.sequence in papers.annex.erased) for one in papers.annex.entries]
    annex = Annex(lines, papers.annex.total, papers.annex.found)
    document: Document = closure(record, annex, voice)
    name = f"{record['reference']}-{papers.record.number}-{language}"
    return Made(as_html(document), content_security_policy(document), name)


async def answer(made: Made, form: Format, printer: Printer) -> Response:
    """Answer a request with it. A browser shows it and runs nothing of it; nobody keeps it."""
    headers = {
        "cache-control": "private, no-store", "content-security-policy": made.content_security_policy,
        "content-disposition": f'inline; filename="{made.name}.{form}"', "x-content-type-options": "nosniff",
    }  # fmt: skip
    if form is Format.HTML:
        return HTMLResponse(made.html, headers=headers)
    del headers["content-security-policy"]
    return Response(await printer.pdf(made.html), media_type="application/pdf", headers=headers)


@lru_cache(32)
def _pack(name: str) -> Policy | None:
    """The policy that a record was made under, as it is called here; None if there is none of this name."""
    try:
        return policies.load(name)
    except (BadPolicy, NotFound):
        return None


class _RecordVoice(Voice):
    """The desk's voice, for somebody who may not know which category a step is of."""

    def anywhere(self, name: str) -> str:
        return self.label((step for one in self.policy.categories.values() for step in one.procedure), name)


def _line(entry: Entry, voice: Voice, *, erased: bool) -> Line:
    view = EntryView(sequence=entry.sequence, at=entry.at, kind=entry.kind, actor=entry.actor, detail=entry.detail)
    sentence = _bare(entry, voice) if erased else said(view, voice)
    return Line(entry.sequence, entry.at, voice.actor(entry.actor), sentence, entry.words, erased)


def _bare(entry: Entry, voice: Voice) -> str:
    """What happened, without what is not known any more."""
    template = voice.say(f"entries.{entry.kind}")
    places = {place: "…" for _, place, _, _ in Formatter().parse(template) if place}
    return template.format(**places)


def of_case(record: Mapping[str, Any], entries: Sequence[Entry], language: Language, policy: Policy) -> Made:
    """The page of a record that is stored nowhere: of a simulated case, with its whole timeline."""
    head = next((number for number, one in enumerate(entries, 1) if one.hash == record["chain_head"]), None)
    upto = entries[: head or len(entries)]
    kept = StoredRecord(number=int(record["number"]), record=dict(record))
    return render(Papers(kept, StoredAnnex(tuple(upto), len(upto), head is not None)), language, policy)
