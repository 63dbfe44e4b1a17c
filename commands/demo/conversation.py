"""One case of the demonstration: filed, spoken to and looked at only through the client library, like anybody's."""

import asyncio
import time
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from commands.demo.looking import KEY, SOLVED, NotTrue, caught, told, written_up
from commands.demo.words import WORDS, Words
from commands.stack import mail
from complaints.errors import Refused
from complaints.messages.view import CaseView
from complaints.vocabulary import Channel, Language, Severity
from starter.client import Tuntas

PATIENCE = 45.0  # seconds until a story that does not go on is given up
LOOK_EVERY = 0.8


class Conversation:
    """A complainant and some agents around one case; every check is kept with whether it came true.

    `mailbox` is the folder of the catcher that the notices go to.
    """

    def __init__(self, tuntas: Tuntas, story: str, language: Language, mailbox: Path) -> None:
        self.tuntas = tuntas
        self.story = story
        self.language = language
        self.mailbox = mailbox
        self.words: Words = WORDS[language]
        self.reference = ""
        self.doing = "waiting"
        self.checks: list[str] = []
        self.steps = 0

    @property
    def name(self) -> str:
        return f"{self.story}-{self.language}"

    @property
    def address(self) -> str:
        return f"{self.name}@example.test"

    async def file(
        self, *, text: str | None = None, category: str = "defective_product", severity: Severity | None = None,
        channel: Channel = Channel.EMAIL,
    ) -> None:  # fmt: skip
        """File the complaint, twice over. Whoever comes to the counter leaves no address."""
        self.doing = "files a complaint"
        intake: dict[str, Any] = {
            "channel": channel,
            "key": f"demo-{self.name}-{time.time_ns()}",
            "text": text or self.words.problem,
            "category": category,
            "severity": severity,
            "complainant": {
                "name": self.words.name,
                "email": None if channel is Channel.COUNTER else self.address,
                "language": self.language,
            },
        }
        first = await self.tuntas.file(intake)
        again = await self.tuntas.file(intake)
        self.reference = first.reference
        self.check("the same complaint filed twice is one case", first.created and not again.created)

    # what agents do

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

    async def solve(
        self, who: str, *, reasons: str | None = None, step: str = "examine_product", solution: str = "replacement",
        cost: int = 250_000,
    ) -> None:  # fmt: skip
        """Work the procedure, answer, and decide."""
        await self.act(who, "record_step", step=step, note="done as the procedure says")
        await self.act(
            who,
            "decide",
            outcome="upheld",
            reasons=reasons or self.words.reasons,
            findings=self.words.answer,
            remedies=[{"solution": solution, "cost": cost}],
        )

    async def find_cause(self, who: str) -> None:
        await self.act(
            who,
            "record_root_cause",
            category="supplier",
            cause="the supplier changed the element without telling us",
            whys=[{"why": "why did it fail", "answer": "the element was open", "evidence": "measured by a technician"}],
            corrective_action="incoming inspection measures every tenth element",
        )

    # what the complainant does

    async def reply(self, text: str, **details: str) -> None:
        self.doing = "complainant replies"
        await self.tuntas.reply(self.reference, key=self._key("reply"), text=text, details=details)

    async def confirm(self, *, rating: int | None = None) -> None:
        self.doing = "complainant confirms"
        await self.tuntas.confirm(
            self.reference, key=self._key("confirm"), satisfied=True, text=self.words.thanks, rating=rating
        )

    async def survey(self, **answers: Any) -> None:
        self.doing = "complainant answers the survey"
        await self.tuntas.survey(self.reference, key=self._key("survey"), **answers)

    async def dispute(self, missing: str) -> None:
        self.doing = "complainant disputes"
        await self.tuntas.confirm(self.reference, key=self._key("dispute"), satisfied=False, text=missing)

    async def withdraw(self, text: str) -> None:
        self.doing = "complainant withdraws"
        await self.tuntas.withdraw(self.reference, key=self._key("withdraw"), text=text)

    # their mailbox

    def mail_goes_away(self) -> None:
        mail.defer(self.mailbox, self.address)

    def mail_comes_back(self) -> None:
        mail.accept(self.mailbox, self.address)

    def mails(self) -> list[EmailMessage]:
        """What the complainant got, in the order of arrival."""
        return [each for each in caught(self.mailbox) if each["To"] == self.address]

    def mailed(self, occasion: str) -> str:
        """The words of the one mail of an occasion. Raises `NotTrue` unless there is exactly one."""
        found = [each for each in self.mails() if str(each[KEY]).split("/")[1] == occasion]
        if len(found) != 1:
            raise NotTrue(f"{len(found)} mails of occasion {occasion}")
        plain = found[0].get_body(("plain",))
        return str(plain.get_content()) if plain is not None else ""

    # what came of it

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

    async def until_asked(self, times: int = 1) -> CaseView:
        what = "satisfaction is asked" if times == 1 else "satisfaction is asked again"
        return await self.until(what, lambda view: told(view, "decision") == times)

    async def until_closed(self, reason: str) -> CaseView:
        """Closed for this reason, told to the complainant if they can be told, and written up."""
        view = await self.until(
            f"closed as {reason} and told",
            lambda v: v.closing_reason == reason and v.status in SOLVED and told(v, f"closed_{reason}") > 0,
        )
        self.check("the closure record is complete", written_up(view, reason))
        return view

    def check(self, what: str, holds: bool) -> None:
        if not holds:
            raise NotTrue(what)
        self.checks.append(what)

    def _command(self, who: str, act: str, role: str, payload: dict[str, Any]) -> dict[str, Any]:
        return {"act": act, "key": self._key(act), "actor": {"id": who, "role": role}, **payload}

    def _key(self, what: str) -> str:
        self.steps += 1
        return f"{self.name}-{self.steps}-{what}"
