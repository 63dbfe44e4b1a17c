"""Play all stories side by side on a running stack, show them live, and say what came true."""

import asyncio
from contextlib import AsyncExitStack
from email import policy as mail_policy
from email.parser import BytesParser
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.pretty import Pretty
from rich.table import Table

import policies
from commands.demo.conversation import Conversation, NotTrue, told
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
            Conversation(tuntas, name, language, severity)
            for name, (_, severity) in STORIES.items()
            for language in (Language.ID, Language.EN)
        ]
        console.print(f"{len(STORIES)} stories in two languages, {len(cases)} complaints side by side\n")
        failures = await _watch(cases, console)
        views = [await tuntas.view(case.reference) for case in cases if case.reference]
        failures |= _mail_problems(views, home / "mail")
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
    running = {asyncio.create_task(_one(case)): case for case in cases}
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


async def _one(case: Conversation) -> str | None:
    story, _ = STORIES[case.story]
    try:
        await story(case)
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


def _mail_problems(views: list[CaseView], folder: Path) -> dict[str, str]:
    """Every notice that was handed over is exactly one mail in the catcher."""
    caught: dict[str, int] = {}
    for path in folder.glob("*.eml"):
        key = BytesParser(policy=mail_policy.default).parsebytes(path.read_bytes())["X-Tuntas-Notice"]
        caught[str(key)] = caught.get(str(key), 0) + 1
    missing = [
        notice.key
        for view in views
        for notice in view.notices
        if notice.to == "complainant" and notice.handed_over_at is not None and caught.get(notice.key) != 1
    ]
    return {"mail": f"{len(missing)} notices without exactly one mail, such as {missing[0]}"} if missing else {}


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
        mails = sum(told(view, occasion) for occasion in {notice.occasion for notice in view.notices})
        shown.add_row(
            view.reference, case.name, view.status, view.closing_reason or "-", view.tier, view.owner,
            str(view.disputes), str(view.reopenings), ", ".join(late) or "-", str(mails),
        )  # fmt: skip
    return shown
