"""Values made without validation are those that validation would give; the next effect is remembered, never stale."""

import hashlib
from copy import deepcopy
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from complaints.case.effects import next_effect
from complaints.case.state import CaseState, Decision, Merging, Question
from complaints.messages.commands import Actor
from complaints.messages.feedback import Delivery
from complaints.model import Changing, Frozen, Personal, Tolerant, made, share_names
from complaints.timeline import canonical, chain_hash
from complaints.vocabulary import Kind, Outcome, Role
from tests.unit.cases import Player, wib

NOW = datetime(2026, 7, 6, 2, tzinfo=UTC)


def test_it_is_what_validation_would_give():
    given = {"key": "k", "handed_over": True, "at": NOW}
    assert made(Delivery, **given) == Delivery(**given)
    assert made(Delivery, **given).model_dump_json() == Delivery(**given).model_dump_json()
    actor = Actor(id="siti", role=Role.AGENT)
    decision = {
        "number": 1, "actor": actor, "outcome": Outcome.UPHELD, "reasons": Personal("Benar"), "findings": None,
        "remedies": (), "cost": 0, "final": False, "at": NOW,
    }  # fmt: skip
    assert made(Decision, **decision) == Decision(**decision)
    assert made(Decision, **decision).model_dump_json() == Decision(**decision).model_dump_json()


def test_defaults_that_change_are_not_shared():
    given = {"key": "m", "into": "TTS-X", "actor": Actor(id="siti", role=Role.AGENT)}
    one, other = made(Merging, **given), made(Merging, **given)
    one.held.append("x")
    assert (other.held, Merging(**given).held) == ([], [])


def test_what_is_missing_or_unknown_is_a_defect():
    with pytest.raises(TypeError, match="Delivery"):
        made(Delivery, key="k", handed_over=True)
    with pytest.raises(TypeError, match="Delivery"):
        made(Delivery, key="k", handed_over=True, at=NOW, colour="red")


def test_only_what_shares_its_names_safely_is_made():
    from pydantic import BaseModel

    class Loose(BaseModel):
        x: int = 1

    with pytest.raises(TypeError, match="neither Frozen nor Changing"):
        made(Loose, x=1)
    assert all(issubclass(kind, BaseModel) for kind in (Frozen, Tolerant, Changing))


def test_a_changing_value_is_set_and_copied_like_any_other():
    question = made(Question, notice="n", automatic=True)
    copy = question.model_copy()
    question.missing = ("invoice",)
    assert (question.missing, copy.missing) == (("invoice",), ())
    assert Question.model_validate_json(question.model_dump_json()) == question


def test_clocks_and_notices_are_read_as_they_were_written_and_copied_by_themselves():
    """They are dataclasses within a model: checked when they are read, like all that comes from outside."""
    player = Player().until(wib(7, 10))
    written = player.state.model_dump(mode="json")
    state = CaseState.model_validate(written)
    assert (state.clocks, state.notices, state.ladder) == (
        player.state.clocks, player.state.notices, player.state.ladder,
    )  # fmt: skip
    resolution = next(number for number, clock in enumerate(state.clocks) if clock.warnings)
    copy = state.model_copy(deep=True)
    copy.clocks[resolution].warnings[0].fired = not copy.clocks[resolution].warnings[0].fired
    copy.notices[0].failed = True
    assert (state.clocks, state.notices) == (player.state.clocks, player.state.notices)
    written["clocks"][0]["state"] = "asleep"
    with pytest.raises(ValidationError, match=r"clocks\.0\.state"):
        CaseState.model_validate(written)


def test_a_case_that_goes_on_keeps_names_once_for_all_that_are_alike():
    player = Player().until(wib(7, 10))
    state = CaseState.model_validate_json(player.state.model_dump_json())
    assert len({id(entry.__pydantic_fields_set__) for entry in state.timeline}) == 1
    assert state.timeline == player.state.timeline
    again = CaseState.model_validate_json(state.model_dump_json())
    assert again == state
    assert again.intake.__pydantic_fields_set__ is state.intake.__pydantic_fields_set__


def test_a_copy_of_a_value_with_shared_names_has_its_own():
    one, other = Delivery(key="k", handed_over=True, at=NOW), Delivery(key="l", handed_over=True, at=NOW)
    share_names(one, other)
    assert one.__pydantic_fields_set__ is other.__pydantic_fields_set__
    assert one.model_copy(update={"problem": "x"}).model_fields_set == {"key", "handed_over", "at", "problem"}
    assert other.model_fields_set == {"key", "handed_over", "at"}


@given(st.text(max_size=20), st.from_regex(r"^[\w.@:+-]+$", fullmatch=True), st.integers(1, 10**6), st.datetimes())
def test_the_chain_covers_the_canonical_json(reference, actor, sequence, at):
    link = {
        "reference": reference, "sequence": sequence, "at": at.replace(tzinfo=UTC).isoformat(), "kind": "received",
        "actor": {"id": actor, "role": "agent"}, "digest": "d" * 64, "previous": "0" * 64,
    }  # fmt: skip
    found = chain_hash(
        reference=reference, sequence=sequence, at=at.replace(tzinfo=UTC), kind=Kind.RECEIVED,
        actor=Actor.model_construct(id=actor, role=Role.AGENT), digest="d" * 64, previous="0" * 64,
    )  # fmt: skip
    assert found == hashlib.sha256(canonical(link)).hexdigest()


def test_the_remembered_effect_is_the_one_that_is_next():
    player = Player()
    for day in range(7, 31):
        player.until(wib(day, 10))
        assert player.case.following.effect() == next_effect(player.case.state)
        if day % 5 == 0:
            player.act("send_update", text="Kami periksa.")
        if day == 12:
            player.act("request_information", text="Nomor pesanan?")
        if day == 14:
            player.reply("4711")
        if day == 20:
            player.state.clocks = [deepcopy(clock) for clock in player.state.clocks]  # as a re-plan may
            player.act("note", text="x")
        assert player.case.following.effect() == next_effect(player.case.state)
