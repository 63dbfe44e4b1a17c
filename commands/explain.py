"""`tuntas explain`: why a clock is due then, why a case was escalated, why it was closed; in words, or as JSON."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from commands.inputs import Reference, spoken
from commands.output import Json, console, print_json, say
from complaints.errors import BadInput
from complaints.vocabulary import Language

if TYPE_CHECKING:
    from rich.console import RenderableType

    from complaints.messages.reasons import Reasons
    from policies.reasons import Told

_MUTED = ("closed", "holiday", "skipped")
_STYLES = {"pause": "yellow", "extension": "cyan", "reassessment": "cyan", "replan": "cyan", "due": "bold"}


class Why(StrEnum):
    """What is to be explained."""

    DUE = "due"
    ESCALATED = "escalated"
    CLOSED = "closed"


WhyOption = Annotated[Why | None, typer.Option(help="One question alone. [all three in words, `due` as JSON]")]
Spoken = Annotated[
    Language | None,
    typer.Option(parser=spoken, metavar="TAG", help="id or en. [the first language of the case's policy]"),
]


def add_to(app: typer.Typer) -> None:
    app.command()(explain)


def explain(
    reference: Reference,
    metric: Annotated[
        str | None, typer.Argument(help="One metric, such as resolution; all when left out.", metavar="METRIC")
    ] = None,
    why: WhyOption = None,
    language: Spoken = None,
    as_json: Json = False,
) -> None:
    """Say why each clock is due when it is, why the case went up a tier, and why it was closed."""
    from commands.session import with_tuntas

    check_question(metric, why)
    found = with_tuntas(lambda tuntas: tuntas.reasons(reference))
    tell(found, metric=metric, why=why, language=language, as_json=as_json)


def check_question(metric: str | None, why: Why | None) -> None:
    """Raise `BadInput` for an unknown metric, or one that is asked of something else than clocks."""
    from starter.looking import known_metric

    known_metric(metric)
    if metric is not None and why not in (None, Why.DUE):
        raise BadInput("is only asked of clocks", field="metric", remedy="leave it out, or use --why due")


def tell(found: "Reasons", *, metric: str | None, why: Why | None, language: Language | None, as_json: bool) -> None:
    """Print the reasons of a case."""
    if not as_json:
        from policies.reasons import no_clock

        shown, spoken = console(), language or Language(found.languages[0])
        told = list(_told(found, spoken, metric, why))
        if not told:
            say(no_clock(found, spoken))
        for one in told:
            for part in rendered(one):
                shown.print(part, soft_wrap=isinstance(part, str) and not shown.is_terminal)
    elif why is Why.ESCALATED:
        print_json(found.escalations)
    elif why is Why.CLOSED:
        print_json(found.closings)
    else:
        from complaints.case.explaining import explanation

        print_json([explanation(one) for one in found.clocks if metric in (None, str(one.metric))])


def _told(found: "Reasons", language: Language, metric: str | None, why: Why | None) -> "Iterator[Told]":
    from policies.reasons import why_closed, why_due, why_escalated

    if why in (None, Why.DUE):
        yield from why_due(found, language, metric)
    if why is Why.ESCALATED or (why is None and metric is None):
        yield why_escalated(found, language)
    if why is Why.CLOSED or (why is None and metric is None):
        yield from why_closed(found, language)


def rendered(told: "Told") -> "Iterable[RenderableType]":
    """Return what is told as a terminal shows it: title, sentence, table."""
    from rich.markup import escape

    from commands.output import table

    yield f"[bold]{escape(f'{told.title} ({told.code})' if told.code else told.title)}[/bold]"
    yield escape(told.sentence)
    if told.rows:
        shown = table(*told.columns)
        for row in told.rows:
            style = "dim" if row.kind in _MUTED else _STYLES.get(row.kind)
            shown.add_row(*(escape(cell) for cell in row.cells), style=style)
        yield shown
    yield ""
