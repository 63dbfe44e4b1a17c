"""Reading CSV that others wrote: every way in which it can be wrong, and what columns come to mean."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

import policies
from commands.agent_file import read_agents
from complaints.errors import BadInput
from starter.csv_files import CsvRow, read_csv, stream_csv
from starter.csv_mapping import CsvMapping, instant_in, keys_of, read_mapping, zone_of
from starter.importing import closed_standing
from starter.intake import read_intake

POLICY = policies.load("id.default")
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def written(tmp_path: Path, content: bytes) -> Path:
    file = tmp_path / "given.csv"
    file.write_bytes(content)
    return file


def streamed(file: Path) -> list[CsvRow]:
    with stream_csv(file) as (_, rows):
        return list(rows)


def test_a_file_is_the_same_read_row_by_row(tmp_path):
    file = written(tmp_path, '\ufeffid,text\r\n1,"two\r\nlines 😀"\r\n\r\n2,x\r\n3\r\n'.encode())
    assert streamed(file) == list(read_csv(file).rows)


def test_a_file_with_a_mark_and_text_over_several_lines(tmp_path):
    table = read_csv(written(tmp_path, '\ufeffid,text\r\n1,"two\r\nlines, ""quoted"" 😀"\r\n\r\n2,x\r\n'.encode()))
    assert table.columns == ("id", "text")
    assert [(row.line, row.values["id"]) for row in table.rows] == [(2, "1"), (5, "2")]
    assert table.rows[0].values["text"] == 'two\r\nlines, "quoted" 😀'


@pytest.mark.parametrize(
    ("content", "field", "problem"),
    [
        (b"", "line 1", "empty"),
        (b"\n\n", "line 1", "empty"),
        (b"id,,text\n1,2,3\n", "line 1", "no name"),
        (b"id,id\n1,2\n", "line 1", "twice"),
        (b'id,text\n1,"open\n2,x\n', "line 2", "quote"),
        (b'id,text\n1,ok\n2,"closed"badly\n', "line 3", "quote"),
        ("id,text\n1,ok\n2,caf\u00e9\n".encode("latin-1"), "line 3", "UTF-8"),
        ("id,text\n1,caf\u00e9\n".encode() + "2,caf\u00e9\n".encode("cp1252"), "line 3", "UTF-8"),
        ("id,text\n".encode("utf-16"), "line 1", "UTF-16"),
        (b"PK\x03\x04", "line 1", "spreadsheet"),
        (b"id,text\n1,a\x00b\n", "line 2", "NUL"),
        (b'id,text\n1,"' + b"x" * 1_100_000 + b'"\n', "line 2", "larger"),
    ],
)
def test_a_broken_file_is_refused_whole_with_its_line(tmp_path, content, field, problem):
    file = written(tmp_path, content)
    for read in (read_csv, streamed):
        with pytest.raises(BadInput) as caught:
            read(file)
        assert caught.value.field == field
        assert problem in caught.value.problem
        assert caught.value.remedy


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(BadInput, match="cannot be read"):
        read_csv(tmp_path / "none.csv")


def test_a_row_with_too_many_fields_is_a_matter_of_that_row(tmp_path):
    table = read_csv(written(tmp_path, b"id,text\n1,a,b\n2,ok\n"))
    assert table.rows[0].problem == "3 fields where the header has 2"
    assert table.rows[1].problem is None
    with pytest.raises(BadInput, match="3 fields"):
        CsvMapping(columns={}).intake(table.rows[0], "k", receipt=True)


ROW = CsvRow(
    2, {"what": "Late", "more": "Two weeks", "via": "Web", "when": "2017-04-19", "who": "Sari", "kind": "Debt"}
)
MAPS = ["text=what+more", "channel=via", "received_at=when", "name=who", "category=kind", "details.kind=kind"]
VALUES = ["channel:Web=form", "category:*=other"]


def test_columns_become_an_intake():
    mapping = read_mapping(MAPS, ["language=en"], VALUES, "Asia/Jakarta")
    mapping.check(tuple(ROW.values))
    intake = read_intake(mapping.intake(ROW, "k-1", receipt=True), POLICY, NOW)
    assert (intake.text, intake.channel, intake.category) == ("Late\n\nTwo weeks", "form", "other")
    assert intake.received_at == datetime(2017, 4, 18, 17, tzinfo=UTC)  # 00:00 in Jakarta
    assert (intake.complainant.name, intake.complainant.language) == ("Sari", "en")
    assert intake.details == {"kind": "Debt"}
    assert "received_at" not in mapping.intake(ROW, "k-1", receipt=False)


@pytest.mark.parametrize(
    ("text", "zone", "utc"),
    [
        ("2017-04-19", "Z", "2017-04-19T00:00:00+00:00"),
        ("2017-04-19", "+07:00", "2017-04-18T17:00:00+00:00"),
        ("2017-04-19T10:00:00", "Asia/Jakarta", "2017-04-19T03:00:00+00:00"),
        ("2017-04-19T10:00:00+02:00", "Asia/Jakarta", "2017-04-19T08:00:00+00:00"),
        ("2017-07-01", "America/New_York", "2017-07-01T04:00:00+00:00"),
    ],
)
def test_a_bare_date_means_midnight_there(text, zone, utc):
    assert instant_in(text, zone, "--x").astimezone(UTC).isoformat() == utc


def test_other_dates_are_read_by_their_format():
    mapping = read_mapping(["received_at=when"], [], [], "Z", "%d/%m/%Y")
    row = CsvRow(2, {"when": "19/04/2017"})
    assert mapping.instant("received_at", row) == datetime(2017, 4, 19, tzinfo=UTC)
    with pytest.raises(BadInput, match="no date"):
        mapping.instant("received_at", CsvRow(3, {"when": "2017-04-19"}))


@pytest.mark.parametrize(
    ("maps", "fixed", "values", "zone", "field"),
    [
        (["colour=x"], [], [], "Z", "--map colour"),
        (["text"], [], [], "Z", "--map"),
        (["text=nowhere", "channel=via"], [], [], "Z", "--map text"),
        (["text=what"], [], [], "Z", "channel"),
        (["channel=via"], [], [], "Z", "text"),
        (["text=what"], ["channel=form"], ["category"], "Z", "--value"),
        (["text=what"], ["channel=form"], ["colour:a=b"], "Z", "--value colour"),
        (["text=what"], ["channel=form"], [], "Mars/Olympus", "--timezone"),
        (["text=what"], ["channel=form"], [], "+99:00", "--timezone"),
    ],
)
def test_a_wrong_mapping_names_its_option(maps, fixed, values, zone, field):
    with pytest.raises(BadInput) as caught:
        read_mapping(maps, fixed, values, zone).check(tuple(ROW.values))
    assert caught.value.field == field
    assert caught.value.remedy


def test_keys_are_the_same_every_time_and_tell_equal_rows_apart():
    rows = [CsvRow(2, {"a": "x"}), CsvRow(3, {"a": "x"}), CsvRow(4, {"a": "y"})]
    mapping = CsvMapping(columns={})
    assert keys_of(rows, mapping) == keys_of(list(rows), mapping)
    assert len(set(keys_of(rows, mapping))) == 3
    assert keys_of(rows, CsvMapping(columns={"key": ("a",)})) == ["x", "x", "y"]


def test_a_value_may_hold_an_equals_sign():
    assert read_mapping([], [], ["category:a=b=other"], "Z").values == {"category": {"a=b": "other"}}


def test_history_is_closed_with_nothing_due():
    intake = read_intake({"channel": "form", "key": "k", "text": "x", "received_at": NOW}, POLICY, NOW)
    standing = closed_standing("TTS-0000000000000", intake, POLICY, None)
    assert (standing.status, standing.next_due_at, standing.severity) == ("closed", None, POLICY.default_severity)


def test_zones():
    assert zone_of("Z").utcoffset(NOW).total_seconds() == 0
    with pytest.raises(BadInput):
        zone_of("")


# agents

TIERS = {"frontline": "frontline", "specialist": "specialists"}


def test_agents_are_read_with_the_team_of_their_tier(tmp_path):
    file = written(tmp_path, b"id,tier,skills,languages,email\nsiti,specialist,billing privacy,id en,s@example.co.id\n")
    (agent,) = read_agents(file, TIERS)
    assert (agent.team, agent.skills, agent.languages) == ("specialists", ("billing", "privacy"), ("id", "en"))


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b"id\nsiti\n", "line 1: tier"),
        (b"id,tier,colour\nsiti,frontline,red\n", "line 1: colour"),
        (b"id,tier\nsiti,frontline\nbudi,attic\n", "line 3: tier"),
        (b"id,tier,role\nsiti,frontline,king\n", "line 2: role"),
        (b"id,tier\n,frontline\n", "line 2: id"),
        (b"id,tier\nsiti,frontline,x\n", "line 2"),
        (b"id,tier\nsiti w,frontline\n", "line 2: id"),
    ],
)
def test_wrong_agents_name_line_and_field(tmp_path, content, field):
    with pytest.raises(BadInput) as caught:
        read_agents(written(tmp_path, content), TIERS)
    assert caught.value.field == field
