"""Play all stories side by side on a running stack, show them live, and say what came true."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.pretty import Pretty
from rich.table import Table

import policies
from commands.demo.conversation import Conversation
from commands.demo.looking import KEY, NotTrue, caught, handed_over
from commands.demo.stories import STORIES
from commands.output import table
from commands.report import tables
from commands.session import quiet_runtime
from commands.stack import StackInfo
from complaints.assignment import Agent
from complaints.errors import TuntasError
from complaints.messages.view import CaseView
from complaints.model import Personal
from complaints.vocabulary import Language
from database import agents
from database.pool import transaction
from starter.client import Tuntas, connect

POLICY = "demo"
SIDE_BY_SIDE = 16  # complaints at once: where hours are seconds, more of them would only measure the machine
APART = 0.3  # seconds between two that begin
TEAM = {
    "siti": "frontline",
    "andi": "frontline",
    "budi": "specialist",
    "wati": "supervisor",
    "hasan": "management",
}


async def play(info: StackInfo, home: Path, console: Console) -> tuple[int, int]:
    """Play every story in both languages; how many came true, of how many."""
    async with AsyncExitStack() as stack:
        tuntas = await stack.enter_async_context(
            await connect(
                database_url=info.database_url,
                policy=policies.load(POLICY),
                target_host=info.temporal_address,
                namespace=info.namespace,
                runtime=quiet_runtime(),
            )
        )
        await _hire(tuntas)
        cases = [
            Conversation(tuntas, name, language, home / "mail")
            for name in STORIES
            for language in (Language.ID, Language.EN)
        ]
        console.print(
            f"{len(STORIES)} stories in two languages, {len(cases)} complaints, {SIDE_BY_SIDE} side by side\n"
        )
        failures = await _watch(cases, console)
        views = [await tuntas.view(case.reference) for case in cases if case.reference]
        failures = _mail_problems(cases, views, home / "mail") | failures
        await _show(tuntas, cases, views, info, console)
        for name, problem in failures.items():
            console.print(f"[red]{name}: {problem}[/]")
        broken = {name.rpartition("-")[0] for name in failures}
        return len(STORIES) - len(broken & set(STORIES)), len(STORIES)


async def _hire(tuntas: Tuntas) -> None:
    async with transaction(tuntas.pool) as conn:
        for name, tier in TEAM.items():
            email = Personal(f"{name}@example.test")
            await agents.save(conn, Agent(id=name, tier=tier, team=tier, name=Personal(name.title()), email=email))


async def _watch(cases: list[Conversation], console: Console) -> dict[str, str]:
    """Run all stories; the problem of each that did not come true, by its name."""
    places = asyncio.Semaphore(SIDE_BY_SIDE)
    running = {asyncio.create_task(_one(case, number * APART, places)): case for number, case in enumerate(cases)}
    failures: dict[str, str] = {}
    with Live(_progress(cases, failures), console=console, refresh_per_second=4, transient=console.is_terminal) as live:
        pending = set(running)
        while pending:
            done, pending = await asyncio.wait(pending, timeout=0.5, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                problem = task.result()
                if problem:
                    failures[running[task].name] = problem
            live.update(_progress(cases, failures))
    return failures


async def _one(case: Conversation, later: float, places: asyncio.Semaphore) -> str | None:
    await asyncio.sleep(later)
    try:
        async with places:
            await STORIES[case.story](case)
    except (NotTrue, TuntasError) as error:
        case.doing = f"failed: {error}"
        return str(error)
    case.doing = "came true"
    return None


def _progress(cases: list[Conversation], failures: dict[str, str]) -> Table:
    shown = table("story", "language", "case", "outcomes", "now")
    for case in cases:
        colour = "red" if case.name in failures else "green" if case.doing == "came true" else "yellow"
        shown.add_row(
            case.story, case.language, case.reference, str(len(case.checks)), f"[{colour}]{case.doing}[/{colour}]"
        )
    return shown


def _mail_problems(cases: list[Conversation], views: list[CaseView], folder: Path) -> dict[str, str]:
    """Every notice handed over to a complainant is exactly one mail in the catcher, and no key at all has two."""
    names = {case.reference: case.name for case in cases}
    found = Counter(str(mail[KEY]) for mail in caught(folder))
    wrong = [notice.key for view in views for notice in handed_over(view) if not found[notice.key]]
    wrong += [key for key, times in found.items() if times > 1]
    return {names[key.partition("/")[0]]: f"{found[key]} mails of {key}" for key in wrong}


async def _show(
    tuntas: Tuntas, cases: list[Conversation], views: list[CaseView], info: StackInfo, console: Console
) -> None:
    console.print(_outcomes(cases, views))
    record = next((view.closure for view in views if view.closure and view.closure.root_cause), None)
    if record is not None:
        console.print(f"\nClosure record {record.number} of {record.reference}, in full")
        console.print(Pretty(record.model_dump(mode="json"), expand_all=False, max_string=200))
    for shown in tables(await tuntas.report()):
        console.print(shown)
    console.print(f"Temporal UI: {info.ui_url}/namespaces/{info.namespace}/workflows\n", soft_wrap=True)


def _outcomes(cases: list[Conversation], views: list[CaseView]) -> Table:
    by_reference = {view.reference: view for view in views}
    shown = table("case", "story", "status", "because", "tier", "owner", "disputes", "reopened", "late", "mails")
    for case in cases:
        view = by_reference.get(case.reference)
        if view is None:
            continue
        late = [clock.metric for clock in view.clocks if clock.breached_at is not None]
        shown.add_row(
            view.reference, case.name, view.status, view.closing_reason or "-", view.tier, view.owner,
            str(view.disputes), str(view.reopenings), ", ".join(late) or "-", str(len(handed_over(view))),
        )  # fmt: skip
    return shown
