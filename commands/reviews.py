"""`tuntas reviews`: which closed cases wait for a reviewer, and how a case was handled."""

from typing import TYPE_CHECKING, Annotated

import typer

from commands.explain import Spoken, rendered
from commands.inputs import Reference
from commands.output import Json, console, local, print_json, table
from complaints.vocabulary import Language, ReviewCause

if TYPE_CHECKING:
    from rich.table import Table

    from database.reviews import Reviews

app = typer.Typer(help="Which closed cases wait for a reviewer, and how a case was handled.", no_args_is_help=True)
Text = str | None


@app.command("list")
def list_reviews(
    *,
    team: Annotated[Text, typer.Option(help="Closed in this team.")] = None,
    cause: Annotated[ReviewCause | None, typer.Option(help="Why it is to be reviewed.")] = None,
    handler: Annotated[Text, typer.Option(metavar="AGENT", help="Whose handling it was.")] = None,
    done: Annotated[bool, typer.Option("--done", help="Those that were reviewed, the latest first.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    after: Annotated[Text, typer.Option(help="The `next` of the page before.")] = None,
    as_json: Json = False,
) -> None:
    """List the closings that wait for a reviewer, the oldest first; `record-evaluation` reviews one."""
    from commands.session import with_tuntas
    from database.reviews import Wanted

    wanted = Wanted(team=team, cause=cause, handler=handler, done=done)
    page = with_tuntas(lambda tuntas: tuntas.reviews(wanted, limit=limit, after=after), temporal=False)
    if as_json:
        print_json(page)
        return
    console().print(_table(page))
    if page.next:
        console(errors=True).print(f"more with --after {page.next}", soft_wrap=True)


def _table(page: "Reviews") -> "Table":
    shown = table("reference!", "closing", "wanted!", "why", "handled by", "team", "speed", "solution", "communication")
    for row in page.items:
        scores = ("-" if score is None else f"{score:g}" for score in (row.speed, row.solution, row.communication))
        who = (row.handler or "-", row.team or "-")
        shown.add_row(row.reference, str(row.number), local(row.wanted_at), ", ".join(row.causes), *who, *scores)
    return shown


@app.command()
def show(reference: Reference, language: Spoken = None, as_json: Json = False) -> None:
    """Show the scores of a case as of now, with what led to each."""
    from commands.session import with_tuntas
    from policies.reasons import why_scored

    bench = with_tuntas(lambda tuntas: tuntas.workbench(reference))
    if as_json:
        print_json(bench.scores)
        return
    shown = console()
    for told in why_scored(bench.scores, bench.texts, language or Language.ID):
        for part in rendered(told):
            shown.print(part, soft_wrap=isinstance(part, str) and not shown.is_terminal)
