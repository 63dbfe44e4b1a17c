"""How one case looks in a terminal."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from commands.output import in_words, local, now, table, until
from complaints.messages.view import ActionView, CaseView, ClockView, EntryView
from complaints.vocabulary import Kind

_LAST = 8  # entries and notices on the card
_LINE = 160


def case_card(view: CaseView) -> RenderableType:
    """Return the case with its clocks counting down."""
    at = now()
    parts: list[RenderableType] = [_facts(view, at), clock_table(view.clocks, at)]
    if view.actions:
        parts.append(action_table(view.actions))
    parts += weak_ends(view.timeline)
    if view.timeline:
        parts.append(timeline_table(view.timeline[-_LAST:], title=f"Timeline, last of {len(view.timeline)}"))
    if view.notices:
        parts.append(_notices(view))
    if view.closure is not None:
        number, reason = view.closure.number, view.closure.reason
        parts.append(f"Closure record {number}: {reason}; the whole of it with `tuntas show {view.reference} --json`")
    return Panel(Group(*parts), title=view.reference, title_align="left", expand=False)


def _facts(view: CaseView, at: datetime) -> Table:
    grid = Table.grid(padding=(0, 3))
    closing = f" ({view.closing_reason})" if view.closing_reason else ""
    due = f"{local(view.next_due_at)}, in {until(view.next_due_at, at)}" if view.next_due_at else "-"
    grid.add_row("status", f"{view.status}{closing}", "owner", view.owner)
    grid.add_row("tier", view.tier, "outcome", str(view.outcome or "-"))
    grid.add_row(
        "next due", due, "", f"{view.transfers} transfers, {view.disputes} disputes, {view.reopenings} reopenings"
    )
    return grid


def clock_table(clocks: Sequence[ClockView], at: datetime) -> Table:
    shown = table("clock", "state", "target", "due", "in", "left in its own time", "late", title="Clocks")
    for clock in clocks:
        going = clock.state in ("running", "paused")
        late = in_words(clock.late_seconds) if clock.late_seconds else ""
        style = "red" if clock.breached_at and going else ("dim" if not going else None)
        shown.add_row(
            f"{clock.metric} {clock.occurrence}",
            clock.state + (f" by {clock.met_by}" if clock.met_by else ""),
            clock.target,
            local(clock.due_at),
            until(clock.due_at, at) if going else "",
            in_words(clock.remaining_seconds) if going else "",
            late + (" breached" if clock.breached_at else ""),
            style=style,
        )
    return shown


def action_table(actions: Sequence[ActionView]) -> Table:
    """Return what is owed, and what the complainant says to each promise: nothing said is no yes."""
    shown = table("#", "kind", "what", "owner", "due", "done", "complainant", "worked", title="Owed")
    for one in actions:
        done = "cancelled " + local(one.cancelled_at) if one.cancelled_at else local(one.completed_at)
        said = [one.answer.replace("_", " ")] if one.answer else []
        said += [local(one.answered_at)] if one.answered_at else []
        worked = {True: "yes", False: "no", None: ""}[one.effective]
        what, owner, style = escape(one.description), escape(one.owner), "dim" if one.completed_at else None
        row = (str(one.number), one.kind, what, owner, local(one.due_at), done, " ".join(said), worked)
        shown.add_row(*row, style=style)
    return shown


def weak_ends(entries: Sequence[EntryView]) -> list[RenderableType]:
    """Return the weak ends of the root cause as it stands, with what would make them stronger."""
    found = next((entry for entry in reversed(entries) if entry.kind is Kind.ROOT_CAUSE_RECORDED), None)
    ends = found.detail.get("weak_ends", ()) if found else ()
    if not ends:
        return []
    shown = table("where", "weak", "make it stronger", title="Root cause: weak ends")
    for end in ends:
        shown.add_row(end["field"], end["weakness"].replace("_", " "), end["remedy"])
    return [shown]


def timeline_table(entries: Sequence[EntryView], title: str | None = None) -> Table:
    shown = table("#", "at", "what", "who", "detail", title=title)
    for entry in entries:
        who = f"{entry.actor.id} ({entry.actor.role})" if entry.actor.id != entry.actor.role else entry.actor.id
        shown.add_row(str(entry.sequence), local(entry.at), entry.kind, escape(who), escape(_detail(entry.detail)))
    return shown


def _detail(detail: dict[str, Any]) -> str:
    words = [f"{name}: {' '.join(str(value).split())}" for name, value in detail.items() if value not in (None, [], {})]
    text = ", ".join(words)
    return text if len(text) <= _LINE else text[: _LINE - 1] + "…"


def _notices(view: CaseView) -> Table:
    shown = table("at", "notice", "to", "channel", "handed over", title=f"Notices, last of {len(view.notices)}")
    for notice in view.notices[-_LAST:]:
        handed = local(notice.handed_over_at)
        shown.add_row(local(notice.at), notice.occasion, escape(notice.to), notice.channel, handed)
    return shown
