"""A campaign of re-plans: what it is known by, and how far it has come, so that it goes on where it was interrupted.

A case is re-planned once by a campaign, whoever repeats it and from wherever: the key of each command says so. The file
only spares asking those again that are done.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, Field, ValidationError

from complaints.errors import BadInput
from complaints.messages.commands import Actor, Replan
from complaints.model import Frozen
from complaints.plan import Plan
from complaints.policy import Policy
from database.complaints import Filters

MOST_NAMED = 1000  # refused or failed cases that are named; the others are counted

Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][\w.-]*$")]


class Trouble(Frozen):
    """A case that was not re-planned, and why."""

    reference: str
    field: str
    problem: str
    remedy: str


class Progress(BaseModel):
    """How far a campaign has come. `ended`: closed since it was listed, and left alone."""

    about: str  # digest of policy, filters, references: another one under the same name is refused
    after: str | None = None  # the cursor of the page that is done
    listed: bool = False  # every page is done
    again: list[str] = []  # references without an answer, which are asked again
    replanned: int = 0
    unchanged: int = 0
    ended: int = 0
    refused: list[Trouble] = []
    refused_more: int = 0

    @property
    def handled(self) -> int:
        return self.replanned + self.unchanged + self.ended + len(self.refused) + self.refused_more

    def refuse(self, trouble: Trouble) -> None:
        if len(self.refused) < MOST_NAMED:
            self.refused.append(trouble)
        else:
            self.refused_more += 1


class Campaign:
    """`folder` is where its progress is kept; None keeps nothing."""

    def __init__(
        self, name: str, policy: Policy, actor: Actor, reason: str, *, about: str, folder: Path | None
    ) -> None:
        self.name = name
        self.policy = policy
        self._actor = actor
        self._reason = reason
        self._about = about
        self._digest = _of_policy(policy)[:12]
        self._file = folder / f"{name}.json" if folder is not None else None

    @classmethod
    def of(
        cls,
        policy: Policy,
        actor: Actor,
        reason: str,
        filters: Filters,
        references: Sequence[str] = (),
        *,
        name: str | None = None,
        folder: Path | None = None,
    ) -> Self:
        """The campaign of this name; without one, that of this policy, reason and choice of cases."""
        about = _digest(json.dumps([_of_policy(policy), filters.model_dump(mode="json"), sorted(references)]))
        name = _named(name) if name else f"replan-{_digest(about + reason)[:10]}"
        return cls(name, policy, actor, reason, about=about, folder=folder)

    def command(self, reference: str, plan: Plan) -> Replan:
        """The command to a case. Another policy under the same name has another key."""
        key = f"{self.name}:{self._digest}:{reference}"
        return Replan(key=key, actor=self._actor, policy=self.policy.pack, reason=self._reason, plan=plan)

    def resume(self) -> Progress:
        """What was done when it was interrupted. Raises `BadInput` if the name belongs to another campaign."""
        fresh = Progress(about=self._about)
        if self._file is None or not self._file.exists():
            return fresh
        try:
            found = Progress.model_validate_json(self._file.read_bytes())
        except (ValidationError, OSError):
            return fresh  # asking again is only slower
        if found.about != self._about:
            raise BadInput(
                f"`{self.name}` was begun with another policy or for other cases",
                field="--campaign",
                remedy="give it another name, or finish the first as it was begun",
            )
        return found

    def keep(self, progress: Progress) -> None:
        """In one step: a crash leaves the file as it was or as it shall be."""
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        draft = self._file.with_suffix(".part")
        draft.write_text(progress.model_dump_json(), encoding="utf-8")
        draft.replace(self._file)

    def forget(self) -> None:
        """It is done. Begun again, it looks at every case anew."""
        if self._file is not None:
            self._file.unlink(missing_ok=True)


class _Named(Frozen):
    name: Name


def _named(name: str) -> str:
    try:
        return _Named(name=name).name
    except ValidationError:
        remedy = "use up to 100 letters, digits, dots, hyphens and underscores"
        raise BadInput("is no name", field="--campaign", remedy=remedy) from None


def _of_policy(policy: Policy) -> str:
    return _digest(policy.model_dump_json())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
