"""Two complaints that are one: what each case does when they are merged, and when that is undone.

The cases speak to each other as in production, each through its duties; `Town.holds` keeps what they say on its way.
"""

from collections.abc import Callable
from typing import Any

import pytest

from complaints.case.merging import same_complainant
from complaints.errors import Refused
from complaints.messages.duties import Duty
from complaints.messages.intake import Complainant
from complaints.messages.merging import ForwardDuty, LetGo, MergeAnswered, MergeDuty
from complaints.messages.signals import FactReported
from complaints.model import Personal
from complaints.reference import reference_for
from complaints.vocabulary import Status
from tests.unit.cases import Player, wib

A, B, C = (reference_for("form", name) for name in "abc")
BUDI = {"name": "Budi", "email": "budi@example.co.id"}


class Town:
    """Where cases reach each other. While it `holds`, what they say waits in `line`."""

    def __init__(self) -> None:
        self.cases: dict[str, Resident] = {}
        self.holds = False
        self.line: list[tuple[Resident, Duty]] = []

    def opens(self, reference: str, **intake: Any) -> "Resident":
        found = Resident(self, reference, **{"complainant": BUDI, **intake})
        self.cases[reference] = found
        return found

    def delivers(self, *, twice: bool = False) -> None:
        self.holds = False
        while self.line:
            sender, duty = self.line.pop(0)
            for _ in range(2 if twice else 1):
                sender.carry_out(sender.speak(duty))


class Resident(Player):
    def __init__(self, town: Town, reference: str, **intake: Any) -> None:
        self.town = town
        super().__init__(reference=reference, **intake)

    def _ask(self, duty: MergeDuty) -> list[Duty]:
        return self._say(duty)

    def _pass_on(self, duty: ForwardDuty) -> None:
        self.carry_out(self._say(duty))

    def _say(self, duty: Duty) -> list[Duty]:
        if self.town.holds:
            self.town.line.append((self, duty))
            return []
        return self.speak(duty)

    def speak(self, duty: Duty) -> list[Duty]:
        """What the activities do; the answer goes through JSON, as through a history."""
        if isinstance(duty, ForwardDuty):
            self.town.cases[duty.to].say(ForwardDuty.model_validate_json(duty.model_dump_json()).message)
            return []
        assert isinstance(duty, MergeDuty)
        other = self.town.cases.get(duty.into)
        refused = Refused("there is no such case", field="reference") if other is None else other.asked_by(duty)
        problem = refused.problem if refused else None
        remedy = refused.remedy if refused else None
        answer = MergeAnswered(key=duty.key, accepted=refused is None, problem=problem, remedy=remedy)
        return self.case.learn(answer, self.now)

    def asked_by(self, duty: MergeDuty) -> Refused | None:
        """A refusal by the validator leaves no trace."""
        refused = self.case.refusal(duty.ask, self.now)
        return refused or self.say(duty.ask).refused


@pytest.fixture
def town() -> Town:
    return Town()


def two(town: Town, **more: Any) -> tuple[Resident, Resident]:
    return town.opens(A, text="Ketel bocor", **more), town.opens(B, text="Ketel saya bocor")


def merged(town: Town, **more: Any) -> tuple[Resident, Resident]:
    a, b = two(town, **more)
    assert a.act("merge", into=B).refused is None
    assert a.status in (Status.CLOSED, Status.ARCHIVED)
    return a, b


def kinds(player: Player) -> list[str]:
    return [str(entry.kind) for entry in player.state.timeline]


class TestMerge:
    def test_the_merged_case_closes_as_duplicate_and_says_under_which_one_it_goes_on(self, town: Town) -> None:
        a, b = merged(town)
        assert a.state.closing_reason == "duplicate"
        assert a.last("merged").detail["into"] == B
        (notice,) = a.notices("closed_duplicate")
        assert notice.facts.cases == (B,)
        assert [record.reason for record in a.state.closures] == ["duplicate"]
        assert not a.running("resolution")
        assert b.status is Status.INVESTIGATION

    def test_the_surviving_case_knows_what_it_took_over_and_tells_its_owner(self, town: Town) -> None:
        _, b = merged(town)
        entry = b.last("merged_in")
        assert (entry.detail, entry.words, entry.actor.id) == (
            {"reference": A, "same_complainant": True}, "Ketel bocor", "siti",
        )  # fmt: skip
        assert b.told("agent_merged_in") == (b.state.owner,)
        assert b.notices("agent_merged_in")[0].facts.cases == (A,)

    def test_a_survivor_that_had_answered_owes_an_answer_again(self, town: Town) -> None:
        a, b = two(town)
        b.respond()
        a.act("merge", into=B)
        assert b.running("next_response")

    def test_one_that_has_not_answered_yet_owes_one_answer_not_two(self, town: Town) -> None:
        _, b = merged(town)
        assert b.running("first_response")
        assert not b.has("next_response")

    def test_it_stays_open_until_the_other_has_agreed(self, town: Town) -> None:
        a, b = two(town)
        town.holds = True
        assert a.act("merge", into=B).refused is None
        assert a.status is Status.INVESTIGATION
        assert not b.entries("merged_in")
        assert a.running("resolution")
        town.delivers()
        assert a.status in (Status.CLOSED, Status.ARCHIVED)

    def test_asked_twice_is_asked_once(self, town: Town) -> None:
        """An activity that was killed after the other case had agreed asks again under the same key."""
        a, b = two(town)
        town.holds = True
        a.act("merge", into=B)
        town.delivers(twice=True)
        assert kinds(b).count("merged_in") == 1
        assert kinds(a).count("merged") == 1

    def test_whatever_happened_meanwhile_wins_and_the_other_is_told(self, town: Town) -> None:
        a, b = two(town)
        town.holds = True
        a.act("merge", into=B)
        a.withdraw()
        town.delivers()
        assert a.state.closing_reason == "withdrawn"
        assert (a.state.merged_into, b.state.merged_in) == (None, [])
        assert kinds(b)[-1] == "taken_out"
        assert a.entries("merge_refused")

    def test_a_reference_may_be_written_as_people_do(self, town: Town) -> None:
        a, _ = two(town)
        assert a.act("merge", into=B.lower().replace("-", " ")).refused is None
        assert a.state.merged_into == B


class TestRefusals:
    """At the case that is asked to merge: answered at once."""

    @pytest.mark.parametrize(
        ("into", "problem"), [(A, "into itself"), ("TTS-1", "no reference"), ("", "no reference"), ("x" * 90, "no ref")]
    )
    def test_into_what(self, town: Town, into: str, problem: str) -> None:
        a, _ = two(town)
        refused = a.act("merge", into=into or " ").refused
        assert refused is not None
        assert problem in refused.problem
        assert refused.field == "into"
        assert refused.remedy

    def test_twice(self, town: Town) -> None:
        a, _ = two(town)
        town.holds = True
        a.act("merge", into=B)
        again = a.act("merge", into=B).refused
        assert again is not None
        assert "asked already" in again.problem
        town.delivers()
        after = a.act("merge", into=B).refused
        assert after is not None
        assert after.problem == f"the case is merged into {B}"

    def test_into_a_case_that_is_merged_into_this_one(self, town: Town) -> None:
        _, b = merged(town)
        refused = b.act("merge", into=A).refused
        assert refused is not None
        assert refused.problem == f"{A} is merged into this case"

    @pytest.mark.parametrize("command", ["reopen", "record_reply", "record_confirmation"])
    def test_what_belongs_to_the_survivor_is_sent_there(self, town: Town, command: str) -> None:
        a, _ = merged(town)
        given = {
            "reopen": {"reason": "new_facts", "text": "bukti"}, "record_reply": {"text": "katanya", "how": "telepon"},
            "record_confirmation": {"satisfied": True, "how": "telepon"},
        }[command]  # fmt: skip
        refused = a.act(command, **given).refused
        assert refused is not None
        assert B in refused.problem

    def test_unmerge_of_what_is_not_merged(self, town: Town) -> None:
        a, _ = two(town)
        a.act("close", reason="duplicate", explanation="Sama.")
        refused = a.act("unmerge", reason="beda").refused
        assert refused is not None
        assert "`reopen`" in refused.remedy


def _closed(town: Town) -> Resident:
    b = town.opens(B)
    b.act("close", reason="out_of_scope", explanation="Bukan kami.")
    return b


def _merged_into_c(town: Town) -> Resident:
    b = town.opens(B)
    town.opens(C)
    b.act("merge", into=C)
    return b


def _about_to_be_merged(town: Town) -> Resident:
    b = town.opens(B)
    town.opens(C)
    town.holds = True
    b.act("merge", into=C)
    town.holds = False
    return b


class TestTheOtherRefuses:
    """Then the case stays open, and whoever asked and its owner are told why."""

    @pytest.mark.parametrize(
        ("other", "problem"),
        [
            (_closed, "it is archived"),
            (_merged_into_c, f"it is merged into {C}; merge into {C}"),
            (_about_to_be_merged, f"about to be merged into {C}"),
            (lambda town: town.opens(B, company="toko-lain"), "belongs to another company"),
            (lambda _: None, "no such case"),
        ],
    )
    def test_the_case_stays_open(self, town: Town, other: Callable[[Town], Any], problem: str) -> None:
        other(town)
        a = town.opens(A)
        assert a.act("merge", into=B, by="sari").refused is None
        assert a.status is Status.INVESTIGATION
        assert a.state.merging is None
        assert problem in a.last("merge_refused").detail["reason"]
        assert a.told("agent_merge_refused") == (a.state.owner, "agent:sari")
        assert a.running("resolution")

    def test_a_circle_of_two_that_ask_each_other_at_once(self, town: Town) -> None:
        a, b = two(town)
        town.holds = True
        a.act("merge", into=B)
        b.act("merge", into=A)
        town.delivers()
        assert [a.status, b.status].count(Status.INVESTIGATION) >= 1
        assert not (a.state.merged_into and b.state.merged_into)

    def test_a_circle_of_three(self, town: Town) -> None:
        a, b, c = (town.opens(name) for name in (A, B, C))
        a.act("merge", into=B)
        b.act("merge", into=C)
        c.act("merge", into=A)
        assert (a.state.merged_into, b.state.merged_into, c.state.merged_into) == (B, C, None)
        assert c.last("merge_refused").detail["reason"] == f"it is merged into {B}; merge into {B}"

    def test_after_a_refusal_another_may_be_asked(self, town: Town) -> None:
        _closed(town)
        a, c = town.opens(A), town.opens(C)
        a.act("merge", into=B)
        a.act("merge", into=C)
        assert a.state.merged_into == C
        assert [case.reference for case in c.state.merged_in] == [A]


class TestMessages:
    def test_a_reply_reaches_the_survivor_once_however_often_it_comes(self, town: Town) -> None:
        a, b = merged(town)
        for _ in range(3):
            a.reply("Masih bocor", id="mail-7", bill_number="B-18")
        entry = b.last("complainant_replied")
        assert (entry.words, entry.detail["merged_from"], entry.detail["given"]) == (
            "Masih bocor", A, {"bill_number": "B-18"},
        )  # fmt: skip
        assert kinds(b).count("complainant_replied") == 1
        assert a.last("complainant_replied").detail["forwarded_to"] == B
        assert b.notices("agent_message_received")[-1].facts.cases == (A,)
        assert not a.notices("agent_reopening_requested")

    def test_a_repeated_delivery_arrives_once(self, town: Town) -> None:
        a, b = merged(town)
        town.holds = True
        a.reply("Masih bocor")
        town.delivers(twice=True)
        assert kinds(b).count("complainant_replied") == 1

    def test_the_same_id_said_to_both_is_two_messages(self, town: Town) -> None:
        a, b = merged(town)
        b.reply("ke B", id="x")
        a.reply("ke A", id="x")
        assert [entry.words for entry in b.entries("complainant_replied")] == ["ke B", "ke A"]

    def test_a_reply_answers_the_question_of_the_survivor(self, town: Town) -> None:
        a, b = merged(town)
        b.ask()
        a.reply("Ini fotonya")
        assert b.status is Status.INVESTIGATION

    def test_somebody_elses_reply_answers_nothing(self, town: Town) -> None:
        a, b = merged(town, complainant={"email": "tetangga@example.co.id"})
        b.ask()
        a.reply("Punya saya juga")
        assert b.status is Status.AWAITING_COMPLAINANT
        assert b.last("merged_in").detail["same_complainant"] is False

    @pytest.mark.parametrize("satisfied", [True, False])
    def test_a_confirmation_is_recorded_and_told_and_changes_nothing(self, town: Town, satisfied: bool) -> None:
        a, b = merged(town)
        b.decide()
        a.confirm(satisfied=satisfied, text="Ya")
        assert b.status is Status.RESOLVED
        assert b.state.satisfied is None
        entry = b.last("satisfaction_confirmed")
        assert (entry.detail["applied"], entry.detail["merged_from"]) == (False, A)
        assert b.notices("agent_message_received")[-1].facts.words == "Ya"
        assert a.last("satisfaction_confirmed").detail["applied"] is False

    def test_a_withdrawal_takes_back_its_own_complaint_only(self, town: Town) -> None:
        a, b = merged(town)
        a.withdraw()
        assert b.status is Status.INVESTIGATION
        assert b.last("withdrawn").detail == {"applied": False, "merged_from": A}

    def test_facts_reach_it_too_but_for_those_about_the_merged_case_itself(self, town: Town) -> None:
        a, b = merged(town)
        a.report("delivered")
        assert b.last("fact_reported").detail["merged_from"] == A
        a.say(FactReported(message_id="n", fact="notice_bounced", details={"key": "k", "status": "5.1.1"}))
        assert [entry.detail["fact"] for entry in b.entries("fact_reported")] == ["delivered"]

    def test_what_was_said_between_question_and_answer_is_passed_on(self, town: Town) -> None:
        a, b = two(town)
        town.holds = True
        a.act("merge", into=B)
        a.reply("Satu lagi", id="between")
        a.restore()  # it goes through a continue-as-new meanwhile
        town.delivers()
        assert [entry.words for entry in b.entries("complainant_replied")] == ["Satu lagi"]

    def test_and_not_if_the_other_refuses(self, town: Town) -> None:
        b = _closed(town)
        a = town.opens(A)
        town.holds = True
        a.act("merge", into=B)
        a.reply("Satu lagi")
        town.delivers()
        assert not b.entries("complainant_replied")
        assert a.notices("agent_message_received")

    def test_through_two_merges(self, town: Town) -> None:
        a, b = merged(town)
        c = town.opens(C)
        b.act("merge", into=C)
        a.reply("Masih")
        assert c.last("complainant_replied").detail["merged_from"] == B

    def test_a_survivor_that_is_archived_takes_it_as_a_request_to_reopen(self, town: Town) -> None:
        a, b = merged(town)
        b.act("close", reason="out_of_scope", explanation="Bukan kami.")
        assert b.status is Status.ARCHIVED
        a.reply("Masih bocor")
        assert b.entries("reopening_requested")


class TestUnmerge:
    def test_the_case_goes_its_own_way_under_its_own_reference(self, town: Town) -> None:
        a, b = merged(town)
        a.until(wib(7, 9))
        b.until(wib(7, 9))
        assert a.act("unmerge", reason="ternyata ketel lain").refused is None
        assert (a.status, a.state.merged_into, a.state.reopenings) == (Status.INVESTIGATION, None, 0)
        assert a.last("unmerged").detail == {"into": B, "reason": "ternyata ketel lain", "status": "investigation"}
        assert a.clock("resolution").started_at == wib(7, 9)
        (notice,) = a.notices("reopened")
        assert (notice.facts.reason, notice.facts.promised_at) == ("unmerged", a.clock("resolution").due_at)
        assert b.last("taken_out").detail == {"reference": A, "reason": "ternyata ketel lain"}
        assert b.told("agent_taken_out") == (b.state.owner,)
        assert b.state.merged_in == []

    def test_each_message_goes_where_it_belonged_when_it_came(self, town: Town) -> None:
        a, b = merged(town)
        town.holds = True
        a.reply("satu", id="1")
        a.act("unmerge", reason="beda")
        a.reply("dua", id="2")
        a.reply("satu", id="1")  # comes again, after the merge was undone
        a.act("merge", into=B)
        a.reply("tiga", id="3")
        town.delivers(twice=True)
        a.reply("empat", id="4")
        assert [entry.words for entry in b.entries("complainant_replied")] == ["satu", "tiga", "empat"]
        assert [case.reference for case in b.state.merged_in] == [A]
        own = [entry.words for entry in a.entries("complainant_replied") if "forwarded_to" not in entry.detail]
        assert own == ["dua", "tiga"]

    def test_a_closed_case_can_be_confirmed_and_reopened_again(self, town: Town) -> None:
        a, _ = merged(town)
        a.act("unmerge", reason="beda")
        a.decide()
        a.confirm()
        assert a.state.closing_reason == "confirmed"
        assert [record.reason for record in a.state.closures] == ["duplicate", "confirmed"]
        assert a.act("reopen", reason="new_facts", text="bukti").refused is None

    def test_a_parting_of_a_case_that_is_not_known_is_only_recorded(self, town: Town) -> None:
        b = town.opens(B)
        b.say(LetGo.model_validate({"key": "k", "actor": {"id": "siti"}, "reference": A, "later": "field"}))
        assert kinds(b)[-1] == "taken_out"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"email": "a@x.id"}, {"email": "A@x.id"}, True),
        ({"email": "a@x.id", "phone": "+628123456789"}, {"email": "b@x.id", "phone": "+628123456789"}, True),
        ({"email": "a@x.id", "name": "Budi"}, {"email": "b@x.id", "name": "Budi"}, False),
        ({"name": "Budi"}, {"name": "BUDI"}, True),
        ({"name": "Budi", "email": "a@x.id"}, {"name": "Budi", "phone": "+628123456789"}, True),
        ({"name": "Budi"}, {"name": "Ani"}, False),
        ({}, {}, False),
    ],
)
def test_who_is_the_same(one: dict[str, Personal], other: dict[str, Personal], same: bool) -> None:
    assert same_complainant(Complainant(**one), Complainant(**other)) is same  # type: ignore[arg-type]
