"""`tuntas reconcile`: after a restore, the read model is made to agree with the workflows again."""

from typing import TYPE_CHECKING, Annotated

import typer

from commands.output import Json, console, print_json, say, table
from commands.progress import progress_bar

if TYPE_CHECKING:
    from commands.reconciling import Reconciled
    from starter.client import Tuntas

References = Annotated[list[str] | None, typer.Argument(metavar="[REF…]", help="These cases only. [all]")]
_SHOWN = 20  # lines of a table; with --json all of them


def add_to(app: typer.Typer) -> None:
    app.command("reconcile")(reconcile)


def reconcile(
    references: References = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    set_aside: Annotated[
        bool, typer.Option("--set-aside", help="Where PostgreSQL knows more than a workflow: keep that apart.")
    ] = False,
    concurrency: Annotated[int, typer.Option(min=1, max=32, help="Cases at a time.")] = 4,
    as_json: Json = False,
) -> None:
    """Rebuild the read model from the workflows' histories: rows that are missing or older. No worker is needed.

    Nobody is told anything by it. Interrupted or repeated, nothing is done twice. Needed after PostgreSQL or Temporal
    was restored from a backup.
    """
    from commands.session import with_tuntas
    from starter.references import read_reference

    wanted = [read_reference(reference) for reference in references or ()]
    found = with_tuntas(
        lambda tuntas: _run(tuntas, wanted, dry_run=dry_run, set_aside=set_aside, concurrency=concurrency)
    )
    _tell(found, dry_run=dry_run, as_json=as_json)


async def _run(
    tuntas: "Tuntas", references: list[str], *, dry_run: bool, set_aside: bool, concurrency: int
) -> "Reconciled":
    from commands.outgoing import outgoing
    from commands.output import now
    from commands.reconciling import Reconciler

    made = outgoing(str(tuntas.pool.conninfo))
    if made.missing:
        said = f"{', '.join(made.missing)}: not set here; if the workers have it, give it here too, or notices that are"
        console(errors=True).print(f"{said} rebuilt differ from theirs", soft_wrap=True)
    reconciler = Reconciler(
        tuntas.client, tuntas.pool, now(), domain=made.domain, links=made.links, dry_run=dry_run, set_aside=set_aside,
        concurrency=concurrency,
    )  # fmt: skip
    with progress_bar("reconciling") as bar:
        return await reconciler.run(references, bar.expect, bar.advance)


def _tell(found: "Reconciled", *, dry_run: bool, as_json: bool) -> None:
    from complaints.errors import PartlyDone

    if as_json:
        print_json(found)
    else:
        done = "would be rebuilt" if dry_run else "rebuilt"
        say(f"{found.cases} cases: {found.in_order} in order, {len(found.rebuilt)} {done}, {found.left} need somebody")
        _show(found)
    if found.left:
        problem = f"{found.left} of {found.cases} cases need somebody"
        raise PartlyDone(problem, field="cases", remedy="see `Backup and restore` in docs/operations.md")


def _show(found: "Reconciled") -> None:
    lines: list[tuple[str, str, str]] = []
    lines += [(one.reference, one.problem, one.remedy) for one in found.failed]
    for ahead in found.ahead:
        what = f"{ahead.entries} entries after {ahead.sequence} are not its workflow's"
        if ahead.notices:
            what += f"; the complainant was told {', '.join(ahead.notices)}"
        lines.append((ahead.reference, what, "set aside" if ahead.set_aside else "--set-aside keeps them apart"))
    lines += [(one, "has no workflow", "file it again under another key") for one in found.unknown]
    lines += [(one, "was never recorded", "file it again under the same key") for one in found.unfiled]
    lines += [
        (one.reference, ", ".join(f"{name} {rows:+}" for name, rows in one.rows.items()), "") for one in found.rebuilt
    ]
    shown = table("case!", "what", "remedy")
    for line in lines[:_SHOWN]:
        shown.add_row(*line)
    if lines:
        console().print(shown)
    if len(lines) > _SHOWN:
        say(f"and {len(lines) - _SHOWN} more; all of them with --json")
