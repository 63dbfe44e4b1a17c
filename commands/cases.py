"""`tuntas file | show | timeline`: one complaint."""

from typing import TYPE_CHECKING, Annotated

import typer

from commands.duplicates import tell_of
from commands.inputs import Files, From, Reference, files, given, keyed, pairs, read_object
from commands.output import Json, print_json, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from channels.files import CheckedFile
    from complaints.messages.intake import Intake
    from complaints.messages.view import CaseView
    from starter.client import Filed, Tuntas

Text = str | None


def add_to(app: typer.Typer) -> None:
    for command in (file, show, timeline):
        app.command()(command)


def file(
    *,
    source: From = None,
    channel: Annotated[
        Text, typer.Option(help="email, form, letter, phone, chat, social, app, counter or media.")
    ] = None,
    key: Annotated[Text, typer.Option("--key", help="The channel's own identifier of this complaint.")] = None,
    text: Annotated[Text, typer.Option(help="What happened, in the complainant's words.")] = None,
    subject: Text = None,
    category: Text = None,
    severity: Annotated[Text, typer.Option(help="minor, moderate, major or critical.")] = None,
    form: Annotated[Text, typer.Option(help="oral or written, where the channel does not tell.")] = None,
    received_at: Annotated[Text, typer.Option(help="An instant with its offset. [now]")] = None,
    remedy_sought: Text = None,
    detail: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="May be repeated.")] = None,
    source_of_media: Annotated[
        Text, typer.Option("--source", help="Where a complaint in the media was read: newspaper or address, and date.")
    ] = None,
    company: Text = None,
    name: Text = None,
    email: Text = None,
    phone: Text = None,
    language: Annotated[Text, typer.Option(help="id or en.")] = None,
    preferred_channel: Text = None,
    represented_by: Annotated[Text, typer.Option(help="Who speaks for the complainant.")] = None,
    consent: Annotated[Text, typer.Option(help="How the complainant agreed to being represented.")] = None,
    consent_at: Annotated[Text, typer.Option(help="When they did, as an instant with its offset.")] = None,
    proof: Annotated[Text, typer.Option(help="How the contact was proven: link, code, reply or login.")] = None,
    evidence: Files = None,
    policy: Annotated[Text, typer.Option(help="The pack under which it is handled. [TUNTAS_POLICY]")] = None,
    as_json: Json = False,
) -> None:
    """File a complaint, from JSON or from options; options are laid on the JSON. The same key is the same complaint."""
    from complaints.model import merged

    person = given(
        name=name, email=email, phone=phone, language=language, preferred_channel=preferred_channel,
        represented_by=represented_by, consent=given(how=consent, given_at=consent_at),
    )  # fmt: skip
    options = given(
        channel=channel, key=key, text=text, subject=subject, category=category, severity=severity, form=form,
        received_at=received_at, remedy_sought=remedy_sought, details=pairs(detail or (), "--detail"),
        source=source_of_media, company=company, proof=proof, complainant=person,
    )  # fmt: skip
    intake = merged(read_object(source) if source else {}, options)
    _file(intake, files(evidence or ()), policy, generate=source is None, as_json=as_json)


def _file(
    intake: dict[str, object], kept: "tuple[CheckedFile, ...]", policy: str | None, *, generate: bool, as_json: bool
) -> None:
    from commands.session import with_tuntas
    from complaints.messages.intake import Intake
    from complaints.model import read

    own = intake.get("key")
    with keyed(own if isinstance(own, str) else None) as key:
        found = read(Intake, {**intake, "key": key} if generate else intake)
        filed = with_tuntas(lambda tuntas: _filed(tuntas, found, kept), policy=policy)
    if as_json:
        print_json(filed)
        return
    say(f"{filed.reference} {'filed' if filed.created else 'was filed before under this key'}")


async def _filed(tuntas: "Tuntas", intake: "Intake", kept: "Sequence[CheckedFile]") -> "Filed":
    brought = await tuntas.keep(kept) if kept else ()
    intake = intake.model_copy(update={"evidence": (*intake.evidence, *brought)})
    filed = await tuntas.file(intake)
    if filed.created:
        await tell_of(tuntas, intake)
    return filed


def show(
    reference: Reference,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Keep showing it, until Ctrl-C.")] = False,
    as_json: Json = False,
) -> None:
    """Show a case: status, owner, clocks counting down, what happened."""
    import asyncio

    from commands.output import console
    from commands.session import with_tuntas
    from commands.showing import case_card
    from complaints.errors import BadInput

    if watch and as_json:
        raise BadInput("prints no single document", field="--watch", remedy="use either --watch or --json")

    async def keep_showing(tuntas: "Tuntas") -> None:
        from rich.live import Live

        with Live(case_card(await tuntas.view(reference)), console=console(), screen=True) as live:
            while True:
                await asyncio.sleep(1)
                live.update(case_card(await tuntas.view(reference)))

    if watch:
        with_tuntas(keep_showing)
        return
    found: CaseView = with_tuntas(lambda tuntas: tuntas.view(reference))
    if as_json:
        print_json(found)
    else:
        console().print(case_card(found))


def timeline(reference: Reference, as_json: Json = False) -> None:
    """List what happened to a case, in order."""
    from commands.output import console
    from commands.session import with_tuntas
    from commands.showing import timeline_table

    found = with_tuntas(lambda tuntas: tuntas.timeline(reference))
    if as_json:
        print_json(found)
    else:
        console().print(timeline_table(found))
