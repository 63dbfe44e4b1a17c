"""Frozen holidays: what the library says, how files are rewritten, and that nothing by hand is lost."""

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from commands import main, output
from complaints.errors import BadInput, BadPolicy
from complaints.vocabulary import Language
from policies import inspect, load, packs, resolve
from policies.calendar_files import read, write
from policies.freezing import Wanted, freeze
from policies.places import PACKS
from policies.refreshing import What, files_of, plan

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
TODAY = NOW.date()
OFFICE = PACKS / "id.default" / "calendars" / "office.yaml"
ID = {"country": "ID", "categories": ("public", "government")}
EN = (Language.EN,)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(output, "now", lambda: NOW)
    monkeypatch.setattr("policies.packs", lambda: ["id.default"])  # a refresh looks who counts in a calendar


@pytest.fixture
def shop(tmp_path) -> Path:
    """A pack with a copy of the office's calendar."""
    (tmp_path / "shop" / "calendars").mkdir(parents=True)
    (tmp_path / "shop" / "policy.yaml").write_text("extends: id.default\n")
    shutil.copy(OFFICE, tmp_path / "shop" / "calendars" / "office.yaml")
    return tmp_path / "shop"


@pytest.fixture
def office(shop) -> Path:
    return shop / "calendars" / "office.yaml"


def edit(file: Path, *changes: tuple[str, str]) -> None:
    text = file.read_text()
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file.write_text(text)


def line(file: Path, day: str) -> str:
    return next(row for row in file.read_text().splitlines(keepends=True) if f"date: {day}" in row)


def refreshed(capsys, *arguments) -> tuple[int, dict]:
    code = main.run(["policy", "calendar", "refresh", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def changes(found: dict) -> list[tuple[str, str]]:
    return [(change["date"], change["what"]) for calendar in found["calendars"] for change in calendar["changes"]]


class TestTheLibrary:
    def test_indonesia_to_2028(self):
        found = freeze(Wanted(**ID, years=(2025, 2028)))
        assert found.decreed == 2027, "2028 has no joint holidays yet"
        closed = {day.date: day for day in found.dates}
        assert closed[date(2027, 3, 10)].provisional, "the library calls it an estimate"
        assert closed[date(2028, 4, 14)].provisional, "moves, and nothing of 2028 is decreed"
        assert not closed[date(2028, 12, 25)].provisional
        assert sum(day.year == 2026 for day in closed) == 25

    def test_without_joint_leave_the_decree_counts_all_the_same(self):
        found = freeze(Wanted(country="ID", categories=("public",), years=(2027, 2028)))
        assert found.decreed == 2027
        assert date(2027, 3, 9) not in {day.date for day in found.dates}

    def test_holidays_by_statute_are_known_for_all_years(self):
        found = freeze(Wanted(country="GB", subdivision="ENG", languages=EN, years=(2026, 2040)))
        assert found.decreed == 2040
        assert not any(day.provisional for day in found.dates)
        assert all(set(day.name) == {"en"} for day in found.dates)
        everywhere = freeze(Wanted(country="GB", languages=EN, years=(2026, 2040)))
        assert len(everywhere.dates) < len(found.dates), "Easter Monday is England's"

    @pytest.mark.parametrize(
        ("wanted", "field", "remedy"),
        [
            ({"country": "XX"}, "country", "ID"),
            ({"country": "GB", "subdivision": "YORKS"}, "subdivision", "ENG"),
            ({"country": "AQ", "subdivision": "X"}, "subdivision", "leave it out"),
            ({"country": "GB", "categories": ("government",)}, "categories", "public"),
            ({"country": "GB", "years": (2028, 2026)}, "years", "first"),
            ({"country": "GB", "years": (2026, 99_999)}, "years", "2100"),
        ],
    )
    def test_what_it_does_not_know(self, wanted, field, remedy):
        with pytest.raises(BadInput) as caught:
            freeze(Wanted(**{"years": (2026, 2027), **wanted}))
        assert (caught.value.field, remedy in caught.value.remedy) == (field, True)

    def test_the_calendars_of_the_house_are_up_to_date(self):
        files = [file for name in packs() for file in (PACKS / name / "calendars").glob("*.yaml")]
        frozen = [file for file in files if read(file).frozen is not None]
        assert OFFICE in frozen
        for file in frozen:
            assert not plan(file, TODAY).changed, f"{file}: run `tuntas policy calendar refresh`, review the change"


class TestRefreshing:
    def test_says_and_does_each_kind_of_change(self, shop, office, capsys):
        before = read(office)
        gone = line(office, "2026-08-17")
        edit(
            office,
            (gone, "    - {date: 2027-07-07, name: {id: Hari Lama, en: Old Day}}\n"),
            ("{date: 2026-05-01, name: {id: Hari Buruh Internasional,", "{date: 2026-05-01, name: {id: Hari Buruh,"),
            ("date: 2026-12-25, name: {", "date: 2026-12-25, provisional: true, name: {"),
            ("2027-03-10, name: {id: Hari Raya Idul Fitri, en: Eid al-Fitr}, provisional: true",
             "2027-03-10, name: {id: Hari Raya Idul Fitri, en: Eid al-Fitr}"),
        )  # fmt: skip
        spoilt = office.read_bytes()
        code, found = refreshed(capsys, str(shop), "--check")
        assert (code, office.read_bytes()) == (6, spoilt)
        assert changes(found) == [
            ("2026-05-01", What.RENAMED),
            ("2026-08-17", What.ADDED),
            ("2026-12-25", What.DECREED),
            ("2027-03-10", What.PROVISIONAL),
            ("2027-07-07", What.REMOVED),
        ]
        added = found["calendars"][0]["changes"][1]
        assert (added["before"], added["after"]["en"]) == (None, "Independence Day")
        assert refreshed(capsys, str(shop)) == (0, found), "what --check said is what is done"
        assert read(office) == before
        assert refreshed(capsys, str(shop), "--check")[0] == 0

    def test_words_for_people(self, shop, office, capsys):
        edit(office, (line(office, "2026-08-17"), ""))
        assert main.run(["policy", "calendar", "refresh", str(shop), "--check"]) == 6
        said = capsys.readouterr().out
        assert "would be refreshed; holidays of ID, 2014 to 2028, decreed to 2027; 1 added" in said
        assert [word for word in ("2026-08-17", "added", "Independence Day") if word not in said] == []
        main.run(["policy", "calendar", "refresh", str(shop)])
        assert ": refreshed;" in capsys.readouterr().out
        main.run(["policy", "calendar", "refresh", str(shop)])
        assert ": up to date;" in capsys.readouterr().out

    def test_twice_is_once(self, office):
        plan(office, date(2027, 6, 1)).write()
        written = office.read_bytes()
        assert read(office).frozen.years == (2014, 2029)
        again = plan(office, date(2027, 6, 1))
        again.write()
        assert (again.changed, again.changes, office.read_bytes()) == (False, (), written)

    def test_two_full_years_ahead_unless_told(self, office):
        assert plan(office, date(2028, 1, 1)).years == (2014, 2030)
        assert plan(office, TODAY, last=2032).years == (2014, 2032)
        assert plan(office, TODAY, first=2020).years == (2020, 2028)
        kept = plan(office, date(2020, 1, 1))
        assert (kept.years, kept.changed) == ((2014, 2028), False), "a clock that is wrong takes nothing away"

    def test_a_newer_library_that_says_the_same_changes_nothing(self, office):
        edit(office, ("version: holidays-0.109-2014-2028", "version: holidays-0.1-2014-2028"))
        assert not plan(office, TODAY).changed

    def test_running_cases_keep_their_calendar(self, shop, office):
        edit(office, (line(office, "2026-12-25"), ""))
        pinned = resolve(load(shop), NOW)
        whole = pinned.model_dump_json()
        plan(office, TODAY).write()
        assert pinned.model_dump_json() == whole
        assert "2026-12-25" not in pinned.calendars["office"].closed
        assert "2026-12-25" in resolve(load(shop), NOW).calendars["office"].closed


HAND = """\
special: # by hand
  2026-12-24: [["08:00", "12:00"]]   # half a day
closed:
  # ours, every year
  - {date: 2026-12-31, name: {id: Stok opname, en: Stock-taking}}
  - date: 2026-08-17 # ours too
    name: {id: Upacara dan libur, en: Our own festival}
holidays: #"""


class TestByHand:
    @pytest.fixture(autouse=True)
    def by_hand(self, office):
        edit(office, ("holidays: #", HAND))

    def test_nothing_is_lost(self, shop, office):
        edit(office, (line(office, "2026-05-01"), ""))
        head = office.read_text().partition("\nholidays:")[0]
        found = plan(office, TODAY)
        assert [day.date for day in found.by_hand] == [date(2026, 12, 31), date(2026, 8, 17)]
        found.write()
        assert office.read_text().partition("\nholidays:")[0] == head
        assert not plan(office, TODAY).changed
        calendar = load(shop).calendars["office"]
        closed = {day.date: day.name["en"] for day in calendar.closed_dates}
        assert closed[date(2026, 12, 31)] == "Stock-taking"
        assert closed[date(2026, 8, 17)] == "Our own festival", "what is given by hand counts"
        assert date(2026, 5, 1) in closed
        assert calendar.special[date(2026, 12, 24)] == (("08:00", "12:00"),)

    def test_a_pack_adds_closures_to_the_holidays_beneath_it(self, shop, office):
        office.write_text("version: ours\nclosed:\n  - {date: 2026-12-31, name: {id: Tutup, en: Closed}}\n")
        closed = {day.date for day in load(shop).calendars["office"].closed_dates}
        assert {date(2026, 12, 31), date(2026, 12, 25), date(2026, 8, 17)} <= closed

    def test_one_date_twice_is_told_where_it_stands(self, shop, office):
        edit(office, ("  # ours, every year\n", "  - {date: 2026-12-31, name: {id: a, en: b}}\n"))
        assert [problem.field for problem in inspect(shop)[1]] == ["calendars.office.closed.1"]
        edit(office, (line(office, "2026-05-01"), line(office, "2026-05-01") * 2))
        assert "calendars.office.holidays.dates" in inspect(shop)[1][1].field

    def test_holidays_that_are_not_last_are_refused(self, office):
        office.write_text(office.read_text() + "timezone2: x\n")
        edit(office, (line(office, "2026-05-01"), ""))
        spoilt = office.read_bytes()
        with pytest.raises(BadPolicy, match="last key"):
            plan(office, TODAY).write()
        assert office.read_bytes() == spoilt

    def test_a_write_that_fails_leaves_file_and_folder_as_they_were(self, office, monkeypatch):
        edit(office, (line(office, "2026-05-01"), ""))
        spoilt = office.read_bytes()

        def full(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "replace", full)
        with pytest.raises(BadInput, match="No space left"):
            plan(office, TODAY).write()
        assert (office.read_bytes(), [file.name for file in office.parent.iterdir()]) == (spoilt, ["office.yaml"])

    def test_a_rewrite_that_would_lose_something_is_refused(self, office, monkeypatch):
        from policies import calendar_files

        spoilt = office.read_bytes()
        monkeypatch.setattr(calendar_files, "_closed_without", lambda text, _: text.replace("2026-12-31", "2026-12-30"))
        content = read(office)
        with pytest.raises(BadPolicy, match="without changing"):
            write(office, "new", content.frozen)
        assert (office.read_bytes(), len(list(office.parent.iterdir()))) == (spoilt, 1)


OLD = """\
# mine
version: old
timezone: Asia/Jakarta
closed:
  # before
  - {date: 2026-08-17, name: {id: Hari Kemerdekaan Republik Indonesia, en: Independence Day}}
  - {date: 2026-12-31, name: {id: Stok opname, en: Stock-taking}} # stays
  - date: 2026-12-25
    name:
      en: Christmas Day
  # after
special: {}
"""


class TestTheFirstTime:
    def test_whose_holidays_must_be_said(self, tmp_path):
        file = tmp_path / "c.yaml"
        file.write_text(OLD)
        with pytest.raises(BadInput, match="no frozen holidays yet"):
            plan(file, TODAY)

    def test_holidays_that_stood_in_closed_move_over(self, tmp_path):
        file = tmp_path / "c.yaml"
        file.write_text(OLD)
        found = plan(file, TODAY, first=2026, **ID)
        assert found.adopted == (date(2026, 8, 17), date(2026, 12, 25))
        assert not any(change.date in found.adopted and change.what is What.ADDED for change in found.changes)
        found.write()
        head = file.read_text().partition("holidays: #")[0]
        assert head == (
            "# mine\nversion: holidays-0.109-2026-2028\ntimezone: Asia/Jakarta\nclosed:\n  # before\n"
            "  - {date: 2026-12-31, name: {id: Stok opname, en: Stock-taking}} # stays\n  # after\nspecial: {}\n"
        )
        assert not plan(file, TODAY).changed

    @pytest.mark.parametrize(
        "closed", ["", "closed: []\n", "closed: [{date: 2026-08-17, name: {en: Independence Day}}]\n"]
    )
    def test_a_list_that_ends_empty_goes(self, tmp_path, closed):
        file = tmp_path / "c.yaml"
        file.write_text(f"version: old\n{closed}hours: {{}}\n")
        plan(file, TODAY, **ID).write()
        assert read(file).closed == ()
        assert file.read_text().partition("holidays: #")[0].endswith("hours: {}\n")

    def test_a_list_on_one_line_is_not_taken_apart(self, tmp_path):
        file = tmp_path / "c.yaml"
        both = "{date: 2026-08-17, name: {en: Independence Day}}, {date: 2026-12-30, name: {en: Ours}}"
        file.write_text(f"version: old\nclosed: [{both}]\n")
        with pytest.raises(BadPolicy, match="in one line"):
            plan(file, TODAY, **ID).write()

    def test_by_the_command(self, tmp_path, capsys):
        file = tmp_path / "london.yaml"
        file.write_text("timezone: Europe/London\nhours: {}\n")
        given = (str(file), "--country", "gb", "--subdivision", "ENG", "--languages", "en", "--from", "2026")
        code, found = refreshed(capsys, *given)
        assert (code, found["calendars"][0]["years"], found["calendars"][0]["decreed"]) == (0, [2026, 2028], 2028)
        assert file.read_text().startswith("version: holidays-0.109-2026-2028\ntimezone:")
        assert {len(day.name) for day in read(file).frozen.dates} == {1}


class TestFiles:
    def test_a_pack_has_those_with_holidays(self, shop, office):
        (shop / "calendars" / "always.yaml").write_text("version: '1'\n")
        assert files_of(str(shop)) == files_of(str(shop / "policy.yaml")) == [office]
        assert files_of(str(office)) == [office]
        assert files_of("id.default") == [OFFICE]

    def test_a_pack_that_takes_them_from_another_says_so(self, capsys):
        assert main.run(["policy", "calendar", "refresh", "demo", "--json"]) == 2
        assert "takes its calendars from" in json.loads(capsys.readouterr().err)["remedy"]

    def test_none_named_is_every_pack_of_the_house(self, capsys):
        code, found = refreshed(capsys, "--check")
        assert code == 0
        assert str(OFFICE) in [calendar["file"] for calendar in found["calendars"]]

    @pytest.mark.parametrize(
        ("arguments", "field", "code"),
        [
            (["nowhere"], "policy", 3),
            (["id.default", "--to", "2010", "--check"], "years", 2),
            (["id.default", "--languages", "fr", "--check"], "languages.0", 2),
            (["id.default", "--categories", "bank", "--check"], "categories", 2),
        ],
    )
    def test_bad_input_names_field_and_remedy(self, capsys, arguments, field, code):
        assert main.run(["policy", "calendar", "refresh", *arguments, "--json"]) == code
        said = json.loads(capsys.readouterr().err)
        assert (said["field"], bool(said["remedy"])) == (field, True)

    def test_whose_holidays_is_said_of_one_file_only(self, capsys, shop, office):
        shutil.copy(office, shop / "calendars" / "second.yaml")
        assert main.run(["policy", "calendar", "refresh", str(shop), "--country", "GB", "--json"]) == 2
        assert json.loads(capsys.readouterr().err)["remedy"] == "name one calendar file"

    def test_a_calendar_that_is_none(self, tmp_path, capsys):
        file = tmp_path / "c.yaml"
        file.write_text("closed: [{date: soon, name: {en: x}}]\n")
        assert main.run(["policy", "calendar", "refresh", str(file), "--json"]) == 2
        assert json.loads(capsys.readouterr().err)["field"] == f"{file}:0.date"
