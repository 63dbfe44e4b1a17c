"""`tuntas replan`: running cases under another policy; `--preview` says beforehand what that would change."""

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from commands.inputs import given, instant
from commands.listing import owner_named, read_filters
from commands.output import Json
from commands.verbs import user_name

if TYPE_CHECKING:
    from complaints.policy import Policy
    from database.complaints import Filters

Words = list[str] | None
Text = str | None


def add_to(app: typer.Typer) -> None:
    app.command("replan")(replan)


def replan(
    references: Annotated[Words, typer.Argument(metavar="[REF…]", help="These cases only. [all running ones]")] = None,
    *,
    policy: Annotated[str, typer.Option(metavar="NEW", help="The pack they shall be handled under, by name or path.")],
    preview: Annotated[bool, typer.Option("--preview", help="Only say what would change; nothing is done.")] = False,
    until: Annotated[Text, typer.Option(metavar="INSTANT", help="Breaches up to then. [in 7 days]")] = None,
    reason: Annotated[Text, typer.Option(help="Why; it is recorded in each case. [required to act]")] = None,
    actor: Annotated[str, typer.Option("--as", help="Who acts. [your user name]", show_default=False)] = user_name(),
    role: Annotated[str, typer.Option("--role", help="lead or admin.")] = "lead",
    campaign: Annotated[Text, typer.Option(metavar="NAME", help="[from policy, reason and choice of cases]")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    per_second: Annotated[float, typer.Option(min=0.01, max=1000, help="Cases a second at most.")] = 20.0,
    under: Annotated[Text, typer.Option(metavar="PACK", help="Handled under this pack now.")] = None,
    status: Annotated[Words, typer.Option(help="May be repeated, like --severity and --channel.")] = None,
    severity: Words = None,
    channel: Words = None,
    category: Text = None,
    owner: Annotated[Text, typer.Option(help="agent:ID, team:NAME, or a bare agent id.")] = None,
    team: Text = None,
    tier: Text = None,
    breached: Annotated[Text, typer.Option(metavar="METRIC", help="Late on this promise.")] = None,
    company: Text = None,
    received_from: Annotated[Text, typer.Option(metavar="INSTANT")] = None,
    received_before: Annotated[Text, typer.Option(metavar="INSTANT")] = None,
    due_before: Annotated[Text, typer.Option(metavar="INSTANT")] = None,
    as_json: Json = False,
) -> None:
    """Put running cases under another policy, or a newer version of theirs; their clocks are counted anew.

    Interrupted or repeated, it goes on where it was, and no case is re-planned twice. Closed cases are left alone.
    """
    import policies
    from commands.replanning import Choice, act, look
    from complaints.errors import BadInput
    from complaints.messages.commands import Actor
    from complaints.model import read
    from complaints.vocabulary import Role
    from database.complaints import Filters
    from starter.references import read_reference

    filters = read_filters(
        Filters,
        given(statuses=status, severities=severity, channels=channel, category=category, owner=owner_named(owner),
              team=team, tier=tier, breached=breached, company=company, pack=under,
              received_from=instant(received_from, "--received-from"),
              received_before=instant(received_before, "--received-before"),
              due_before=instant(due_before, "--due-before")),
    )  # fmt: skip
    wanted = tuple(dict.fromkeys(read_reference(reference) for reference in references or ()))
    _one_choice(wanted, filters)
    new: Policy = policies.load(policy)
    choice = Choice(policy=new, filters=filters, references=wanted, per_second=per_second)
    if preview:
        look(choice, _horizon(until), as_json=as_json)
        return
    why = _needed(reason)
    who = read(Actor, {"id": actor, "role": role}, where="--as")
    if who.role not in (Role.LEAD, Role.ADMIN):
        raise BadInput(f"`{role}` may not re-plan", field="--role", remedy="give lead or admin")
    act(choice, who, why, campaign, confirmed=yes or _ask, as_json=as_json)


def _one_choice(references: tuple[str, ...], filters: "Filters") -> None:
    from complaints.errors import BadInput

    if references and filters.model_dump(exclude_none=True):
        raise BadInput("are given, and filters too", field="references", remedy="choose cases by either of them")


def _horizon(until: str | None) -> datetime:
    from datetime import timedelta

    from commands.output import now

    return instant(until, "--until") or now() + timedelta(days=7)


def _needed(reason: str | None) -> str:
    from complaints.errors import BadInput

    if not reason or not reason.strip():
        raise BadInput("is needed", field="--reason", remedy="say why; it is recorded in each case. Or look: --preview")
    return reason


def _ask(question: str) -> bool:
    """Ask on standard error: the answer of the command is what stands on standard output."""
    from complaints.errors import BadInput

    if not sys.stdin.isatty():
        raise BadInput("nobody is there to ask", field="--yes", remedy="look with --preview, then give --yes")
    return typer.confirm(question, err=True)
