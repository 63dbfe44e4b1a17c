"""What `tuntas replan` does and shows: the preview, batch by batch; the campaign, its progress and what came of it."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import typer

from commands.output import console, in_words, print_json, say, table
from commands.previews import JsonPreview, ShownPreview, Summary
from commands.progress import progress_bar
from complaints.errors import PartlyDone, Unreachable
from complaints.messages.commands import Actor
from complaints.model import Frozen
from complaints.policy import Policy
from database.complaints import Filters
from starter.campaigns import Campaign, Progress, Trouble
from starter.replanning import Replanner

if TYPE_CHECKING:
    from complaints.messages.replan import ReplanPreview
    from starter.client import Tuntas

_SHOWN = 20  # lines of the table of cases that were not re-planned; with --json more of them


class Choice(Frozen):
    """Which policy, and for which running cases."""

    policy: Policy
    filters: Filters
    references: tuple[str, ...]
    per_second: float

    @property
    def becomes(self) -> str:
        return f"{self.policy.pack}@{self.policy.version}"

    def replanner(self, tuntas: "Tuntas") -> Replanner:
        return Replanner(tuntas, self.policy, self.filters, self.references, per_second=self.per_second)


class Result(Frozen):
    """What became of a campaign, over all its runs. Of `refused`, a thousand are named and the others counted."""

    campaign: str
    policy: str
    cases: int
    replanned: int
    unchanged: int
    ended: int
    refused: tuple[Trouble, ...]
    refused_more: int
    failed: tuple[Trouble, ...]


# the preview


def look(choice: Choice, until: datetime, *, as_json: bool) -> None:
    """Print what would change in each case. Raises `PartlyDone` if some cannot be re-planned, or do not answer."""
    from commands.session import with_tuntas

    printer = JsonPreview(choice.becomes, until) if as_json else ShownPreview(choice.becomes, until)

    async def work(tuntas: "Tuntas") -> None:
        replanner = choice.replanner(tuntas)
        with progress_bar("looking", await replanner.count()) as bar:
            batches: AsyncIterator[list[ReplanPreview | Trouble]] = replanner.preview(until)
            async for batch in batches:
                for one in batch:
                    printer.add(one)
                    bar.advance()
                printer.flush()

    try:
        with_tuntas(work)
    except Unreachable as error:
        if printer.summary.cases == printer.summary.failed:
            raise  # nothing was seen
        printer.end()
        problem = f"after {printer.summary.cases} cases: {error.problem}"
        raise PartlyDone(problem, field=error.field, remedy=error.remedy) from error
    printer.end()
    _complain(printer.summary)


def _complain(summary: Summary) -> None:
    left = summary.refused + summary.failed
    if left:
        problem = f"{left} of {summary.cases} cases would not be re-planned"
        raise PartlyDone(problem, field="cases", remedy="each says what is in the way")


# the campaign


def act(
    choice: Choice, actor: Actor, reason: str, name: str | None, *, confirmed: bool | Callable[[str], bool],
    as_json: bool,
) -> None:  # fmt: skip
    """Ask, re-plan, and say what came of it. Raises `PartlyDone` if some cases were not re-planned."""
    from commands.session import with_tuntas
    from settings import Settings

    campaign = Campaign.of(
        choice.policy, actor, reason, choice.filters, choice.references,
        name=name, folder=Settings().home / "replan",
    )  # fmt: skip
    progress = campaign.resume()
    begun = progress.handled > 0

    async def work(tuntas: "Tuntas") -> tuple[int, list[Trouble] | None, Unreachable | None]:
        replanner = choice.replanner(tuntas)
        total = await replanner.count()
        if callable(confirmed) and not confirmed(_question(choice, campaign, progress, total)):
            return total, None, None
        with progress_bar("re-planning", total) as bar:
            bar.advance(progress.handled)
            try:
                return total, await replanner.run(campaign, progress, bar.advance), None
            except Unreachable as error:
                return total, [], error

    total, failed, error = with_tuntas(work)
    if failed is None:
        typer.echo("nothing was done", err=as_json)  # standard output is for the document alone
        return
    if error is not None and not progress.handled:
        raise error
    found = Result(
        campaign=campaign.name, policy=choice.becomes, cases=max(total, progress.handled + len(failed)),
        replanned=progress.replanned, unchanged=progress.unchanged, ended=progress.ended,
        refused=tuple(progress.refused), refused_more=progress.refused_more, failed=tuple(failed),
    )  # fmt: skip
    if error is None and not failed:
        campaign.forget()
    print_json(found) if as_json else _show(found, resumed=begun)
    _raise_for(found, error)


def _question(choice: Choice, campaign: Campaign, progress: Progress, total: int) -> str:
    left = max(total - progress.handled, 0)
    before = f"{progress.handled} cases of campaign {campaign.name} are done. " if progress.handled else ""
    took = in_words(left / choice.per_second)
    return f"{before}Re-plan {left} running cases to {choice.becomes}, {choice.per_second:g} a second ({took})?"


def _raise_for(found: Result, error: Unreachable | None) -> None:
    if error is not None:
        remedy = f"{error.remedy}; the same command again goes on where it stopped"
        raise PartlyDone(f"stopped: {error.problem}", field=error.field, remedy=remedy) from error
    left = len(found.refused) + found.refused_more + len(found.failed)
    if left:
        problem = f"{left} of {found.cases} cases were not re-planned"
        raise PartlyDone(problem, field="cases", remedy="each says what is in the way; then run the same again")


def _show(found: Result, *, resumed: bool) -> None:
    again = ", over all its runs" if resumed else ""
    refused = len(found.refused) + found.refused_more
    say(f"campaign {found.campaign}{again}: {found.replanned} re-planned to {found.policy}, "
        f"{found.unchanged} under it already, {found.ended} closed meanwhile, {refused} refused, "
        f"{len(found.failed)} without an answer")  # fmt: skip
    troubles: Sequence[Trouble] = (*found.refused, *found.failed)
    if not troubles:
        return
    shown = table("case!", "field", "problem", "remedy")
    for one in troubles[:_SHOWN]:
        shown.add_row(one.reference, one.field, one.problem, one.remedy)
    console().print(shown)
    if len(troubles) > _SHOWN:
        say(f"and {len(troubles) - _SHOWN} more; with --json up to a thousand")
