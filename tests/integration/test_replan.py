"""`tuntas replan` on the local stack: looked at, refused, stopped in the middle, gone on with; nothing done twice."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

import policies
from commands.stack import erase
from tests.fixtures.waiting import until
from tests.integration.test_commands import ROOT, environment, run

pytestmark = pytest.mark.services

COUNT = 24
POLICY = "acme"
REASON = "Aturan baru mulai 1 Januari"


@pytest.fixture(scope="module")
def home():
    with tempfile.TemporaryDirectory(prefix="tuntas-tests-") as directory:
        place = Path(directory) / "home"
        done = run(place, "up", "--detach", "--json")
        assert done.returncode == 0, done.stderr
        try:
            yield place
        finally:
            assert run(place, "down").returncode == 0
            erase(place)


@pytest.fixture(scope="module")
def acme(home):
    """A policy file with another target for decisions, and without the category `privacy`."""
    raw = policies.load("id.default").model_dump(mode="json")
    del raw["categories"]["privacy"]
    raw["clocks"]["resolution"]["targets"] = [{"target": "5 working days", "calendar": "office"}]
    file = home.parent / "acme.json"
    file.write_text(json.dumps(raw | {"pack": POLICY, "version": "2"}), encoding="utf-8")
    return str(file)


@pytest.fixture(scope="module")
def filed(home):
    """As many billing cases, one that the new policy has no category for, and one that is closed."""
    rows = [f"b{number},billing" for number in range(COUNT)] + ["p1,privacy", "w1,billing"]
    file = home.parent / "complaints.csv"
    file.write_text("\n".join(["id,kind", *rows]) + "\n", encoding="utf-8")
    options = ["--map", "key=id", "--map", "category=kind", "--set", "channel=form", "--set", "text=Tagihan keliru",
               "--set", "email=budi@example.co.id"]  # fmt: skip
    done = run(home, "import", str(file), *options, "--json")
    assert done.returncode == 0, done.stderr
    rows = until(lambda: sql(home, "SELECT reference, intake_key FROM complaints"), lambda r: len(r) == COUNT + 2)
    by_key = {key: reference for reference, key in rows}
    assert run(home, "withdraw", by_key["w1"], "--key", "w").returncode == 0
    until(lambda: sql(home, "SELECT reference FROM complaints WHERE NOT is_open"), bool)
    return by_key


def sql(home, query):
    url = json.loads((home / "stack.json").read_text())["database_url"]
    with psycopg.connect(url) as conn:
        return conn.execute(query).fetchall()


def replanned(home):
    return dict(sql(home, "SELECT reference, count(*) FROM timeline WHERE kind = 'replanned' GROUP BY reference"))


def replan(home, acme, *options):
    return run(home, "replan", "--policy", acme, *options)


def test_a_preview_says_what_would_change_and_changes_nothing(home, acme, filed):
    done = replan(home, acme, "--preview", "--json")
    assert done.returncode == 6, done.stderr
    said = json.loads(done.stdout)
    assert (said["policy"], said["summary"]["cases"], said["summary"]["moved"]) == ("acme@2", COUNT + 1, COUNT)
    assert (said["summary"]["refused"], said["summary"]["told"], said["failed"]) == (1, COUNT, [])
    refused = next(case for case in said["cases"] if case["refused"])
    assert (refused["reference"], refused["refused"]["field"]) == (filed["p1"], "policy.categories")
    assert "privacy" in refused["refused"]["problem"]
    case = next(case for case in said["cases"] if case["reference"] == filed["b0"])
    (row,) = [clock for clock in case["clocks"] if clock["metric"] == "resolution"]
    assert row["due_after"] < row["due_before"]
    assert filed["w1"] not in [case["reference"] for case in said["cases"]]
    shown = replan(home, acme, "--preview", filed["b1"]).stdout
    assert "7 working days → 5 working days" in shown
    assert replanned(home) == {}


def test_it_asks_and_wants_a_reason(home, acme, filed):
    for options, field in (
        ((), "--reason"), (("--reason", REASON), "--yes"), (("--preview", "--until", "tomorrow"), "--until"),
        ((filed["b1"], "--team", "x", "--reason", "x"), "references"),
    ):  # fmt: skip
        done = replan(home, acme, *options, "--json")
        assert (done.returncode, json.loads(done.stderr)["field"]) == (2, field)
    assert replan(home, "no.such.pack", "--preview").returncode == 3
    assert replanned(home) == {}


def test_killed_in_the_middle_it_goes_on_and_no_case_is_replanned_twice(home, acme, filed):
    command = [
        sys.executable,
        "-m",
        "commands.main",
        "replan",
        "--policy",
        acme,
        "--reason",
        REASON,
        "--yes",
        "--as",
        "ani",
    ]
    with subprocess.Popen(
        [*command, "--per-second", "6"], cwd=ROOT, env=environment(home), stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as begun:  # fmt: skip
        until(lambda: len(replanned(home)), lambda number: number >= 5)
        begun.kill()
    assert 5 <= len(replanned(home)) < COUNT
    done = replan(home, acme, "--reason", REASON, "--yes", "--as", "ani", "--json")
    assert done.returncode == 6, done.stderr
    said = json.loads(done.stdout)
    assert (said["policy"], said["cases"], said["replanned"], said["unchanged"]) == ("acme@2", COUNT + 1, COUNT, 0)
    assert [(one["reference"], one["field"]) for one in said["refused"]] == [(filed["p1"], "policy.categories")]
    assert said["failed"] == []
    found = until(lambda: replanned(home), lambda rows: len(rows) == COUNT)
    assert set(found.values()) == {1}
    assert {filed["p1"], filed["w1"]}.isdisjoint(found)
    packs = until(
        lambda: dict(sql(home, "SELECT pack, count(*) FROM complaints GROUP BY pack")), lambda p: p.get(POLICY)
    )
    assert packs == {POLICY: COUNT, "id.default": 2}
    (detail, actor), *_ = sql(home, "SELECT detail, actor_id FROM timeline WHERE kind = 'replanned'")
    assert (detail["reason"], detail["from"], detail["to"], actor) == (REASON, "id.default@1", "acme@2", "ani")


def test_done_again_it_changes_nothing(home, acme, filed):
    again = replan(home, acme, "--reason", "lain", "--yes", "--category", "billing", "--json")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["unchanged"] == COUNT
    assert set(replanned(home).values()) == {1}
    closed = replan(home, acme, filed["w1"], "--reason", "lain", "--yes", "--json")
    assert (closed.returncode, json.loads(closed.stdout)["ended"]) == (0, 1)
    one = {"act": "re-plan", "policy": "id.default", "reason": "Kembali", "actor": {"id": "ani", "role": "lead"}}
    acted = run(home, "act", filed["b0"], "--from", "-", "--json", given=json.dumps(one))
    assert acted.returncode == 0, acted.stderr
    assert until(lambda: replanned(home)[filed["b0"]], lambda times: times == 2)


def test_without_a_worker_it_is_an_unreachable_service(home, acme, filed):
    parts = json.loads((home / "stack.json").read_text())["processes"]
    worker = next(pid for name, pid in parts.items() if name.startswith("worker"))
    os.kill(worker, signal.SIGSTOP)
    try:
        began = time.monotonic()
        done = replan(home, acme, "--preview", "--json")
        assert (done.returncode, done.stdout) == (5, ""), done.stderr
        assert json.loads(done.stderr)["remedy"]
        assert time.monotonic() - began < 180
    finally:
        os.kill(worker, signal.SIGCONT)
