"""`tuntas contact`: whether an address is the complainant's own."""

from typing import Annotated

import typer

from commands.inputs import Reference
from commands.output import Json, local, print_json, say
from commands.verbs import user_name

app = typer.Typer(help="Whether an address is the complainant's own.", no_args_is_help=True)


@app.command("code")
def send_code(
    reference: Reference,
    *,
    channel: Annotated[str | None, typer.Option(help="email, phone or chat. [e-mail, if there is an address]")] = None,
    tell: Annotated[bool, typer.Option("--tell", help="Show the code: you call the number and tell it.")] = False,
    actor: Annotated[str, typer.Option("--as", help="Who tells it. [your user name]", show_default=False)] = "",
    as_json: Json = False,
) -> None:
    """Send a code to the address of the complainant, or show it to the agent who tells it on the phone."""
    from commands.session import with_tuntas
    from complaints.messages.commands import Actor
    from complaints.model import read

    teller = read(Actor, {"id": actor or user_name()}, where="--as") if tell else None
    sent = with_tuntas(lambda tuntas: tuntas.send_contact_code(reference, channel, told_by=teller))
    if as_json:
        print_json(sent)
        return
    until = local(sent.expires_at)
    if sent.code is None:
        say(f"{sent.reference}: a code is on its way by {sent.channel} to {sent.to}, valid until {until}")
    else:
        say(f"{sent.reference}: tell {sent.code} to whoever answers at {sent.to}, valid until {until}")


@app.command()
def prove(
    reference: Reference,
    *,
    code: Annotated[str, typer.Option(help="The code that the complainant gives back.")],
    as_json: Json = False,
) -> None:
    """Check the code that the complainant gives back; the case learns that the contact is theirs."""
    from commands.session import with_tuntas

    proven = with_tuntas(lambda tuntas: tuntas.prove_contact(reference, code))
    if as_json:
        print_json(proven)
    else:
        say(f"{proven.reference}: the contact by {proven.channel} is proven")
