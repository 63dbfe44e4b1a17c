from datetime import UTC, datetime

from complaints.assignment import Agent, choose
from complaints.vocabulary import Language

EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)


def an_agent(name, **over):
    return Agent(id=name, tier=over.pop("tier", "specialist"), **over)


def choice(*agents, **wanted):
    return choose(agents, **{"tier": "specialist", "language": Language.ID} | wanted)


def test_nobody_fits_an_empty_tier():
    assert choice() is None
    assert choice(an_agent("a", tier="frontline")) is None


def test_skill_and_language_are_musts_and_no_language_means_all():
    english = an_agent("a", languages=(Language.EN,), skills=("billing",))
    unskilled = an_agent("b")
    assert choice(english, unskilled) == "b"
    assert choice(english, unskilled, skill="billing") is None
    assert choice(english, unskilled, skill="billing", language=Language.EN) == "a"


def test_the_team_counts_where_an_agent_has_one():
    assert choice(an_agent("a", team="x"), an_agent("b"), team="y") == "b"
    assert choice(an_agent("a", team="x"), team="y") is None


def test_the_fewest_open_cases_then_the_longest_unassigned_then_the_id():
    assert choice(an_agent("a", open_cases=1), an_agent("b", last_assigned_at=LATE)) == "b"
    assert choice(an_agent("a", last_assigned_at=LATE), an_agent("b", last_assigned_at=EARLY)) == "b"
    assert choice(an_agent("a", last_assigned_at=EARLY), an_agent("b")) == "b"
    assert choice(an_agent("b"), an_agent("a")) == "a"


def test_substitutes_come_when_all_who_fit_are_away():
    away = an_agent("a", present=False, substitute="s")
    substitute = an_agent("s", tier="frontline", open_cases=9)
    assert choice(away, substitute) == "s"
    assert choice(away, substitute, an_agent("b", open_cases=99)) == "b"
    assert choice(away, substitute.model_copy(update={"present": False})) is None
    assert choice(an_agent("a", present=False)) is None
