"""`tuntas audit verify`: whether timelines are as they were recorded. Exit code 6 if one is not, as `doctor` has it."""

import os
from typing import TYPE_CHECKING, Annotated

import typer

from commands.explain import Spoken
from commands.output import Json, console, print_json, say
from commands.progress import ending_alike, progress_bar
from complaints.errors import BadInput, PartlyDone
from complaints.vocabulary import Language

if TYPE_CHECKING:
    from complaints.auditing import Verdict
    from starter.auditing import Audited

app = typer.Typer(help="Audit what was recorded.", no_args_is_help=True)
_SHOWN = 100  # lines
_HASH = 64  # hexadecimal digits

Given = Annotated[str | None, typer.Argument(metavar="REFERENCE", help="One case; or --all.")]


@app.callback()
def _group() -> None:
    """Keep `verify` a command of its own, though it is the only one."""


@app.command()
def verify(
    reference: Given = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Every timeline of the database.")] = False,
    since: Annotated[
        str | None, typer.Option(metavar="REFERENCE", help="With --all: go on after this one, in order of references.")
    ] = None,
    head: Annotated[
        str | None, typer.Option(metavar="HASH", help="With REFERENCE: a head kept elsewhere, such as on a PDF.")
    ] = None,
    processes: Annotated[int | None, typer.Option(min=1, max=64, help="With --all. [as many as cores]")] = None,
    language: Spoken = None,
    as_json: Json = False,
) -> None:
    """Recompute the chain of a timeline, or of all, and name the first entry that is not as it was recorded."""
    if every == (reference is not None):
        raise BadInput("name one case, or all", field="REFERENCE", remedy="give a reference, or --all")
    if reference is not None:
        if since is not None:
            raise BadInput("is for --all", field="--since", remedy="leave it out, or use --all")
        _one(reference, _hash(head), language, as_json=as_json)
    else:
        if head is not None:
            raise BadInput("is the head of one case", field="--head", remedy="give the case's reference")
        _all(since, processes or os.cpu_count() or 1, language, as_json=as_json)


def _hash(head: str | None) -> str | None:
    if head is None:
        return None
    found = "".join(head.split()).lower()
    if len(found) != _HASH or set(found) - set("0123456789abcdef"):
        raise BadInput("is no hash", field="--head", remedy="give its 64 hexadecimal digits, as the record has them")
    return found


def _one(reference: str, head: str | None, language: Language | None, *, as_json: bool) -> None:
    from commands.session import with_tuntas
    from documents.findings import told
    from starter.auditing import audit_one
    from starter.references import read_reference

    known = read_reference(reference)
    found: Verdict = with_tuntas(lambda tuntas: audit_one(tuntas.pool, known, head=head), temporal=False)
    if as_json:
        print_json(found)
    else:
        say(told(found, language or _house()))
    if found.finding is not None:
        raise _unsound(1)


def _all(since: str | None, processes: int, language: Language | None, *, as_json: bool) -> None:
    from commands.session import database_url, with_tuntas
    from starter.auditing import audit_all
    from starter.references import read_reference

    after = read_reference(since) if since else ""
    url = database_url()
    reached: list[str | None] = [since]
    try:
        with ending_alike(), progress_bar("verifying") as bar:

            def told(so_far: "Audited", total: int | None) -> None:
                reached[0] = so_far.last
                bar.reach(so_far.cases, total)

            found: Audited = with_tuntas(
                lambda tuntas: audit_all(tuntas.pool, url, after=after, processes=processes, told=told), temporal=False
            )
    except BaseException:
        if reached[0]:
            console(errors=True).print(f"verified up to {reached[0]}; go on with --since {reached[0]}")
        raise
    if as_json:
        print_json(found)
    else:
        _show(found, language or _house())
    if not found.sound:
        raise _unsound(found.tampered)


def _show(found: "Audited", language: Language) -> None:
    from documents.findings import told
    from documents.texts import words

    said = words(language, "audit")
    for one in found.findings[:_SHOWN]:
        say(told(one, language))
    if found.tampered > _SHOWN:
        say(str(said["more"]).format(number=found.tampered - _SHOWN))
    say(str(said["total"]).format(**found.model_dump(include={"cases", "entries", "erased", "tampered"})))
    if found.pending:
        say(str(said["total_pending"]).format(pending=found.pending))


def _unsound(number: int) -> PartlyDone:
    remedy = "see docs/audit.md, `When something is found`: change nothing before it is copied"
    return PartlyDone(f"{number} not as recorded", field="timeline", remedy=remedy)


def _house() -> Language:
    import policies
    from settings import Settings

    return Language(policies.load(Settings().policy).languages[0])
