"""Values made without validation are those that validation would give; the next effect is remembered, never stale."""

import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints.case.effects import next_effect
from complaints.case.state import CaseState
from complaints.clocks import Clock, Warned
from complaints.messages.commands import Actor
from complaints.messages.feedback import Delivery
from complaints.model import Changing, Frozen, Tolerant, made, share_names
from complaints.targets import Target
from complaints.timeline import canonical, chain_hash
from complaints.vocabulary import Kind, Metric, OnDue, Role
from tests.unit.cases import Player, wib

NOW = datetime(2026, 7, 6, 2, tzinfo=UTC)


def test_it_is_what_validation_would_give():
    given = {"key": "k", "handed_over": True, "at": NOW}
    assert made(Delivery, **given) == Delivery(**given)
    assert made(Delivery, **given).model_dump_json() == Delivery(**given).model_dump_json()
    clock = {
        "metric": Metric.RESOLUTION, "occurrence": 1, "target": Target("3 days"), "calendar": None,
        "on_due": OnDue.BREACH, "started_at": NOW, "base_due": NOW, "due_at": None,
    }  # fmt: skip
    assert made(Clock, **clock) == Clock(**clock)
    assert made(Clock, **clock).model_dump_json() == Clock(**clock).model_dump_json()


def test_defaults_that_change_are_not_shared():
    clock = {
        "metric": Metric.RESOLUTION, "occurrence": 1, "target": Target("3 days"), "calendar": None,
        "on_due": OnDue.BREACH, "started_at": NOW, "base_due": NOW, "due_at": None,
    }  # fmt: skip
    one, other = made(Clock, **clock), made(Clock, **clock)
    one.pauses.append("x")
    one.warnings.append("y")
    assert (other.pauses, other.warnings) == ([], [])


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
    warned = made(Warned, fraction=0.75, at=None)
    copy = warned.model_copy()
    warned.fired = True
    assert (warned.fired, copy.fired) == (True, False)
    assert Warned.model_validate_json(warned.model_dump_json()) == warned


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
            player.state.clocks = [clock.model_copy(deep=True) for clock in player.state.clocks]  # as a re-plan may
            player.act("note", text="x")
        assert player.case.following.effect() == next_effect(player.case.state)
