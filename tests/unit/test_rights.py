"""What each role may do at the desk: every cell of the table, and the page that prints it."""

from pathlib import Path

import pytest
from starlette.exceptions import HTTPException

from complaints.messages.commands import AgentCommand
from complaints.model import Personal
from complaints.vocabulary import Role
from database.accounts import DESK_ROLES
from web.auth.rights import RIGHTS, Action, Scope, action_of, may, require_case
from web.auth.user import User

PAGE = Path(__file__).parents[2] / "docs" / "desk-roles.md"
# Written out once more by hand, cell by cell: agent, lead, auditor, admin; each for one's own team and for another.
EXPECTED = {
    "read_case":       "own own all no",
    "handle":          "own own no no",
    "take":            "own own no no",
    "assign":          "no own no no",
    "approve":         "no own no no",
    "evaluate":        "no own no no",
    "read_reviews":    "no own all no",
    "answer_evaluation": "all all no no",
    "replan":          "no own no no",
    "file":            "all all no no",
    "see_load":        "no own all no",
    "set_presence":    "no own no all",
    "read_access_log": "no no all no",
    "read_policies":   "all all all all",
    "administer":      "no no no all",
}  # fmt: skip
CELLS = [
    (role, Action(action), reach)
    for action, reaches in EXPECTED.items()
    for role, reach in zip(DESK_ROLES, reaches.split(), strict=True)
]


def user(role: Role, *, administers: bool = False) -> User:
    teams = frozenset({"frontline", "night"})
    return User(id="siti", name=Personal("Siti"), role=role, team="frontline", teams=teams, administers=administers)


def test_every_action_has_its_row():
    assert set(EXPECTED) == set(Action) == set(RIGHTS)


@pytest.mark.parametrize(("role", "action", "reach"), CELLS)
def test_each_role_may_do_just_this(role, action, reach):
    somebody = user(role)
    assert may(somebody, action) is (reach != "no")
    assert may(somebody, action, "frontline") is (reach != "no")
    assert may(somebody, action, "night") is (reach != "no")
    assert may(somebody, action, "specialist") is (reach == "all")
    assert may(somebody, action, "specialist", case_owner="agent:siti") is (reach != "no")
    assert may(somebody, action, "specialist", case_owner="agent:andi") is (reach == "all")


@pytest.mark.parametrize("role", [Role.SERVICE, Role.COMPLAINANT, Role.SYSTEM])
def test_nobody_else_may_do_anything(role):
    assert not any(may(user(role), action, "frontline", case_owner="agent:siti") for action in Action)


def test_who_administers_besides_has_the_rights_of_both():
    both = user(Role.LEAD, administers=True)
    assert may(both, Action.ADMINISTER)
    assert may(both, Action.APPROVE, "frontline")
    assert not may(both, Action.READ_CASE, "specialist")


def test_a_case_of_another_team_is_not_there_and_ones_own_may_be_refused():
    agent = user(Role.AGENT)
    for case_team, action, status in (("specialist", Action.HANDLE, 404), ("frontline", Action.APPROVE, 403)):
        with pytest.raises(HTTPException) as refused:
            require_case(agent, action, case_team)
        assert refused.value.status_code == status
    require_case(agent, Action.HANDLE, "frontline")


def test_every_command_is_one_of_the_actions():
    acts = {member.model_fields["act"].default for member in AgentCommand.__args__[0].__args__}
    assert {action_of(act) for act in acts} == {
        Action.HANDLE, Action.ASSIGN, Action.APPROVE, Action.EVALUATE, Action.REPLAN,
        Action.ANSWER_EVALUATION,
    }  # fmt: skip
    siti = user(Role.AGENT)
    assert action_of("assign", user=siti, to="agent:siti") is Action.TAKE
    assert action_of("assign", user=siti, to="siti") is Action.TAKE
    assert action_of("assign", user=siti, to="agent:andi") is Action.ASSIGN


def printed() -> list[str]:
    """The table as the page prints it."""
    words = {Scope.NONE: "", Scope.OWN: "own", Scope.ALL: "all"}
    rows = [
        f"| `{action}` | " + " | ".join(words[RIGHTS[action].get(role, Scope.NONE)] for role in DESK_ROLES) + " |"
        for action in Action
    ]
    return [line.replace("|  |", "| |").replace("|  |", "| |") for line in rows]


def test_the_page_prints_the_table():
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("| `") and line.split("`")[1] in set(Action)] == printed()
