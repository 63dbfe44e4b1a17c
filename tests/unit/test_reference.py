"""References: their form, their check character, and that the same (channel, key) is always the same case."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints.messages import workflow_id
from complaints.reference import ALPHABET, normalise, reference_for

KEYS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=60)


@given(KEYS, st.sampled_from(["email", "phone", "form"]), st.integers(0, 5))
def test_form_twelve_crockford_characters_and_a_check_character(key: str, channel: str, salt: int) -> None:
    reference = reference_for(channel, key, salt=salt)
    assert re.fullmatch(r"TTS-[0-9A-HJKMNP-TV-Z]{13}", reference)
    value = 0
    for character in reference[4:16]:
        value = value * 32 + ALPHABET.index(character)
    assert ALPHABET.index(reference[16]) == value % 37
    assert normalise(reference) == reference


def test_the_derivation_is_fixed_for_life() -> None:
    """These stand in histories and letters; a change here would make the same key another case."""
    assert reference_for("email", "<1@mail.example>") == "TTS-1VJFV9EEPSZW5"
    assert reference_for("form", "web-77", salt=1) == "TTS-MNGE6VP8PC246"
    assert len({reference_for("email", "a"), reference_for("form", "a"), reference_for("email", "b")}) == 3


def test_the_channel_and_key_are_told_apart() -> None:
    assert reference_for("email", "x") != reference_for("emai", "lx")


def test_a_clash_is_salted() -> None:
    assert len({reference_for("email", "a", salt=salt) for salt in range(10)}) == 10


@given(KEYS, st.integers(4, 16), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(key: str, place: int, wrong: str) -> None:
    reference = reference_for("email", key)
    if reference[place] == wrong:
        return
    assert normalise(reference[:place] + wrong + reference[place + 1 :]) is None


@given(KEYS, st.integers(4, 14))
def test_two_characters_exchanged_are_noticed(key: str, place: int) -> None:
    reference = reference_for("email", key)
    a, b = reference[place], reference[place + 1]
    if a != b:
        assert normalise(reference[:place] + b + a + reference[place + 2 :]) is None


def test_as_people_type_it() -> None:
    reference = next(r for r in (reference_for("email", str(n)) for n in range(999)) if "0" in r and "1" in r)
    typed = reference.replace("0", "O", 1).replace("1", "l", 1).lower()
    assert normalise(typed) == reference
    assert normalise(f" {reference[:8]} {reference[8:12]}-{reference[12:]} ") == reference
    assert normalise(reference.replace("-", "")) == reference


@pytest.mark.parametrize(
    "text", ["", "TTS-", "TTS", "halo", "TTS-0000000000000X", "TTS-UUUUUUUUUUUUU", "TTS-1234", "ABC-0000000000000"]
)
def test_what_is_no_reference(text: str) -> None:
    assert normalise(text) is None


def test_the_workflow_id_is_fixed_by_the_reference() -> None:
    assert workflow_id("TTS-0") == "complaint-TTS-0"
