"""Who gets a case when it is raised: one rule, for the escalation activity and the simulator alike."""

from collections.abc import Iterable, Sequence

from complaints.model import Frozen, Instant, Personal
from complaints.vocabulary import Language, Role

AGENT = "agent:"
TEAM = "team:"


class Agent(Frozen):
    """A handler as the choice sees them. No language given means every language; no team, any team of the tier."""

    id: str
    tier: str
    team: str | None = None
    skills: tuple[str, ...] = ()
    languages: tuple[Language, ...] = ()
    present: bool = True
    away_until: Instant | None = None
    substitute: str | None = None
    open_cases: int = 0
    last_assigned_at: Instant | None = None
    name: Personal | None = None
    email: Personal | None = None
    role: Role = Role.AGENT

    @property
    def owner(self) -> str:
        return AGENT + self.id


def choose(
    agents: Sequence[Agent], *, tier: str, team: str | None = None, skill: str | None = None, language: Language
) -> str | None:
    """Return the id of the agent who gets the case, or None if nobody fits.

    Among those of the tier who have the skill, speak the language and are present: the one with the fewest open cases,
    then the one whose last case is longest ago (never comes first), then by id. If all who fit are away, the same among
    the substitutes they named who are present.
    """
    fitting = [agent for agent in agents if _fits(agent, tier, team, skill, language)]
    present = [agent for agent in fitting if agent.present]
    named = {agent.substitute for agent in fitting if not agent.present}
    return _first(present) or _first(agent for agent in agents if agent.present and agent.id in named)


def _fits(agent: Agent, tier: str, team: str | None, skill: str | None, language: Language) -> bool:
    return (
        agent.tier == tier
        and (team is None or agent.team is None or agent.team == team)
        and (skill is None or skill in agent.skills)
        and (not agent.languages or language in agent.languages)
    )


def _first(agents: Iterable[Agent]) -> str | None:
    best = min(agents, key=_rank, default=None)
    return best.id if best else None


def _rank(agent: Agent) -> tuple[int, float, str]:
    last = agent.last_assigned_at
    return agent.open_cases, last.timestamp() if last else float("-inf"), agent.id
