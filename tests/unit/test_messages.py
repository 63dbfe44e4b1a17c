"""What comes from outside: each kind of bad input is refused with field and remedy, and never with its content."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from complaints.errors import BadInput
from complaints.messages.commands import COMMANDS, read_command
from complaints.messages.intake import MAX_TEXT, Complainant, Intake, clean_text
from complaints.messages.signals import (
    SIGNALS,
    ComplainantReplied,
    FactReported,
    SatisfactionConfirmed,
    message_id_of,
)
from complaints.model import Personal, read
from complaints.targets import Target
from complaints.vocabulary import Channel, Form, Language

INTAKE: dict[str, Any] = {"channel": "email", "key": "<1@mail.example>", "text": "Barang rusak"}
ACTOR = {"id": "siti", "role": "agent"}
PRIVATE = "RAHASIA-4711"


def wrong(**changes: Any) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read(Intake, {**INTAKE, **changes})
    return caught.value


def wrong_command(**raw: Any) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read_command({"key": "k", "actor": ACTOR, **raw})
    return caught.value


# intake


def test_the_least_intake() -> None:
    intake = read(Intake, INTAKE)
    assert (intake.channel, intake.complainant, intake.category, intake.received_at) == (
        Channel.EMAIL, Complainant(), None, None,
    )  # fmt: skip


def test_an_intake_may_come_as_json() -> None:
    assert read(Intake, '{"channel": "form", "key": "k", "text": "a"}').channel is Channel.FORM
    with pytest.raises(BadInput, match="JSON"):
        read(Intake, "{")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"channel": "pigeon"}, "channel"),
        ({"severity": "huge"}, "severity"),
        ({"form": "sung"}, "form"),
        ({"text": ""}, "text"),
        ({"text": " \n\t "}, "text"),
        ({"text": "\x00\x07\u202e"}, "text"),
        ({"text": "a" * 100_000}, "text"),
        ({"text": None}, "text"),
        ({"key": ""}, "key"),
        ({"key": "a b"}, "key"),
        ({"key": "é"}, "key"),
        ({"key": "k" * 201}, "key"),
        ({"received_at": "2026-07-06T09:00:00"}, "received_at"),
        ({"received_at": datetime(2026, 7, 6)}, "received_at"),  # noqa: DTZ001 - that is the point
        ({"received_at": "yesterday"}, "received_at"),
        ({"colour": "red"}, "colour"),
        ({"complainant": {"nick": "bud"}}, "complainant.nick"),
        ({"complainant": {"language": "Jawa"}}, "complainant.language"),
        ({"complainant": {"preferred_channel": "pigeon"}}, "complainant.preferred_channel"),
        ({"complainant": {"name": "a" * 201}}, "complainant.name"),
    ],
)
def test_bad_intake_names_the_field_and_the_remedy(changes: dict[str, Any], field: str) -> None:
    error = wrong(**changes)
    assert error.field == field
    assert error.problem
    assert error.remedy
    assert error.exit_code == 2


@pytest.mark.parametrize("missing", ["channel", "key", "text"])
def test_missing_fields_are_named(missing: str) -> None:
    with pytest.raises(BadInput) as caught:
        read(Intake, {name: value for name, value in INTAKE.items() if name != missing})
    assert (caught.value.field, caught.value.remedy) == (missing, "give this field")


@pytest.mark.parametrize(
    "email",
    [
        "budi", "budi@", "@example.id", "a b@example.id", "a@b c.id", "a@example.id\r\nBcc: x@y.id", "a@exa mple.id",
        "<a@example.id>", "a@-example.id", "a@example.id, b@example.id", "a\x00b@example.id", "a\x1bb@example.id", "",
        "a" * 65 + "@example.id",
    ],
)  # fmt: skip
def test_bad_addresses(email: str) -> None:
    assert wrong(complainant={"email": email}).field == "complainant.email"


@pytest.mark.parametrize("email", ["budi@example.co.id", "b.u+d-i_1@sub.example.id", "büdi@example.id"])
def test_good_addresses(email: str) -> None:
    assert read(Complainant, {"email": email}).email == email


@pytest.mark.parametrize(
    "phone", ["", "12", "0812", "+0812345678", "telepon", "+62 812 345 678 901 234", "+62812x34567"]
)
def test_bad_phones(phone: str) -> None:
    assert wrong(complainant={"phone": phone}).field == "complainant.phone"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("+62 812-3456-7890", "+6281234567890"),
        ("0812 3456 7890", "+6281234567890"),
        ("+1 (212) 555.0100", "+12125550100"),
    ],
)
def test_good_phones(written: str, kept: str) -> None:
    assert read(Complainant, {"phone": written}).phone == kept


def test_no_error_repeats_what_the_complainant_wrote() -> None:
    for changes in (
        {"text": PRIVATE * 10_000}, {"complainant": {"email": PRIVATE}}, {"complainant": {"phone": PRIVATE}},
        {"complainant": PRIVATE}, {"channel": PRIVATE}, {"severity": PRIVATE}, {"received_at": PRIVATE},
    ):  # fmt: skip
        error = wrong(**changes)
        assert PRIVATE not in f"{error} {error.problem} {error.remedy} {error!r}", changes


def test_personal_data_hide_from_logs() -> None:
    intake = read(Intake, {**INTAKE, "text": PRIVATE, "complainant": {"name": PRIVATE, "email": "rahasia@example.id"}})
    assert PRIVATE not in repr(intake)
    assert "rahasia@" not in repr(intake)
    assert isinstance(intake.text, Personal)
    assert intake.text == PRIVATE


# text


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  Barang rusak \n", "Barang rusak"),
        ("satu\r\ndua\rtiga", "satu\ndua\ntiga"),
        ("a\x00b\x07c\x1b[31m", "abc[31m"),
        ("aman\u202egnp.exe", "amangnp.exe"),  # a right-to-left override disguises
        ("\u2066a\u2069\u200fb\ufeff", "ab"),
        ("a\ud800b", "ab"),
        ("مرحبا שלום", "مرحبا שלום"),  # right-to-left letters stay
        ("e\u0301", "é"),
        ("ก็ปัญหา", "ก็ปัญหา"),
        ("😡 👨‍👩‍👧 🇮🇩 👍🏽", "😡 👨‍👩‍👧 🇮🇩 👍🏽"),
        ("tab\there", "tab\there"),
    ],
)
def test_text_as_people_wrote_it_without_what_could_disguise_it(written: str, kept: str) -> None:
    assert clean_text(written) == kept


@given(st.text(max_size=300))
def test_cleaning_is_stable_and_leaves_no_control_character(text: str) -> None:
    try:
        kept = clean_text(text)
    except ValueError:
        return
    assert clean_text(kept) == kept
    assert not [
        c for c in kept if (ord(c) < 32 and c not in "\n\t") or 0x7F <= ord(c) < 0xA0 or 0x202A <= ord(c) <= 0x202E
    ]
    kept.encode()


def test_the_longest_text() -> None:
    assert len(read(Intake, {**INTAKE, "text": "a" * MAX_TEXT}).text) == MAX_TEXT
    assert str(MAX_TEXT) in wrong(text="a" * (MAX_TEXT + 1)).problem


# form and where notices go


@pytest.mark.parametrize(("channel", "form"), [("phone", Form.ORAL), ("counter", Form.ORAL), ("email", Form.WRITTEN)])
def test_form_follows_the_channel_unless_it_is_given(channel: str, form: Form) -> None:
    assert read(Intake, {**INTAKE, "channel": channel}).effective_form is form
    assert read(Intake, {**INTAKE, "channel": channel, "form": "oral"}).effective_form is Form.ORAL


def test_address_by_channel() -> None:
    who = read(Complainant, {"email": "b@example.id", "phone": "08123456789", "language": "en"})
    assert (who.address_on(Channel.PHONE), who.address_on(Channel.EMAIL)) == ("+628123456789", "b@example.id")
    assert who.language == Language.EN


# commands


@pytest.mark.parametrize("written", ["send_update", "send-update", "Send Update", " send update "])
def test_spellings_of_a_command(written: str) -> None:
    assert read_command({"act": written, "key": "k", "actor": ACTOR, "text": "halo"}).act == "send_update"


@pytest.mark.parametrize(("written", "act"), [("de-escalate", "de_escalate"), ("deescalate", "de_escalate")])
def test_spellings_of_de_escalate(written: str, act: str) -> None:
    assert read_command({"act": written, "key": "k", "actor": ACTOR, "reason": "x"}).act == act


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ({"act": "explode"}, "act"),
        ({}, "act"),
        ({"act": "respond"}, "text"),
        ({"act": "respond", "text": ""}, "text"),
        ({"act": "respond", "text": "a" * 100_000}, "text"),
        ({"act": "respond", "text": "a", "colour": "red"}, "colour"),
        ({"act": "note", "text": "a", "key": "a b"}, "key"),
        ({"act": "note", "text": "a", "actor": {"id": "si ti"}}, "actor.id"),
        ({"act": "note", "text": "a", "actor": {"id": "siti", "role": "king"}}, "actor.role"),
        ({"act": "assess", "severity": "huge"}, "severity"),
        ({"act": "hold", "reason": "x", "review_at": "2026-07-06T09:00:00"}, "review_at"),
        ({"act": "hold", "reason": "\x00\u202e"}, "reason"),
        ({"act": "transfer", "to": "ani"}, "note"),
        ({"act": "decide", "outcome": "maybe", "reasons": "x"}, "outcome"),
        (
            {"act": "decide", "outcome": "upheld", "reasons": "x", "remedies": [{"solution": "a", "cost": -1}]},
            "remedies.0.cost",
        ),
        ({"act": "add_action", "description": "x", "within": "soon"}, "within"),
        ({"act": "reopen", "reason": "because", "text": "x"}, "reason"),
        ({"act": "record_confirmation", "satisfied": True, "how": "x", "rating": 6}, "rating"),
        ({"act": "attach", "sha256": "xyz", "name": "a"}, "sha256"),
    ],
)
def test_bad_commands_name_the_field_and_the_remedy(raw: dict[str, Any], field: str) -> None:
    error = wrong_command(**raw)
    assert error.field == field
    assert error.problem
    assert error.remedy


@pytest.mark.parametrize("raw", [None, 7, [], "text", b"\xff", '{"act": 1}'])
def test_what_is_no_command_at_all(raw: Any) -> None:
    with pytest.raises(BadInput) as caught:
        read_command(raw)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("written", "outcome"), [("partly", "partly_upheld"), ("not", "not_upheld"), ("upheld", "upheld")]
)
def test_outcomes_as_people_write_them(written: str, outcome: str) -> None:
    raw = {"act": "decide", "key": "k", "actor": ACTOR, "outcome": written, "reasons": "x"}
    assert read_command(raw).outcome == outcome  # type: ignore[union-attr]


def test_every_command_carries_actor_and_key() -> None:
    schema = COMMANDS.json_schema()
    commands = [d for d in schema["$defs"].values() if "act" in d.get("properties", {})]
    assert len(commands) == 37
    assert all({"actor", "key"} <= set(d["required"]) for d in commands)


# signals


def test_unknown_fields_of_a_fact_are_ignored_and_a_version_is_read() -> None:
    fact = read(ComplainantReplied, {"version": 3, "message_id": "m", "text": "halo", "mood": "angry"})
    assert (fact.version, fact.text) == (3, "halo")


@pytest.mark.parametrize(
    ("name", "raw", "field"),
    [
        ("complainant_replied", {"message_id": "m", "text": ""}, "text"),
        ("complainant_replied", {"text": "halo"}, "message_id"),
        ("complainant_replied", {"message_id": "m", "text": "a", "at": "2026-07-06T09:00:00"}, "at"),
        ("satisfaction_confirmed", {"message_id": "m"}, "satisfied"),
        ("satisfaction_confirmed", {"message_id": "m", "satisfied": "maybe"}, "satisfied"),
        ("satisfaction_confirmed", {"message_id": "m", "satisfied": True, "rating": 0}, "rating"),
        ("satisfaction_confirmed", {"message_id": "m", "satisfied": True, "decision": 0}, "decision"),
        ("fact_reported", {"message_id": "m"}, "fact"),
        ("complainant_withdrew", {"message_id": "", "text": None}, "message_id"),
    ],
)
def test_bad_signals_name_the_field(name: str, raw: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as caught:
        read(SIGNALS[name], raw)
    assert caught.value.field == field


def test_the_five_signals() -> None:
    assert set(SIGNALS) == {
        "complainant_replied", "satisfaction_confirmed", "complainant_withdrew", "fact_reported", "survey_answered",
    }  # fmt: skip
    assert read(SatisfactionConfirmed, {"message_id": "m", "satisfied": False}).decision is None
    assert read(FactReported, {"message_id": "m", "fact": "returned"}).source == "service"


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ({"message_id": "m"}, "m"), ({"key": "k"}, "k"), ({"message_id": 7}, None), ({"message_id": "m" * 201}, None),
        ({}, None), ("text", None), (None, None),
    ],
)  # fmt: skip
def test_the_id_of_what_could_not_be_read(raw: Any, found: str | None) -> None:
    assert message_id_of(raw) == found


# values


def test_instants_are_kept_in_utc_with_their_microseconds() -> None:
    intake = read(Intake, {**INTAKE, "received_at": "2026-07-06T09:00:00.123456+07:00"})
    assert intake.received_at == datetime(2026, 7, 6, 2, 0, 0, 123456, tzinfo=UTC)
    assert str(intake.received_at.tzinfo) == "UTC"


def test_values_are_frozen() -> None:
    intake = read(Intake, INTAKE)
    with pytest.raises(ValidationError):
        intake.text = Personal("lain")  # type: ignore[misc]


@pytest.mark.parametrize(
    "text", ["", "soon", "0 hours", "-1 days", "1.5 hours", "3 business days", "4 office hours", "1e3 days"]
)
def test_bad_targets(text: str) -> None:
    with pytest.raises(ValueError, match="not a target"):
        Target(text)


@pytest.mark.parametrize(
    "text", ["90 seconds", "15 minutes", "24 hours", "3 days", "2 weeks", "30 business minutes", "4 business hours",
             "7 working days", "14 calendar days"],
)  # fmt: skip
def test_targets_as_people_write_them(text: str) -> None:
    assert Target(text) == text
    assert Target(text.removesuffix("s")) == text
