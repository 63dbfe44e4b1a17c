"""`tuntas reply | confirm | survey | withdraw | fact`: what complainants and backend services say to a case."""

from typing import TYPE_CHECKING, Annotated

import typer

from commands.inputs import Files, From, Key, Reference, files, instant, keyed, pairs, read_object
from commands.output import Json, print_json, say

if TYPE_CHECKING:
    from starter.client import Tuntas

Text = str | None
At = Annotated[Text, typer.Option("--at", help="When it happened, as an instant with its offset. [not said]")]


def add_to(app: typer.Typer) -> None:
    for command in (reply, confirm, survey, withdraw, fact):
        app.command()(command)


def reply(
    reference: Reference,
    *,
    text: Annotated[Text, typer.Option(help="What the complainant wrote.")] = None,
    source: From = None,
    channel: Text = None,
    detail: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="May be repeated.")] = None,
    evidence: Files = None,
    proof: Annotated[Text, typer.Option(help="How it shows that the contact is theirs: link, code or reply.")] = None,
    consent: Annotated[Text, typer.Option(help="How the complainant agreed to being represented.")] = None,
    at: At = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Bring a message of the complainant."""
    from commands.session import with_tuntas
    from complaints.messages.intake import Evidence
    from complaints.model import read

    raw = read_object(source) if source else {}
    words, on = str(text or raw.get("text") or ""), channel or raw.get("channel")
    details = {**(raw.get("details") or {}), **pairs(detail or (), "--detail")}
    happened = instant(at or raw.get("at"), "--at")
    shown, agreed = proof or raw.get("proof"), consent or raw.get("consent")
    brought, known = files(evidence or ()), [read(Evidence, one) for one in raw.get("evidence") or ()]

    async def bring(tuntas: "Tuntas") -> None:
        kept = (*known, *(await tuntas.keep(brought) if brought else ()))
        await tuntas.reply(
            reference, key=lent, text=words, channel=on, details=details, evidence=kept, proof=shown, consent=agreed,
            at=happened,
        )  # fmt: skip

    with keyed(key or raw.get("message_id")) as lent:
        with_tuntas(bring)
    _told(reference, lent, as_json=as_json)


def confirm(
    reference: Reference,
    *,
    no: Annotated[bool, typer.Option("--no", help="Not satisfied: this is the dispute.")] = False,
    rating: Annotated[int | None, typer.Option(help="1 to 5.")] = None,
    text: Annotated[Text, typer.Option(help="What was good, or missing.")] = None,
    decision: Annotated[int | None, typer.Option(help="The number of the decision. [the last]")] = None,
    action: Annotated[int | None, typer.Option(help="The number of a promise: the answer is to that.")] = None,
    at: At = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Bring the complainant's answer to a decision, or to a promise that we say is kept."""
    from commands.session import with_tuntas

    happened = instant(at, "--at")
    with keyed(key) as lent:
        with_tuntas(
            lambda tuntas: tuntas.confirm(
                reference,
                key=lent,
                satisfied=not no,
                rating=rating,
                text=text,
                decision=decision,
                action=action,
                at=happened,
            )
        )
    _told(reference, lent, as_json=as_json)


def survey(
    reference: Reference,
    *,
    outcome: Annotated[int | None, typer.Option(help="How satisfied with the result, 1 to 5.")] = None,
    handling: Annotated[int | None, typer.Option(help="How satisfied with the handling, 1 to 5.")] = None,
    effort: Annotated[int | None, typer.Option(help="How easy it was, 1 to 5.")] = None,
    solved: Annotated[bool | None, typer.Option("--solved/--came-back", help="Whether it is still solved.")] = None,
    text: Annotated[Text, typer.Option(help="Their own words.")] = None,
    stop: Annotated[bool, typer.Option("--stop", help="They want no more surveys and follow-ups.")] = False,
    at: At = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Bring the complainant's answer to the survey after closing."""
    from commands.session import with_tuntas

    happened = instant(at, "--at")
    with keyed(key) as lent:
        with_tuntas(
            lambda tuntas: tuntas.survey(
                reference,
                key=lent,
                outcome=outcome,
                handling=handling,
                effort=effort,
                solved=solved,
                text=text,
                stop=stop,
                at=happened,
            )
        )
    _told(reference, lent, as_json=as_json)


def withdraw(
    reference: Reference,
    *,
    text: Annotated[Text, typer.Option(help="Why, in the complainant's words.")] = None,
    at: At = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Bring the complainant's withdrawal."""
    from commands.session import with_tuntas

    happened = instant(at, "--at")
    with keyed(key) as lent:
        with_tuntas(lambda tuntas: tuntas.withdraw(reference, key=lent, text=text, at=happened))
    _told(reference, lent, as_json=as_json)


def fact(
    reference: Reference,
    *,
    what: Annotated[str, typer.Argument(help="What happened: delivered, returned, refunded, bounced, …")],
    source: Annotated[str, typer.Option(help="Who reports it.")] = "service",
    detail: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="May be repeated.")] = None,
    at: At = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Report something that happened elsewhere."""
    from commands.session import with_tuntas

    details, happened = pairs(detail or (), "--detail"), instant(at, "--at")
    with keyed(key) as lent:
        with_tuntas(
            lambda tuntas: tuntas.report_fact(
                reference, key=lent, fact=what, source=source, details=details, at=happened
            )
        )
    _told(reference, lent, as_json=as_json)


def _told(reference: str, key: str, *, as_json: bool) -> None:
    from starter.references import read_reference

    found = read_reference(reference)
    if as_json:
        print_json({"reference": found, "key": key})
    else:
        say(f"{found} has been told")
