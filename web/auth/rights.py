"""What each role may do: one table of role x action, each cell how far it reaches. `docs/desk-roles.md` prints it.

Least privilege: nobody reads a case of another team but auditors, who change nothing. An administrator keeps agents,
accounts and keys and reads no complaint, unless they are a lead or an agent as well (`User.administers`).
"""

from collections.abc import Awaitable, Callable, Mapping
from enum import IntEnum, StrEnum
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends
from starlette.exceptions import HTTPException

from complaints.vocabulary import Role
from web.auth.current import current_user
from web.auth.user import User


class Action(StrEnum):
    READ_CASE = "read_case"  # see a case, what the complainant wrote, and its evidence
    HANDLE = "handle"  # every command to a case that has no action of its own below
    TAKE = "take"  # become the owner of a case of one's team
    ASSIGN = "assign"  # give a case to somebody
    APPROVE = "approve"  # approve or decline a decision
    EVALUATE = "evaluate"  # score how a case was handled
    READ_REVIEWS = "read_reviews"  # the queue of reviews, derived scores and evaluations
    ANSWER_EVALUATION = "answer_evaluation"  # read and answer the evaluations of one's own handling
    REPLAN = "replan"  # put a case under another policy
    FILE = "file"  # enter a complaint for somebody
    SEE_LOAD = "see_load"  # load, presence and breaches of teams and handlers
    SET_PRESENCE = "set_presence"  # mark somebody away or back
    READ_ACCESS_LOG = "read_access_log"
    READ_POLICIES = "read_policies"  # policies and the texts of notices
    ADMINISTER = "administer"  # agents, accounts, sessions, API keys


class Scope(IntEnum):
    """How far a right reaches, in ascending order."""

    NONE = 0
    OWN = 1  # cases of one's own teams, and those one owns
    ALL = 2


RIGHTS: Mapping[Action, Mapping[Role, Scope]] = {
    Action.READ_CASE: {Role.AGENT: Scope.OWN, Role.LEAD: Scope.OWN, Role.AUDITOR: Scope.ALL},
    Action.HANDLE: {Role.AGENT: Scope.OWN, Role.LEAD: Scope.OWN},
    Action.TAKE: {Role.AGENT: Scope.OWN, Role.LEAD: Scope.OWN},
    Action.ASSIGN: {Role.LEAD: Scope.OWN},
    Action.APPROVE: {Role.LEAD: Scope.OWN},
    Action.EVALUATE: {Role.LEAD: Scope.OWN},
    Action.READ_REVIEWS: {Role.LEAD: Scope.OWN, Role.AUDITOR: Scope.ALL},
    # Wherever the case is now: that it was theirs is for the case to say.
    Action.ANSWER_EVALUATION: {Role.AGENT: Scope.ALL, Role.LEAD: Scope.ALL},
    Action.REPLAN: {Role.LEAD: Scope.OWN},
    Action.FILE: {Role.AGENT: Scope.ALL, Role.LEAD: Scope.ALL},
    Action.SEE_LOAD: {Role.LEAD: Scope.OWN, Role.AUDITOR: Scope.ALL},
    Action.SET_PRESENCE: {Role.LEAD: Scope.OWN, Role.ADMIN: Scope.ALL},
    Action.READ_ACCESS_LOG: {Role.AUDITOR: Scope.ALL},
    Action.READ_POLICIES: {
        Role.AGENT: Scope.ALL, Role.LEAD: Scope.ALL, Role.AUDITOR: Scope.ALL, Role.ADMIN: Scope.ALL,
    },
    Action.ADMINISTER: {Role.ADMIN: Scope.ALL},
}  # fmt: skip

_OF_COMMAND = {
    "assign": Action.ASSIGN,
    "approve": Action.APPROVE,
    "decline": Action.APPROVE,
    "record_evaluation": Action.EVALUATE,
    "answer_evaluation": Action.ANSWER_EVALUATION,
    "replan": Action.REPLAN,
}


def scope(user: User, action: Action) -> Scope:
    """Return how far a user's right to an action reaches: the farthest of their roles."""
    return max(RIGHTS[action].get(role, Scope.NONE) for role in user.roles)


def may(user: User, action: Action, case_team: str | None = None, *, case_owner: str | None = None) -> bool:
    """Whether a user may do it to a case of this team and owner; without a team, whether they may to any at all."""
    reach = scope(user, action)
    if case_team is None or reach is not Scope.OWN:
        return reach is not Scope.NONE
    return case_team in user.teams or case_owner == user.owner


def action_of(act: str, *, user: User | None = None, to: str | None = None) -> Action:
    """Return what a command is in the table. Whoever assigns a case to themselves takes it."""
    action = _OF_COMMAND.get(act, Action.HANDLE)
    if action is Action.ASSIGN and user is not None and to in (user.id, user.owner):
        return Action.TAKE
    return action


def require(action: Action) -> Callable[[User], Awaitable[User]]:
    """Return a dependency: the user, who may do this to some case at least. 403 for everybody else."""

    async def allowed(user: Annotated[User, Depends(current_user)]) -> User:
        if not may(user, action):
            raise HTTPException(HTTPStatus.FORBIDDEN, "your role does not allow this")
        return user

    return allowed


def require_case(user: User, action: Action, case_team: str, case_owner: str | None = None) -> None:
    """Let a user go on with a case. 404 if they may not even see it, as if it were not there; 403 if they may."""
    if not may(user, Action.READ_CASE, case_team, case_owner=case_owner):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    if not may(user, action, case_team, case_owner=case_owner):
        raise HTTPException(HTTPStatus.FORBIDDEN, "your role does not allow this")
