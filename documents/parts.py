"""What a document is made of: sections with facts, tables, what somebody wrote, and sentences. All of it plain text."""

from collections.abc import Sequence
from typing import NamedTuple


class Facts(NamedTuple):
    """Names and what they are."""

    rows: Sequence[tuple[str, str]]
    kind: str = "facts"


class Table(NamedTuple):
    """Rows under headings; the first cell of a row names it. `words` of a row stand in it, as somebody wrote them."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: Sequence[str | None] = ()
    kind: str = "table"


class Words(NamedTuple):
    """What somebody wrote; `after` says what was left out of it."""

    text: str
    after: str = ""
    kind: str = "words"


class Sentence(NamedTuple):
    text: str
    kind: str = "sentence"


class Code(NamedTuple):
    """A hash, or a command to be typed."""

    text: str
    kind: str = "code"


Part = Facts | Table | Words | Sentence | Code


class Section(NamedTuple):
    id: str
    title: str
    parts: Sequence[Part]


class Document(NamedTuple):
    """`title` names it among others, `heading` and `lead` stand at its top, `foot` at the foot of each page."""

    language: str
    title: str
    heading: str
    lead: str
    foot: str
    created: str  # ISO 8601
    sections: Sequence[Section]
