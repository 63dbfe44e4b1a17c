"""`tuntas act`: an agent's command from JSON. The verbs in `verbs.py` end here too."""

from typing import TYPE_CHECKING, Any

import typer

from commands.inputs import Key, Reference, keyed, read_object
from commands.output import Json, print_json, say

if TYPE_CHECKING:
    from channels.files import CheckedFile
    from complaints.messages import ActAnswer
    from starter.client import Tuntas


def add_to(app: typer.Typer) -> None:
    app.command()(act)


def act(
    reference: Reference,
    source: str = typer.Option("-", "--from", metavar="FILE", help="JSON from a file, or - for standard input."),
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Carry out an agent's command, given as JSON; `tuntas schema command` says what it may hold."""
    raw = read_object(source)
    carry_out(reference, raw, key or raw.get("key"), as_json=as_json)


def carry_out(
    reference: str, raw: dict[str, Any], key: str | None, *, as_json: bool, brought: "tuple[CheckedFile, ...]" = ()
) -> None:
    """Send a command and print the answer of the case. Files that it brings are kept before."""
    from commands.session import with_tuntas
    from complaints.messages.commands import read_command

    with keyed(key) as lent:
        known = raw.get("evidence") or ()
        evidence = {"evidence": (*known, *(file.evidence for file in brought))} if brought else {}
        command = read_command({**raw, **evidence, "key": lent})

        async def act(tuntas: "Tuntas") -> "ActAnswer":
            if brought:
                await tuntas.keep(brought)
            return await tuntas.act(reference, command)

        answer = with_tuntas(act)
    if as_json:
        print_json(answer)
    else:
        say(_sentence(answer))


def _sentence(answer: "ActAnswer") -> str:
    if answer.queued:
        return f"{answer.reference}: queued; no worker answered in time, it will be done as soon as one is back"
    again = " (had been done before)" if answer.repeated else ""
    return f"{answer.reference}: done, now {answer.status}, entry {answer.sequence}{again}"
