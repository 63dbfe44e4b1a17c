"""`tuntas whatif`: from a CSV file, from the database and invented; what it prints, writes and refuses."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from commands.main import run
from database import complaints, past
from database.pool import transaction
from simulation.whatif.past import PastComplaint, SetAside
from simulation.whatif.reading import of_the_database
from simulation.whatif.running import run as play
from tests.fixtures.records import NOW, a_standing, an_intake
from tests.fixtures.waiting import until
from tests.unit.whatifs import plain, task, varied

ROOT = Path(__file__).parents[2]
CSV = """no,opened,closed,kind,how
1,2026-06-01,2026-06-03,Noise,Web
2,2026-06-02,2026-06-25,Noise,Phone
3,2026-06-03,,Parks,Web
4,2026-06-04,2026-06-04,Parks,Web
5,2026-06-05,2026-05-05,Parks,Web
6,yesterday,2026-06-07,Parks,Web
7,2026-06-08,2026-06-09,Parks,Pigeon
8,,2026-06-09,Parks,Web
9,2026-06-08
"""
MAPPED = [
    "--map", "id=no", "--map", "received_at=opened", "--map", "closed_at=closed", "--map", "category=kind",
    "--map", "channel=how", "--value", "channel:Web=form", "--value", "channel:Phone=phone",
]  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "past.csv"
    path.write_text(CSV, encoding="utf-8")
    return path


def asked(capsys: pytest.CaptureFixture[str], *options: str, code: int = 0) -> tuple[str, str]:
    assert run(["whatif", "--processes", "1", *options]) == code
    captured = capsys.readouterr()
    return captured.out, captured.err


def test_a_csv_under_two_policies(file, tmp_path, capsys):
    stricter = tmp_path / "five.yaml"
    stricter.write_text(
        "extends: id.default\npack: strict\n"
        "clocks: {resolution: {targets: [{target: 1 working day, calendar: office}]}}\n"
    )
    page = tmp_path / "report.html"
    out, _ = asked(
        capsys, "--csv", str(file), *MAPPED, "--policy", "id.default", "--policy", str(stricter), "--json", "--html",
        str(page), "--language", "id",
    )  # fmt: skip
    found = json.loads(out)
    assert (found["source"]["complaints"], found["source"]["still_open"]) == (4, 1)
    assert (found["source"]["first"], found["source"]["last"]) == ("2026-06-01", "2026-06-25")
    assert found["source"]["until"] == "2026-06-25T17:00:00Z"  # the end of the last date, in Jakarta
    assert found["model"]["fitted"]["dates_only"] == ["decided_at", "received_at"]
    breached = [
        next(clock["breached"] for clock in policy["clocks"] if clock["metric"] == "resolution")
        for policy in found["policies"]
    ]
    assert breached == [2, 3]
    assert found["policies"][0]["category_mapped"] == 4
    assert found["run"]["plays"] == 8
    assert '<html lang="id">' in page.read_text()


def test_what_cannot_be_played_is_set_aside_with_its_place_and_counted(file, capsys):
    found = json.loads(asked(capsys, "--csv", str(file), *MAPPED, "--json")[0])["set_aside"]
    assert found["count"] == 5 == sum(found["by_problem"].values())
    places = {(row["line"], row["column"]): (row["problem"], row["remedy"]) for row in found["rows"]}
    assert set(places) == {(6, "closed"), (7, "opened"), (8, "how"), (9, "opened"), (10, "row")}
    assert places[6, "closed"][0] == "closed_at is before received_at"
    assert all(remedy for _, remedy in places.values())
    shown = asked(capsys, "--csv", str(file), *MAPPED, "--language", "en")[0]
    assert "5 rows were not played" in shown
    assert "correct one of the two dates" in shown


def test_strict_refuses_the_first_of_them(file, capsys):
    _, said = asked(capsys, "--csv", str(file), *MAPPED, "--strict", "--json", code=2)
    error = json.loads(said)
    assert error["field"] == "line 6: closed"
    assert error["problem"] == "closed_at is before received_at"
    assert error["remedy"]


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ([], "--csv"),
        (["--synthetic", "5", "--database"], "--csv"),
        (["--csv", "FILE"], "received_at"),
        (["--csv", "FILE", "--map", "received_at=nowhere"], "--map received_at"),
        (["--csv", "FILE", "--map", "colour=kind"], "--map colour"),
        (["--csv", "FILE", "--map", "text=kind"], "--map text"),
        (["--csv", "FILE", "--map", "received_at=opened", "--delimiter", ";;"], "--delimiter"),
        (["--synthetic", "5", "--policy", "no.such"], "policy"),
        (["--synthetic", "5", "--category-default", "noise"], "--category-default"),
        (["--synthetic", "5", "--hours", "night"], "--hours"),
        (["--synthetic", "5", "--assume", "answer_share=2"], "--assume answer_share"),
        (["--synthetic", "5", "--assume", "weather=2"], "--assume weather"),
        (["--synthetic", "5", "--until", "never"], "--until"),
        (["--synthetic", "5", "--timezone", "Mars/Olympus"], "--timezone"),
        (["--synthetic", "5", "--html", "/nowhere/report.html"], "--html"),
    ],
)
def test_what_cannot_be_asked_names_the_option_and_the_remedy(file, capsys, options, field):
    given = [str(file) if option == "FILE" else option for option in options]
    code = run(["whatif", "--processes", "1", *given, "--json"])
    error = json.loads(capsys.readouterr().err)
    assert (error["field"], code) == (field, 3 if field == "policy" else 2)
    assert error["remedy"]


def test_a_file_of_which_nothing_can_be_played(tmp_path, capsys):
    path = tmp_path / "past.csv"
    path.write_text("opened,closed\n2026-06-02,2026-06-01\n")
    maps = ["--map", "received_at=opened", "--map", "closed_at=closed"]
    _, said = asked(capsys, "--csv", str(path), *maps, "--json", code=2)
    assert json.loads(said)["problem"] == "no complaint can be played"


def test_invented_complaints_and_the_spread_over_seeds(capsys):
    out, _ = asked(capsys, "--synthetic", "40", "--policy", "id.default", "--policy", "id.default", "--seeds", "3",
                   "--assume", "dispute_share=0.5", "--hours", "always", "--json")  # fmt: skip
    found = json.loads(out)
    assert found["model"]["seeds"] == [1, 2, 3]
    assert found["model"]["assumptions"]["dispute_share"] == 0.5
    assert found["model"]["working_hours"] is None
    assert found["source"]["arrivals"]["days"] == 365
    for row in found["differences"][0]["figures"]:  # a policy and itself: the same people, no difference
        assert (row["difference"], row["least"], row["most"], row["deviation"]) == (0, 0, 0, 0), row


def test_the_number_of_processes_does_not_matter():
    made, spool = task(varied(30))
    with spool:
        (chunk,) = spool.chunks()
        parts = [chunk[:7], chunk[7:20], chunk[20:]]
        alone = play(made, iter([chunk]), 1, lambda _: None)
        told: list[int] = []
        together = play(made, iter(parts), 2, told.append)
    assert plain(alone) == plain(together)
    assert sum(told) == 30


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_what_if_leaves_no_process_behind(how):
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in the background of a shell
    command = [sys.executable, "-m", "commands.main", "whatif", "--synthetic", "20000", "--processes", "2", "--json"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        children = until(lambda: found if len(found := _children(process.pid)) >= 2 else None)
        os.kill(process.pid, how)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert (out, err) == ("", "")
    for child in children:
        assert until(lambda child=child: not Path(f"/proc/{child}").exists())


def _children(pid: int) -> list[int]:
    found = [task / "children" for task in Path(f"/proc/{pid}/task").glob("*")]
    return [int(child) for listed in found if listed.exists() for child in listed.read_text().split()]


@pytest.mark.services
async def test_complaints_of_the_database_in_order_of_receipt(pool, monkeypatch):
    monkeypatch.setattr(past, "_PAGE", 3)
    async with transaction(pool) as conn:
        for number in range(7):
            reference = f"TTS-000000000000{number}"
            standing = a_standing().model_copy(update={"reference": reference, "decided_at": None, "closed_at": NOW})
            intake = an_intake().model_copy(update={"key": f"k-{number}"})
            assert await complaints.add_history(conn, standing, intake)
    async with transaction(pool) as conn:
        rows = [row async for row in past.fetch_all(conn)]
    assert [row.reference[-1] for row in rows] == list("0123456")
    assert all(isinstance(of_the_database(row), PastComplaint) and row.decided_at == NOW for row in rows)
    early = rows[0].model_copy(update={"decided_at": rows[0].received_at.replace(year=2000)})
    aside = of_the_database(early)
    assert isinstance(aside, SetAside)
    assert aside.column == early.reference
