"""Previews of re-plans as they are printed: batch by batch, so that a million cases need no memory."""

import json
import sys
from datetime import datetime

from pydantic import BaseModel
from rich.table import Table

from commands.output import console, local, say, table
from complaints.messages.replan import ClockChange, ReplanPreview
from complaints.model import seconds_z
from starter.campaigns import Trouble

PAUSED = "paused"


class Summary(BaseModel):
    """Over all cases. `failed`: cases that did not answer; `told`: complainants who would be told another date."""

    cases: int = 0
    moved: int = 0  # at least one due instant moves
    unchanged: int = 0  # under the policy already
    refused: int = 0
    failed: int = 0
    told: int = 0
    appear: int = 0  # breaches
    vanish: int = 0
    stay: int = 0  # that have happened: a re-plan changes nothing about them

    def count(self, one: ReplanPreview | Trouble) -> None:
        self.cases += 1
        if isinstance(one, Trouble):
            self.failed += 1
            return
        self.moved += one.moved
        self.unchanged += one.unchanged
        self.refused += one.refused is not None
        self.told += one.promised_at is not None
        self.appear += one.appearing
        self.vanish += one.vanishing
        self.stay += sum(clock.breached_at is not None and clock.breach is None for clock in one.clocks)


class JsonPreview:
    """One document, written as it comes: `{policy, until, cases: […], failed: […], summary}`."""

    def __init__(self, policy: str, until: datetime) -> None:
        self.summary = Summary()
        self._head = {"policy": policy, "until": seconds_z(until)}
        self._failed: list[Trouble] = []
        self._begun = False

    def add(self, one: ReplanPreview | Trouble) -> None:
        self.summary.count(one)
        if isinstance(one, Trouble):
            self._failed.append(one)
            return
        self._begin("," if self._begun else "")
        sys.stdout.write("\n" + one.model_dump_json())

    def flush(self) -> None:
        sys.stdout.flush()

    def end(self) -> None:
        self._begin("")
        failed = json.dumps([one.model_dump() for one in self._failed], ensure_ascii=False)
        sys.stdout.write(f'\n],\n"failed": {failed},\n"summary": {self.summary.model_dump_json()}}}\n')

    def _begin(self, separator: str) -> None:
        if not self._begun:
            self._begun = True
            head = json.dumps(self._head, ensure_ascii=False)[:-1]
            sys.stdout.write(f'{head}, "cases": [')
        else:
            sys.stdout.write(separator)


class ShownPreview:
    """A table a batch, and the sums below."""

    def __init__(self, policy: str, until: datetime) -> None:
        self.summary = Summary()
        self._policy = policy
        self._until = until
        self._table = _empty()
        self._below: list[str] = []  # why cases refuse

    def add(self, one: ReplanPreview | Trouble) -> None:
        self.summary.count(one)
        if isinstance(one, Trouble):
            self._table.add_row(one.reference, "", "", "", "", "no answer")
            self._below.append(f"{one.reference}: {one.problem}; {one.remedy}")
        elif one.refused is not None:
            self._table.add_row(one.reference, "", "", "", "", "refused")
            self._below.append(f"{one.reference}: {one.refused.problem}; {one.refused.remedy}")
        elif one.unchanged:
            self._table.add_row(one.reference, "", f"under {one.policy_after} already", "", "", "")
        else:
            for clock in one.clocks:
                self._table.add_row(one.reference, *_row(clock))

    def flush(self) -> None:
        if self._table.row_count:
            console().print(self._table)
        for line in self._below:
            say(line)
        self._table, self._below = _empty(), []

    def end(self) -> None:
        self.flush()
        found = self.summary
        say(
            f"{found.cases} running cases to {self._policy}: in {found.moved} a due instant moves, "
            f"{found.unchanged} are under it already, {found.refused} refuse, {found.failed} do not answer"
        )
        say(
            f"breaches up to {local(self._until)} if nobody answers: {found.appear} appear, {found.vanish} vanish; "
            f"{found.stay} have happened and stay"
        )
        say(f"{found.told} complainants would be told another date")


def _empty() -> Table:
    return table("case!", "clock!", "target", "due before!", "due after!", "breach")


def _row(clock: ClockChange) -> tuple[str, str, str, str, str]:
    before, after = clock.target_before, clock.target_after
    target = after if before in (None, after) else f"{before} → {after}"
    return (
        f"{clock.metric} {clock.occurrence}",
        target,
        _due(clock.due_before, clock.state_before),
        _due(clock.due_after, clock.state_after),
        _breach(clock),
    )


def _due(at: datetime | None, state: str | None) -> str:
    return local(at) if at is not None else (state or "-")


def _breach(clock: ClockChange) -> str:
    if clock.breach == "appears":
        return "appears at once" if clock.breached_at is not None else "appears"
    if clock.breach == "vanishes":
        return "vanishes"
    return "stays" if clock.breached_at is not None else ""
