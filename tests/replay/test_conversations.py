"""The fixed conversations have everything that a case can ask for, hear and tell: so a change of any of it is seen."""

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest

from complaints.case.commands import HANDLERS
from complaints.messages import AGENT_ACTED
from complaints.messages.merging import LET_GO, TAKE_IN
from complaints.messages.signals import SIGNALS
from complaints.vocabulary import Kind
from tests.replay.fingerprint import accepted
from workflows.duties import ACTIVITIES

LANES = (
    ("record", "carry_out"), ("notify_complainant",), ("escalate",), ("notify_agents",), ("check_customer",),
    ("merge", "forward"),
)  # fmt: skip
"""Activities of each lane, in the order of `workflows.lanes`."""

_ENTRIES = re.compile(r"([a-z_]+(?:, [a-z_]+)*) #[0-9a-f]{8}\b")


def has(line: str) -> Iterator[str]:
    """What a task of a conversation shows: the message that it answered, new entries, activities."""
    met, _, said = line.partition(" -> ")
    came = met.partition(" ")[2].split(", ")
    yield from (one for one in came if one.startswith("signal ") or one == "cancel")
    if len(came) == 1 and "update completed" in said:  # one that was refused shows little
        yield came[0]
    if entries := _ENTRIES.match(said):
        yield from (f"entry {kind}" for kind in entries[1].split(", "))
    yield from (f"activity {one.partition(' (')[0]}" for one in said.split("; ") if " (" in one)


def everything() -> Iterator[str]:
    yield from (f"activity {activity.name}" for activity in ACTIVITIES)
    yield from (f"signal {name}" for name in (*SIGNALS, AGENT_ACTED, LET_GO))
    yield from (f"update {name}" for name in (*HANDLERS, TAKE_IN))
    yield "cancel"
    yield from (f"entry {kind}" for kind in Kind)


def told(without: str = "") -> list[str]:
    """The tasks of all conversations, be they of cases from before the patches or of today."""
    kept = accepted()
    both = [*kept["before"].items(), *kept["today"].items()]
    return [line for name, lines in both if name != without for line in lines]


def lacking(without: str = "") -> list[str]:
    """What none of the conversations has."""
    found = {one for line in told(without) for one in has(line)}
    return [one for one in everything() if one not in found]


def test_every_activity_message_and_entry_is_in_a_conversation() -> None:
    missing = lacking()
    assert not missing, (
        f"no conversation has: {', '.join(missing)}. Write one that has it in tests/replay/written.py, then accept it: "
        "python -m tests.replay.fingerprint --accept"
    )


@pytest.mark.parametrize(
    ("conversation", "only_there"),
    [
        ("merged", ["activity forward", "update unmerge", "entry unmerged"]),
        ("taken in", ["signal let_go", "update take_in", "entry taken_out"]),
        ("mailbox", ["activity read_mailbox"]),
        ("nobody at work", ["entry caught_up"]),
    ],
)
def test_what_is_missing_is_named(conversation: str, only_there: list[str]) -> None:
    assert set(only_there) <= set(lacking(without=conversation))


def test_lanes_that_follow_each_other_begin_something_in_one_task() -> None:
    """So that another order of theirs is seen."""
    tasks = [{one.removeprefix("activity ") for one in has(line)} for line in told()]
    apart = [f"{a}, {b}" for a, b in pairwise(LANES) if not any(task & {*a} and task & {*b} for task in tasks)]
    assert not apart
