"""One case of the demonstration: filed, spoken to and looked at only through the client library, like anybody's."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from commands.demo.words import WORDS, Words
from complaints.errors import Refused
from complaints.messages.view import CaseView, ClockView
from complaints.vocabulary import Language, Metric, Severity
from starter.client import Tuntas

PATIENCE = 45.0  # seconds until a story that does not go on is given up
LOOK_EVERY = 0.4


class NotTrue(Exception):
    """A promised outcome did not come true."""


class Conversation:
    """A complainant and some agents around one case; every check is kept with whether it came true."""

    def __init__(self, tuntas: Tuntas, story: str, language: Language, severity: Severity | None = None) -> None:
        self.tuntas = tuntas
        self.story = story
        self.language = language
        self.severity = severity
        self.words: Words = WORDS[language]
        self.reference = ""
        self.doing = "waiting"
        self.checks: list[str] = []
        self.steps = 0

    @property
    def name(self) -> str:
        return f"{self.story}-{self.language}"

    async def file(self) -> None:
        self.doing = "files a complaint"
        intake: dict[str, Any] = {
            "channel": "email",
            "key": f"demo-{self.name}-{time.time_ns()}",
            "text": self.words.problem,
            "category": "defective_product",
            "severity": self.severity,
            "complainant": {
                "name": self.words.name,
                "email": f"{self.name}@example.test",
                "language": self.language,
            },
        }
        first = await self.tuntas.file(intake)
        again = await self.tuntas.file(intake)
        self.reference = first.reference
        self.check("the same complaint filed twice is one case", first.created and not again.created)

    async def act(self, who: str, act: str, *, role: str = "agent", **payload: Any) -> None:
        self.doing = f"{who}: {act}"
        await self.tuntas.act(self.reference, self._command(who, act, role, payload))

    async def refused(self, who: str, act: str, *, role: str = "agent", **payload: Any) -> str:
        """Act, and expect a refusal; its reason."""
        self.doing = f"{who}: {act}"
        try:
            await self.tuntas.act(self.reference, self._command(who, act, role, payload))
        except Refused as refusal:
            return refusal.problem
        raise NotTrue(f"`{act}` was to be refused")

    async def reply(self, text: str) -> None:
        self.doing = "complainant replies"
        await self.tuntas.reply(self.reference, key=self._key("reply"), text=text)

    async def confirm(self, *, satisfied: bool, text: str, rating: int | None = None) -> None:
        self.doing = "complainant confirms" if satisfied else "complainant disputes"
        await self.tuntas.confirm(
            self.reference, key=self._key("confirm"), satisfied=satisfied, text=text, rating=rating
        )

    async def until(self, what: str, holds: Callable[[CaseView], bool]) -> CaseView:
        """Look at the case until something holds; that is a check too."""
        self.doing = f"until {what}"
        deadline = time.monotonic() + PATIENCE
        while True:
            view = await self.tuntas.view(self.reference)
            if holds(view):
                self.checks.append(what)
                return view
            if time.monotonic() > deadline:
                raise NotTrue(f"not within {PATIENCE:.0f} s: {what} (status {view.status}, tier {view.tier})")
            await asyncio.sleep(LOOK_EVERY)

    def check(self, what: str, holds: bool) -> None:
        if not holds:
            raise NotTrue(what)
        self.checks.append(what)

    async def solve(self, who: str, *, reasons: str | None = None, solution: str = "replacement") -> None:
        """Work the procedure, answer, and decide."""
        await self.act(who, "record_step", step="examine_product", note="heating element open")
        await self.act(
            who,
            "decide",
            outcome="upheld",
            reasons=reasons or self.words.reasons,
            findings=self.words.answer,
            remedies=[{"solution": solution, "cost": 250_000}],
        )

    def _command(self, who: str, act: str, role: str, payload: dict[str, Any]) -> dict[str, Any]:
        return {"act": act, "key": self._key(act), "actor": {"id": who, "role": role}, **payload}

    def _key(self, what: str) -> str:
        self.steps += 1
        return f"{self.name}-{self.steps}-{what}"


def clock(view: CaseView, metric: Metric, occurrence: int = 1) -> ClockView:
    """A clock of the case. Raises `NotTrue` if it was never started."""
    for candidate in view.clocks:
        if candidate.metric is metric and candidate.occurrence == occurrence:
            return candidate
    raise NotTrue(f"there is no {metric} clock {occurrence}")


def told(view: CaseView, occasion: str) -> int:
    """How many notices of an occasion were handed over to the complainant."""
    return sum(n.occasion == occasion and n.handed_over_at is not None for n in view.notices if n.to == "complainant")


def happened(view: CaseView, kind: str) -> int:
    return sum(entry.kind == kind for entry in view.timeline)
