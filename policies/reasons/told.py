"""What is told: a sentence, and a table that shows how it comes about. Plain text, for a terminal, a page or an API."""

from complaints.model import Frozen


class Row(Frozen):
    """`kind` is what the row is about, whatever the language; `cells` are as many as there are columns."""

    kind: str
    cells: tuple[str, ...]


class Told(Frozen):
    """`code` is what a command names it by, such as `resolution 1`: nothing for a page."""

    title: str
    code: str | None = None
    sentence: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
