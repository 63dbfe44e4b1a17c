"""Root causes: chains that loop are refused, weak ends pointed out, measures become actions."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints import causes
from complaints.errors import BadInput
from complaints.messages.commands import Why
from complaints.vocabulary import RootCauseMethod, Severity, Status, Weakness
from tests.unit.cases import Player, default_policy, resolved, wib

GOOD = (
    {"why": "Mengapa tagihan salah?", "answer": "Tarif lama dipakai", "evidence": "tagihan Mei"},
    {"why": "Mengapa tarif lama dipakai?", "answer": "Pembaruan tarif tidak dijalankan", "evidence": "catatan sistem"},
    {"why": "Why was the pembaruan not run?", "answer": "Nobody checks after a failed night run", "evidence": "log"},
)
ANALYSIS: dict[str, Any] = {
    "category": "process",
    "cause": "Tidak ada pemeriksaan setelah pembaruan gagal",
    "whys": GOOD,
}


def chain(*links: tuple[str, str]) -> tuple[Why, ...]:
    return tuple(Why(why=why, answer=answer) for why, answer in links)


@pytest.mark.parametrize(
    ("links", "field"),
    [
        # an answer that was given before, whatever its case and punctuation
        ((("Mengapa salah?", "Tarif lama."), ("Mengapa tarif lama?", "karena TARIF  LAMA!")), "whys.1"),
        # an answer that is what was asked first
        ((("Mengapa paket terlambat?", "Kurir kurang"), ("Mengapa kurir kurang?", "Karena paket terlambat")), "whys.1"),
        # an answer that is its own question
        ((("Why was the parcel late?", "Because the parcel was late"),), "whys.0"),
        # a why that was asked before
        ((("Kenapa rusak?", "Kemasan tipis"), ("Kenapa tipis?", "Hemat biaya"), ("KENAPA rusak", "x")), "whys.2"),
    ],
)  # fmt: skip
def test_a_chain_that_loops_is_refused_at_its_link(links: Any, field: str) -> None:
    found = causes.loop(chain(*links))
    assert found is not None
    assert (found.field, bool(found.problem), bool(found.remedy)) == (field, True, True)
    player = Player()
    whys = [{"why": why, "answer": answer} for why, answer in links]
    refused = player.act("record_root_cause", category="process", cause="x", whys=whys).refused
    assert refused.field == field
    assert player.state.root_cause is None


def test_a_why_after_something_else_is_pointed_out() -> None:
    links = chain(("Kenapa rusak?", "Kemasan tipis"), ("Kenapa tagihan keliru?", "Tarif lama"))
    assert causes.loop(links) is None
    found = causes.weak_ends(RootCauseMethod.FIVE_WHYS, "x", links)
    assert ("whys.1.why", Weakness.BROKEN_CHAIN) in [(end.field, end.weakness) for end in found]


@pytest.mark.parametrize(
    "links",
    [
        (("Mengapa paket belum dikirim?", "Pengiriman tertunda"), ("Mengapa tertunda?", "Alamat belum lengkap")),
        (("Kenapa?", "Mesin mati"), ("Kenapa?", "Listrik padam")),  # a bare why asks after whatever was said
        (("Why late?", "The courier was full"), ("Why was it full?", "Two vans were in repair")),
        (("Mengapa begitu?", "Stok habis"),),
        (),
    ],
)
def test_chains_as_people_write_them_are_taken(links: Any) -> None:
    assert causes.loop(chain(*links)) is None


_WORDS = st.text(alphabet="abcdefghijklmnop", min_size=4, max_size=9).filter(lambda word: word not in causes._EMPTY)


@given(st.lists(_WORDS, min_size=2, max_size=8, unique=True), st.data())
def test_any_repetition_in_any_chain_is_found_and_no_straight_chain_is_refused(words: list[str], data: Any) -> None:
    straight = [(f"Mengapa {one}?", other) for one, other in pairwise(words)]
    assert causes.loop(chain(*straight)) is None
    back = data.draw(st.sampled_from(words))
    found = causes.loop(chain(*straight, (f"Mengapa {words[-1]}?", f" {back.upper()}. ")))
    assert found is not None
    assert found.field == f"whys.{len(straight)}"


@given(st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=30))
def test_whatever_is_written_is_compared_without_an_error(why: str, answer: str) -> None:
    links = tuple(Why.model_construct(why=why, answer=answer, evidence=None) for _ in range(3))
    causes.loop(links)
    causes.weak_ends(RootCauseMethod.FIVE_WHYS, answer, links)


@pytest.mark.parametrize(
    "text",
    [
        "Human error",
        "kesalahan manusia",
        "Petugas LUPA.",
        "karena kurang teliti",
        "the clerk forgot",
        "Kelalaian petugas",
    ],
)
def test_the_end_at_somebody_who_erred_is_weak(text: str) -> None:
    assert causes.blames_a_person(text)
    whys = chain(("Mengapa salah?", text))
    found = causes.weak_ends(RootCauseMethod.FIVE_WHYS, "x", whys)
    assert ("whys.0.answer", Weakness.HUMAN_ERROR) in [(end.field, end.weakness) for end in found]


@pytest.mark.parametrize(
    "text", ["Tidak ada pemeriksaan kedua", "pelupaan data diatur hukum", "Formulir membingungkan"]
)
def test_other_ends_are_not(text: str) -> None:
    assert not causes.blames_a_person(text)


def test_weak_ends_are_pointed_out_and_not_refused() -> None:
    player = resolved()
    player.act(
        "record_root_cause", category="people", cause="Petugas lupa", whys=[{"why": "Mengapa?", "answer": "Lupa"}]
    )
    ends = {(end["field"], end["weakness"]) for end in player.state.root_cause["weak_ends"]}
    assert ends == {
        ("cause", "human_error"), ("whys", "short_chain"), ("whys.0.evidence", "no_evidence"),
        ("whys.0.answer", "human_error"),
    }  # fmt: skip
    assert player.last("root_cause_recorded").detail["weak_ends"] == player.state.root_cause["weak_ends"]
    player.confirm()
    assert player.state.closures[-1].root_cause["weak_ends"]


def test_a_good_chain_has_none_and_a_fishbone_wants_its_bone() -> None:
    player = Player()
    player.act("record_root_cause", **ANALYSIS)
    assert "weak_ends" not in player.state.root_cause
    fish = {"method": "fishbone", "category": "system", "cause": "Server padam", "evidence": "grafik"}
    player.act("record_root_cause", **fish)
    assert [end["weakness"] for end in player.state.root_cause["weak_ends"]] == ["no_class"]
    player.act("record_root_cause", **fish, fishbone_class="plant")
    assert "weak_ends" not in player.state.root_cause
    with pytest.raises(BadInput) as error:
        player.act("record_root_cause", **fish, fishbone_class="machine")
    assert error.value.field == "fishbone_class"


def test_evidence_may_name_a_file_of_the_case_and_no_other() -> None:
    player = Player()
    digest = "ab" * 32
    whys = [{**GOOD[0], "evidence": digest}, *GOOD[1:]]
    refused = player.act("record_root_cause", **{**ANALYSIS, "whys": whys}).refused
    assert refused.field == "whys.0.evidence"
    player.act("attach", sha256=digest, name="tagihan.pdf")
    assert player.act("record_root_cause", **{**ANALYSIS, "whys": whys}).refused is None


# measures


def test_measures_become_actions_with_owner_date_and_clock() -> None:
    player = Player()
    player.act(
        "record_root_cause", **ANALYSIS,
        corrective_actions=[{"description": "Pasang pemeriksaan", "owner": "ani", "due_at": wib(20, 12)}],
        preventive_actions=[{"description": "Terapkan di semua tarif", "owner": "team:specialist", "within": "3 days"}],
    )  # fmt: skip
    first, second = player.state.actions
    assert (first.kind, first.owner, first.due_at) == ("corrective", "agent:ani", wib(20, 12))
    assert (second.kind, second.owner) == ("preventive", "team:specialist")
    assert player.state.root_cause["actions"] == [1, 2]
    assert sum(clock.action in (1, 2) for clock in player.state.clocks) == 2


@pytest.mark.parametrize("measure", [{"description": "x"}, {"description": "x", "owner": ""}])
def test_a_measure_without_owner_is_bad_input(measure: Any) -> None:
    with pytest.raises(BadInput) as error:
        Player().act("record_root_cause", **ANALYSIS, corrective_actions=[measure])
    assert (error.value.field, bool(error.value.remedy)) == ("corrective_actions.0.owner", True)


@pytest.mark.parametrize(
    ("measure", "field"),
    [
        ({"description": "x", "owner": "team:nobody"}, "corrective_actions.1.owner"),
        ({"description": "x", "owner": "ani", "due_at": wib(1, 9)}, "corrective_actions.1.due_at"),
    ],
)
def test_a_measure_of_nobody_or_in_the_past_is_refused_and_nothing_is_added(measure: Any, field: str) -> None:
    player = Player()
    good = {"description": "y", "owner": "ani"}
    refused = player.act("record_root_cause", **ANALYSIS, corrective_actions=[good, measure]).refused
    assert refused.field == field
    assert (player.state.actions, player.state.root_cause) == ([], None)


def test_an_analysis_that_is_recorded_anew_adds_no_measure_twice() -> None:
    player = Player()
    measure = {"description": "Pasang pemeriksaan", "owner": "ani"}
    for _ in range(2):
        player.act("record_root_cause", **ANALYSIS, corrective_actions=[measure])
    assert len(player.state.actions) == 1
    player.act("record_root_cause", **ANALYSIS)
    assert player.state.root_cause["actions"] == [1]


def test_a_measure_counts_as_the_corrective_action_that_the_policy_demands() -> None:
    base = default_policy()
    closure = base.closure.model_copy(
        update={"corrective_action_from": Severity.MINOR, "root_cause_from": Severity.MINOR}
    )
    player = resolved(policy=base.model_copy(update={"closure": closure})).until(wib(6, 11))
    player.confirm()
    assert player.case.missing_parts() == ("root_cause", "corrective_action")
    player.act("record_root_cause", **ANALYSIS)
    assert player.case.missing_parts() == ("corrective_action",)
    player.act("add_action", description="Pasang pemeriksaan", kind="corrective", owner="ani")
    assert player.status is Status.CLOSED
    assert player.case.reasons(player.now)  # how it came to be closed can still be told


def test_measures_are_tracked_past_closing_and_judged_with_the_analysis() -> None:
    player = resolved()
    player.act(
        "record_root_cause", **ANALYSIS,
        corrective_actions=[{"description": "satu", "owner": "ani"}, {"description": "dua", "owner": "rina"}],
    )  # fmt: skip
    player.until(wib(6, 11)).confirm()
    for number in (1, 2):
        player.act("complete_action", action=number)
    assert player.status is Status.CLOSED
    player.act("complete_action", action=3, effective=True)
    assert player.state.root_cause["effective"] is None  # the other one is not judged yet
    player.act("complete_action", action=4, effective=False, note="terulang dua kali")
    assert player.state.root_cause["effective"] is False
    assert player.last("root_cause_recorded").detail["judged"] == 2
    player.until(wib(22, 12))
    assert player.status is Status.ARCHIVED


# remedies


def test_a_remedy_above_its_limit_is_refused_and_approval_still_applies_below() -> None:
    base = default_policy()
    billing = base.categories["billing"]
    limited = tuple(
        one.model_copy(update={"limit": 3_000_000}) if one.name == "refund" else one for one in billing.solutions
    )
    categories = {**base.categories, "billing": billing.model_copy(update={"solutions": limited})}
    player = Player(policy=base.model_copy(update={"categories": categories}))
    remedies = [{"solution": "correction", "cost": 9}, {"solution": "refund", "cost": 3_000_001}]
    for role in ("agent", "lead"):
        refused = player.act("decide", outcome="upheld", reasons="x", remedies=remedies, role=role).refused
        assert (refused.field, "3000000" in refused.problem) == ("remedies.1.cost", True)
    player.decide(remedies=[{"solution": "refund", "cost": 3_000_000}])
    assert player.state.proposal is not None  # from 2,000,000 a lead approves
