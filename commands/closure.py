"""`tuntas closure`: the closure record as JSON as it is stored, as a page, or as a tagged PDF."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.explain import Spoken
from commands.inputs import Reference
from commands.output import print_json
from complaints.errors import BadInput
from complaints.vocabulary import Language
from web.closures import Format

if TYPE_CHECKING:
    from starter.client import Tuntas
    from web.closures import Made, Papers


def add_to(app: typer.Typer) -> None:
    app.command()(closure)


def closure(
    reference: Reference,
    *,
    number: Annotated[
        int | None, typer.Option(min=1, help="Which one, of a case closed several times. [the last]")
    ] = None,
    language: Spoken = None,
    form: Annotated[Format | None, typer.Option("--format", help="[by the name of the file, else json]")] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where to write it. [standard output]")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Give the closure record of a case: everything an auditor asks of it, with its timeline."""
    wanted = _format(form, out, as_json=as_json)
    papers, made = _load(reference, number, language, page=wanted is not Format.JSON)
    if wanted is Format.JSON and out is None:
        print_json(papers.record.record)
        return
    _write(_content(wanted, papers, made), out, wanted)


def _format(form: Format | None, out: Path | None, *, as_json: bool) -> Format:
    if as_json and form not in (None, Format.JSON):
        raise BadInput("is another form than --json", field="--format", remedy="use one of the two")
    if form is not None or as_json:
        return form or Format.JSON
    ending = out.suffix.removeprefix(".").lower() if out is not None else ""
    return Format(ending) if ending in set(Format) else Format.JSON


def _load(reference: str, number: int | None, language: Language | None, *, page: bool) -> "tuple[Papers, Made | None]":
    from commands.session import with_tuntas
    from database import desk
    from database.pool import transaction
    from starter import rpc
    from starter.references import read_reference
    from web import closures

    known = read_reference(reference)

    async def load(tuntas: "Tuntas") -> "tuple[Papers, Made | None]":
        from commands.output import now

        async with rpc.postgres(), transaction(tuntas.pool) as conn:
            papers = await closures.load(conn, known, number)
            agents = await desk.agents(conn, None, now()) if page else ()
        if not page:
            return papers, None
        names = {agent.id: str(agent.name or agent.id) for agent in agents}
        spoken = language or Language(tuntas.policy.languages[0])
        return papers, closures.render(papers, spoken, tuntas.policy, names)

    return with_tuntas(load, temporal=False)


def _content(wanted: Format, papers: "Papers", made: "Made | None") -> bytes:
    if made is None:
        return _json(papers.record.record)
    if wanted is Format.HTML:
        return made.html.encode()
    from documents import as_pdf

    return as_pdf(made.html)


def _json(record: Any) -> bytes:
    import json

    return (json.dumps(record, ensure_ascii=False, indent=2) + "\n").encode()


def _write(content: bytes, out: Path | None, wanted: Format) -> None:
    if out is None:
        if wanted is Format.PDF and sys.stdout.isatty():
            raise BadInput("is not for a terminal", field="--format", remedy="give a file with --out")
        sys.stdout.buffer.write(content)
        return
    try:
        out.write_bytes(content)
    except OSError as error:
        remedy = "give the path of a file that can be written"
        raise BadInput(f"cannot be written: {error.strerror}", field="--out", remedy=remedy) from error
