"""A campaign of re-plans: page by page, at its pace, going on where it was interrupted; no service is needed."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from types import SimpleNamespace

import pytest

import policies
from complaints.errors import BadInput, NotFound, Refused, Unreachable
from complaints.messages import ActAnswer
from complaints.messages.commands import Actor
from database.complaints import Filters
from starter import campaigns, replanning
from starter.campaigns import Campaign, Progress
from starter.pace import Pace
from starter.replanning import Replanner

ANI = Actor(id="ani", role="lead")
RECEIVED = datetime(2026, 7, 6, 2, tzinfo=UTC)


@cache
def policy(version="2"):
    return policies.load("id.default").model_copy(update={"version": version})


class Cases:
    """Stands for `Tuntas`: cases `c0`, `c1`, … in pages; `answers` holds what is not simply done."""

    def __init__(self, count, answers=()):
        self.references = [f"c{number}" for number in range(count)]
        self.answers = dict(answers)
        self.asked = Counter()
        self.done = {}
        self.elsewhere = set()  # those that another campaign has put under another policy since
        self.pages = 0

    async def count(self, filters):
        assert (filters.open, filters.imported) == (True, False)
        return len(self.references)

    async def list(self, filters, *, sort, limit, after):
        assert (filters.open, filters.imported, sort) == (True, False, "oldest")
        self.pages += 1
        start = int(after or 0)
        rows = tuple(
            SimpleNamespace(reference=reference, received_at=RECEIVED)
            for reference in self.references[start : start + limit]
        )
        more = start + limit < len(self.references)
        return SimpleNamespace(items=rows, next=str(start + limit) if more else None)

    async def received_at(self, reference):
        if reference not in self.references:
            raise NotFound("there is no such case", field="reference", remedy="check it")
        return RECEIVED

    async def act(self, reference, command):
        await asyncio.sleep(0)
        self.asked[reference] += 1
        assert command.plan.rules.version == policy().version
        answer = self.answers.get(reference)
        if isinstance(answer, BaseException):
            raise answer
        repeated = command.key in self.done
        self.done[command.key] = reference
        return ActAnswer(reference=reference, status="investigation", sequence=7, repeated=repeated, **(answer or {}))

    async def preview_replan(self, reference, plan):
        return SimpleNamespace(refused=None, unchanged=reference not in self.elsewhere)


@pytest.fixture(autouse=True)
def pages_of_three(monkeypatch):
    monkeypatch.setattr(replanning, "PAGE", 3)


def campaign(folder, **more):
    return Campaign.of(policy(), ANI, "baru", Filters(), folder=folder, **more)


def run(cases, which, references=(), progress=None):
    progress = progress or which.resume()
    seen = []

    async def work():
        replanner = Replanner(cases, policy(), Filters(), references, per_second=10_000)
        return await replanner.run(which, progress, lambda: seen.append(1))

    failed = asyncio.run(work())
    return progress, failed, len(seen)


def test_every_case_is_asked_once_page_by_page(tmp_path):
    cases = Cases(10)
    progress, failed, seen = run(cases, campaign(tmp_path))
    assert (progress.replanned, progress.handled, failed, seen) == (10, 10, [], 10)
    assert set(cases.asked.values()) == {1}
    assert cases.pages == 4


def test_it_says_what_became_of_each(tmp_path):
    gone = Refused("`replan` is not allowed in status closed", field="act", remedy="…")
    lacks = Refused("the policy has no category billing", field="policy.categories", remedy="add it")
    cases = Cases(7, {"c1": gone, "c2": lacks, "c3": {"unchanged": True}, "c4": Unreachable("no answer", field="t")})
    progress, failed, _ = run(cases, campaign(tmp_path))
    assert (progress.replanned, progress.unchanged, progress.ended) == (3, 1, 1)
    assert [(one.reference, one.field, one.remedy) for one in progress.refused] == [
        ("c2", "policy.categories", "add it"),
    ]
    assert [one.reference for one in failed] == ["c4"]


def test_killed_it_goes_on_after_the_last_page_that_was_done(tmp_path):
    class Killed(BaseException):
        pass

    cases = Cases(10, {"c7": Killed()})
    with pytest.raises(BaseException):  # noqa: B017, PT011  whatever a task group makes of it
        run(cases, campaign(tmp_path))
    cases.answers = {}
    progress, failed, _ = run(cases, campaign(tmp_path))
    assert (progress.replanned, progress.handled, failed) == (10, 10, [])
    assert [cases.asked[f"c{n}"] for n in range(6)] == [1] * 6
    assert len(cases.done) == 10  # each under one key, however often it was asked


def test_without_its_file_everybody_is_asked_again_under_the_same_key(tmp_path):
    cases = Cases(5)
    run(cases, campaign(tmp_path / "here"))
    progress, _, _ = run(cases, campaign(tmp_path / "there"))
    assert (progress.replanned, len(cases.done), set(cases.asked.values())) == (5, 5, {2})


def test_what_another_campaign_has_changed_since_is_refused_not_counted_as_done(tmp_path):
    cases = Cases(3)
    run(cases, campaign(tmp_path / "first"))
    cases.elsewhere = {"c1"}
    progress, _, _ = run(cases, campaign(tmp_path / "anew"))
    assert progress.replanned == 2
    assert [(one.reference, one.field) for one in progress.refused] == [("c1", "campaign")]


def test_who_did_not_answer_is_asked_again_and_nobody_else(tmp_path):
    cases = Cases(8, {"c1": Unreachable("no answer", field="temporal"), "c6": {"queued": True}})
    progress, failed, _ = run(cases, campaign(tmp_path))
    assert (progress.replanned, sorted(one.reference for one in failed)) == (6, ["c1", "c6"])
    cases.answers = {}
    progress, failed, _ = run(cases, campaign(tmp_path))
    assert (progress.replanned, failed) == (8, [])
    assert [name for name, times in cases.asked.items() if times == 2] == ["c1", "c6"]


@pytest.mark.parametrize("answer", [{"queued": True}, Unreachable("no answer", field="temporal", remedy="later")])
def test_it_stops_when_one_after_the_other_does_not_answer(tmp_path, answer):
    cases = Cases(60, {f"c{n}": answer for n in range(4, 60)})
    which = campaign(tmp_path)
    with pytest.raises(Unreachable):
        run(cases, which)
    assert len(cases.asked) <= 4 + replanning.PATIENCE + replanning.CONCURRENCY
    cases.answers = {}
    progress, failed, _ = run(cases, which)
    assert (progress.replanned, progress.handled, failed) == (60, 60, [])


def test_named_cases_are_done_and_one_that_is_not_there_stops_it_before_anything_is(tmp_path):
    cases = Cases(5)
    progress, _, _ = run(cases, campaign(tmp_path, references=["c1", "c3"]), ["c1", "c3"])
    assert (progress.replanned, sorted(cases.asked)) == (2, ["c1", "c3"])
    with pytest.raises(NotFound):
        run(cases, campaign(tmp_path, references=["c2", "c9"]), ["c2", "c9"])
    assert "c2" not in cases.asked


def test_a_name_belongs_to_one_policy_and_choice_of_cases(tmp_path):
    first = campaign(tmp_path, name="holidays-2027")
    first.keep(Progress(about=first._about, replanned=3))
    assert campaign(tmp_path, name="holidays-2027").resume().replanned == 3
    other = Campaign.of(policy("3"), ANI, "baru", Filters(), name="holidays-2027", folder=tmp_path)
    with pytest.raises(BadInput) as caught:
        other.resume()
    assert caught.value.field == "--campaign"
    plan = policies.resolve(policy(), RECEIVED)
    assert first.command("c1", plan).key != other.command("c1", plan).key
    assert campaign(tmp_path).name == campaign(tmp_path).name != campaign(tmp_path, references=["c1"]).name
    for name in ("", "a b", "../x", "x" * 101):
        with pytest.raises(BadInput):
            Campaign.of(policy(), ANI, "baru", Filters(), name=name or " ", folder=tmp_path)


def test_a_file_that_cannot_be_read_or_is_forgotten_begins_anew(tmp_path):
    which = campaign(tmp_path, name="a")
    which.keep(Progress(about=which._about, replanned=3))
    which.forget()
    assert which.resume().handled == 0
    (tmp_path / "a.json").write_text("{broken")
    assert which.resume().handled == 0
    campaign(None).keep(Progress(about="x"))


def test_of_many_refusals_a_thousand_are_named(monkeypatch):
    monkeypatch.setattr(campaigns, "MOST_NAMED", 2)
    progress = Progress(about="x")
    for number in range(5):
        progress.refuse(campaigns.Trouble(reference=f"c{number}", field="f", problem="p", remedy="r"))
    assert (len(progress.refused), progress.refused_more, progress.handled) == (2, 3, 5)


def test_never_faster_than_asked_for():
    async def work():
        loop = asyncio.get_running_loop()
        pace, began, at = Pace(200), loop.time(), []

        async def one():
            await pace.wait()
            at.append(loop.time() - began)

        await asyncio.gather(*(one() for _ in range(10)))
        return at

    at = asyncio.run(work())
    assert all(moment >= index / 200 - 0.001 for index, moment in enumerate(at))


def test_an_old_case_gets_calendars_for_two_years_from_now():
    now = RECEIVED + timedelta(days=800)
    young = policies.resolve_again(policy(), RECEIVED, RECEIVED + timedelta(days=300))
    old = policies.resolve_again(policy(), RECEIVED, now)
    assert young is policies.resolve(policy(), RECEIVED)
    assert old.until > now + timedelta(days=700)
    assert old is policies.resolve_again(policy(), RECEIVED, now)
