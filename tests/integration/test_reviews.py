"""Evaluation in PostgreSQL: what waits for a reviewer, what somebody's handling was scored, means by agent and team."""

from datetime import timedelta

import pytest

from complaints.evaluation import Handling, Scores, derive
from complaints.vocabulary import Kind, ReviewCause
from database import closures, complaints, reconciling, reviews, timeline
from database.pool import transaction
from database.report import report
from database.reviews import QUERIES, Wanted
from tests.fixtures.records import NOW, a_batch, a_closure, entries

pytestmark = pytest.mark.services


def scores(handler="siti", team="frontline", rating=5) -> Scores:
    return derive(Handling(decided=True, satisfied=True, rating=rating), handler=handler, team=team)


async def close(conn, reference, *, wanted=("sample",), hours=0, number=1, after=(), **more):
    """A closing, drawn for these causes, and what happened after it."""
    kinds = [Kind.CLOSURE_RECORDED, *([Kind.REVIEW_WANTED] if wanted else []), *after]
    found = scores(**more)
    details = {
        Kind.REVIEW_WANTED: {"number": number, "causes": wanted, "handler": found.handler, "team": found.team},
        Kind.EVALUATION_RECORDED: {"number": number, "speed": 2, "solution": 4, "coaching": "Balas lebih dahulu."},
        Kind.EVALUATION_ANSWERED: {"number": number, "evaluation": len(kinds) - 1, "reviewer": "rina"},
    }
    chain = entries(*kinds, reference=reference, details=details)
    closed_at = NOW + timedelta(hours=hours)
    await complaints.upsert(conn, a_batch(len(chain), reference=reference))
    await timeline.append(conn, reference, chain)
    await timeline.append(conn, reference, chain)  # everything twice is the same as once
    record = a_closure(reference=reference, number=number, scores=found, closed_at=closed_at)
    await closures.add(conn, record)
    await closures.add(conn, record)


async def test_the_queue_is_paged_without_gap_and_narrowed(pool):
    async with transaction(pool) as conn:
        for number in range(5):
            causes = ("critical", "breached") if number % 2 else ("sample",)
            team = "frontline" if number < 4 else "specialist"
            await close(conn, f"TTS-{number}", wanted=causes, team=team)
        await close(conn, "TTS-9", wanted=())
        seen, after = [], None
        while True:
            page = await reviews.fetch(conn, Wanted(), after=after, limit=2)
            seen += [one.reference for one in page.items]
            if (after := page.next) is None:
                break
        assert seen == [f"TTS-{number}" for number in range(5)]

        async def narrowed(**wanted):
            return [one.reference for one in (await reviews.fetch(conn, Wanted(**wanted))).items]

        assert await narrowed(cause=ReviewCause.BREACHED) == ["TTS-1", "TTS-3"]
        assert await narrowed(teams=("specialist",)) == ["TTS-4"]
        assert await narrowed(teams=()) == []
        assert await narrowed(handler="ani") == []
        one = await reviews.one(conn, "TTS-9", 1)
        assert one is not None
        assert (one.causes, one.solution) == ((), 5)


async def test_what_was_reviewed_leaves_the_queue_and_the_answer_stands_with_it(pool):
    async with transaction(pool) as conn:
        await close(conn, "TTS-1", after=(Kind.EVALUATION_RECORDED, Kind.EVALUATION_ANSWERED))
        await close(conn, "TTS-2")
        assert [one.reference for one in (await reviews.fetch(conn, Wanted())).items] == ["TTS-2"]
        (done,) = (await reviews.fetch(conn, Wanted(done=True))).items
        judged = (await reviews.judged(conn, ["TTS-1", "TTS-2"]))["TTS-1", 1]
        found = await reviews.derivations(conn, ["TTS-1"])
    assert (done.reference, done.done) == ("TTS-1", judged.sequence)
    assert (judged.speed, judged.communication, judged.coaching) == (2, None, "Balas lebih dahulu.")
    assert judged.answer == "words 3"
    assert found["TTS-1", 1] == scores()


async def test_a_handler_finds_their_own_closings_only(pool):
    async with transaction(pool) as conn:
        for number in range(3):
            await close(conn, f"TTS-{number}", hours=number)
        await close(conn, "TTS-9", handler="ani")
        first = await reviews.of_handler(conn, "siti", limit=2)
        rest = await reviews.of_handler(conn, "siti", limit=2, after=first.next)
    assert [one.reference for one in (*first.items, *rest.items)] == ["TTS-2", "TTS-1", "TTS-0"]


async def test_the_report_has_means_by_agent_and_team_with_counts_and_marks_few(pool):
    async with transaction(pool) as conn:
        for number in range(5):
            await close(conn, f"TTS-{number}", rating=5 if number else 3)
        await close(conn, "TTS-8", handler="ani", rating=1, after=(Kind.EVALUATION_RECORDED,))
        found = await report(conn, NOW)
        none = await report(conn, NOW, received_from=NOW + timedelta(days=1))
    siti, ani = found.evaluated_agents
    assert (siti.value, siti.closings, siti.few, siti.solution, siti.solution_number) == ("siti", 5, False, 4.8, 5)
    assert (siti.speed, siti.speed_number, siti.reviewed) == (None, 0, 0)
    assert (ani.value, ani.few, ani.solution, ani.reviewed, ani.reviewed_speed) == ("ani", True, 3.0, 1, 2.0)
    (team,) = found.evaluated_teams
    assert (team.value, team.closings) == ("frontline", 6)
    assert none.evaluated_agents == none.evaluated_teams == ()


async def test_what_is_set_aside_after_a_restore_waits_again(pool):
    async with transaction(pool) as conn:
        await close(conn, "TTS-1", after=(Kind.EVALUATION_RECORDED, Kind.EVALUATION_ANSWERED))
        await reconciling.set_aside(conn, "TTS-1", 2, NOW)
        (waiting,) = (await reviews.fetch(conn, Wanted())).items
        assert waiting.reference == "TTS-1"
        assert await reviews.judged(conn, ["TTS-1"]) == {}
        await reconciling.set_aside(conn, "TTS-1", 1, NOW)
        assert (await reviews.fetch(conn, Wanted())).items == ()


MANY = """
INSERT INTO reviews (reference, number, sequence, wanted_at, causes, handler, team, severity, done, done_at)
SELECT 'TTS-' || n, 1, 9, now() - n * interval '1 minute', '{sample}', 'a' || n %% 50,
    CASE n %% 3 WHEN 0 THEN 'frontline' ELSE 'management' END, 'minor',
    CASE WHEN n %% 10 > 0 THEN 10 END, CASE WHEN n %% 10 > 0 THEN now() END
FROM generate_series(1, %(rows)s) AS n
"""
SCORES = """
INSERT INTO case_scores (reference, number, closed_at, handler, team, speed, solution, communication)
SELECT 'TTS-' || n, 1, now() - n * interval '1 minute', 'a' || n %% 50, 'frontline', 5, 5, 5
FROM generate_series(1, %(rows)s) AS n
"""


async def test_no_page_reads_everything(pool):
    async with transaction(pool) as conn:
        for query in (MANY, SCORES):
            await conn.execute(query.encode(), {"rows": 20_000})
    async with pool.connection() as conn:
        await conn.set_autocommit(True)
        await conn.execute(b"ANALYZE reviews, case_scores")
        await conn.set_autocommit(False)
    nobody = {"at": None, "reference": None, "number": None, "limit": 41}
    async with transaction(pool) as conn:
        for teams in (None, ["frontline"]):
            for query in ("waiting", "reviewed"):
                params = Wanted().model_dump(exclude={"done"}) | {"teams": teams} | nobody
                await unread(conn, query, params)
        await unread(conn, "mine", {"handler": "a7"} | nobody)


async def unread(conn, query, params):
    found = await conn.execute(f"EXPLAIN {QUERIES[query]}".encode(), params, prepare=False)
    plan = "\n".join(row[0] for row in await found.fetchall())
    assert "Seq Scan on reviews" not in plan, plan
    assert "Seq Scan on case_scores" not in plan, plan
