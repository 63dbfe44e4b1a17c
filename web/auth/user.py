"""Who is signed in: an account as the pages see it."""

from complaints.assignment import AGENT
from complaints.messages.commands import Actor
from complaints.model import Frozen, Personal
from complaints.vocabulary import Language, Role


class User(Frozen):
    """Somebody who is signed in. `id` is the agent's id where they handle cases; `team` is the first of their teams.

    `administers`: an agent or a lead who keeps the installation in order as well. A pure administrator has the role.
    """

    id: str
    name: Personal
    role: Role
    team: str | None = None
    teams: frozenset[str] = frozenset()
    language: Language = Language.ID
    administers: bool = False

    @property
    def owner(self) -> str:
        """The user as the owner of cases."""
        return AGENT + self.id

    @property
    def actor(self) -> Actor:
        return Actor(id=self.id, role=self.role)

    @property
    def roles(self) -> tuple[Role, ...]:
        return (self.role, Role.ADMIN) if self.administers and self.role is not Role.ADMIN else (self.role,)
