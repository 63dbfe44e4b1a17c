"""The card of a case: what the Temporal UI shows as its current details. Kinds and instants only, never words."""

from collections.abc import Mapping
from datetime import datetime

from complaints.case import CaseState
from complaints.case.projection import sorted_clocks
from complaints.clocks import Clock
from complaints.model import seconds_z
from complaints.vocabulary import ClockState

_LAST_ENTRIES = 8
_LAST_CLOCKS = 16


def card(state: CaseState, next_due: datetime | None, what: str, stuck: Mapping[str, str]) -> str:
    """Markdown of at most a few kilobytes."""
    tier = state.plan.rules.tiers[state.ladder.tier].name
    lines = [
        f"**{state.status}**, tier {tier}, owner {_plain(state.owner)}",
        "",
        f"{state.severity} · {_plain(state.category or 'no category')} · {state.intake.channel}",
        "",
        f"Next: {what}, {seconds_z(next_due)}" if next_due else "Next: nothing",
    ]
    lines += ["", *(f"**Stuck, {lane}:** {_plain(words)}" for lane, words in stuck.items())] if stuck else []
    lines += ["", "| clock | state | due |", "|---|---|---|", *_clocks(state)]
    lines += ["", "Last entries:", "", *_entries(state)]
    return "\n".join(lines)


def _clocks(state: CaseState) -> list[str]:
    """Running ones first, then the last of those that ended."""
    clocks = sorted(sorted_clocks(state), key=lambda clock: not clock.open)
    return [_row(clock) for clock in clocks[:_LAST_CLOCKS]]


def _row(clock: Clock) -> str:
    breached = " (breached)" if clock.breached else ""
    due = seconds_z(clock.due_at) if clock.due_at and clock.state is not ClockState.PAUSED else "-"
    return f"| {clock.metric} {clock.occurrence} | {clock.state}{breached} | {due} |"


def _entries(state: CaseState) -> list[str]:
    last = reversed(state.timeline[-_LAST_ENTRIES:])
    return [f"- {entry.sequence}. {entry.kind}, {seconds_z(entry.at)}" for entry in last]


def _plain(text: str) -> str:
    """A value within a line of Markdown: names of categories and owners come from outside."""
    return "".join(c if c.isalnum() or c in " .:_@+-/," else "?" for c in text[:100])
