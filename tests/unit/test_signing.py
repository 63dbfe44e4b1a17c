"""Links and tags: only ours, only for their case, only as long as they hold."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.signing import Link, Purpose, Signer
from complaints.errors import BadInput

NOW = datetime(2026, 11, 29, 9, tzinfo=UTC)
SIGNER = Signer("a secret of our own, long enough")
LINK = Link(reference="TTS-7D3K9QX2M4R8V", purpose=Purpose.FOLLOW, generation=2, expires_at=NOW + timedelta(days=90))


def test_a_link_says_what_it_was_made_of():
    token = SIGNER.token(LINK)
    assert SIGNER.read(token, NOW) == LINK
    assert token == SIGNER.token(LINK)
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


def test_an_expired_link_says_so_and_nothing_more():
    with pytest.raises(BadInput, match="expired"):
        SIGNER.read(SIGNER.token(LINK), LINK.expires_at)


@given(st.integers(0, 500), st.integers(1, 255))
def test_a_changed_link_is_none(at, change):
    token = SIGNER.token(LINK)
    at %= len(token)
    changed = token[:at] + chr((ord(token[at]) + change) % 256) + token[at + 1 :]
    try:
        read = SIGNER.read(changed, NOW)
    except BadInput as error:
        refused = error
    else:  # base64 has spellings of its last letter that mean the same
        assert read == LINK
        return
    assert refused.problem == "not a link of ours"


@pytest.mark.parametrize("token", ["", ".", "a.b", "x" * 5000, "null", SIGNER.token(LINK)[:-3], "é" * 20])
def test_truncated_and_guessed_ones_are_refused_alike(token):
    with pytest.raises(BadInput, match="not a link of ours"):
        SIGNER.read(token, NOW)


def test_another_secret_is_another_house():
    with pytest.raises(BadInput, match="not a link of ours"):
        Signer("a secret of another house entirely").read(SIGNER.token(LINK), NOW)
    with pytest.raises(BadInput, match="too short"):
        Signer("short")


def test_a_tag_belongs_to_its_case_and_survives_folding():
    tag = SIGNER.tag(LINK.reference)
    assert tag == tag.lower()
    assert SIGNER.is_tag(LINK.reference, tag.upper())
    assert not SIGNER.is_tag("TTS-0000000000000", tag)
    assert not SIGNER.is_tag(LINK.reference, tag[:-1])
    assert not SIGNER.is_tag(LINK.reference, "é")
