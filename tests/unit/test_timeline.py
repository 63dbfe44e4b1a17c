"""The timeline: gapless, chained, and erasable without breaking the chain (DESIGN, section 7)."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from complaints.messages.commands import read_command
from complaints.messages.duties import RecordBatch
from complaints.model import Personal
from complaints.timeline import COMPLAINANT, GENESIS, SYSTEM, Entry, canonical, chain_hash, detail_digest, link
from complaints.vocabulary import Kind
from tests.unit.cases import Player, closed, wib

AT = datetime(2026, 7, 6, 2, 0, 0, 123456, tzinfo=UTC)


def entry(previous: Entry | None = None, **changes: Any) -> Entry:
    given: dict[str, Any] = {
        "reference": "TTS-X", "case_salt": "5a17", "previous": previous, "at": AT, "acted_at": AT, "kind": Kind.NOTED,
        "actor": SYSTEM, "detail": {"a": 1}, "words": Personal("halo"),
    }  # fmt: skip
    return link(**{**given, **changes})


def verified(reference: str, entries: list[Entry]) -> bool:
    """What an auditor does: recompute every link."""
    previous = GENESIS
    for number, one in enumerate(entries, 1):
        wanted = chain_hash(
            reference=reference, sequence=number, at=one.at, kind=one.kind, actor=one.actor, digest=one.digest,
            previous=previous,
        )  # fmt: skip
        if (one.sequence, one.previous, one.hash) != (number, previous, wanted):
            return False
        previous = one.hash
    return True


def test_sequences_begin_at_one_and_have_no_gap() -> None:
    timeline = closed().state.timeline
    assert [e.sequence for e in timeline] == list(range(1, len(timeline) + 1))
    assert timeline[0].previous == GENESIS
    assert all(b.previous == a.hash for a, b in pairwise(timeline))


def test_the_chain_of_a_case_is_valid_and_each_digest_is_of_its_detail() -> None:
    timeline = closed().state.timeline
    assert verified("TTS-TEST", timeline)
    assert all(e.digest == detail_digest(e.salt, e.detail, e.words) for e in timeline)


@pytest.mark.parametrize(
    "change",
    [
        {"at": AT + timedelta(microseconds=1)}, {"kind": Kind.CLOSED}, {"actor": COMPLAINANT}, {"digest": "0" * 64},
        {"sequence": 9}, {"previous": "f" * 64},
    ],
)  # fmt: skip
def test_a_change_of_what_the_hash_covers_shows(change: dict[str, Any]) -> None:
    entries = closed().state.timeline
    entries[3] = entries[3].model_copy(update=change)
    assert not verified("TTS-TEST", entries)


def test_a_removal_an_insertion_and_another_case_show() -> None:
    entries = closed().state.timeline
    assert not verified("TTS-TEST", entries[:3] + entries[4:])
    assert not verified("TTS-TEST", [*entries[:3], entries[2], *entries[3:]])
    assert not verified("TTS-OTHER", entries)


def test_the_detail_can_be_erased_without_breaking_the_chain() -> None:
    entries = [e.model_copy(update={"detail": {}, "words": None}) for e in closed().state.timeline]
    assert verified("TTS-TEST", entries)


@pytest.mark.parametrize("change", [{"detail": {"a": 2}}, {"words": Personal("hallo")}, {"words": None}])
def test_the_digest_tells_a_changed_detail(change: dict[str, Any]) -> None:
    assert entry(**change).digest != entry().digest


def test_equal_details_of_two_entries_or_two_cases_have_different_digests() -> None:
    """Or a short text could be found by trying."""
    first = entry()
    assert entry(first).digest != first.digest
    assert entry(case_salt="other").digest != first.digest


def test_the_instant_enters_in_utc_whatever_zone_it_was_given_in() -> None:
    """Instants are UTC in the state; the chain does not depend on how they were written."""
    player, other = Player(wib(6, 9)), Player(wib(6, 9).astimezone(timezone(timedelta(hours=7))))
    assert player.state.timeline[-1].hash == other.state.timeline[-1].hash


def test_microseconds_are_kept() -> None:
    assert entry().at.microsecond == 123456
    assert entry(at=AT.replace(microsecond=0)).hash != entry().hash


def test_canonical_json_is_sorted_tight_and_utf8() -> None:
    assert canonical({"b": "é", "a": [1, None]}) == b'{"a":[1,null],"b":"\xc3\xa9"}'


@given(st.binary(max_size=200), st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=4))
def test_the_digest_of_a_detail_is_an_hmac(salt: bytes, detail: dict[str, Any]) -> None:
    """Of a salt of any length: an auditor has what the database holds."""
    written = json.dumps([detail, None], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert detail_digest(salt.hex(), detail, None) == hmac.new(salt, written, hashlib.sha256).hexdigest()


def test_the_chain_survives_json() -> None:
    player = closed()
    head = player.state.timeline[-1].hash
    player.restore()
    assert verified("TTS-TEST", player.state.timeline)
    assert player.state.timeline[-1].hash == head
    assert all(e.digest == detail_digest(e.salt, e.detail, e.words) for e in player.state.timeline)


def test_words_are_printed_with_the_detail() -> None:
    assert entry().printed_detail() == {"a": 1, "text": "halo"}
    assert entry(words=None).printed_detail() == {"a": 1}


def test_a_case_that_nobody_keeps_is_the_same_but_for_its_digests() -> None:
    """What-if plays thousands, and the values of a start are found by opening one: the chain would be wasted there."""
    kept, played = closed(), closed(chained=False)
    assert [_unchained(e) for e in kept.state.timeline] == [_unchained(e) for e in played.state.timeline]
    assert all((e.salt, e.digest, e.previous, e.hash) == ("", "", "", "") for e in played.state.timeline)
    assert kept.case.standing() == played.case.standing()
    assert [_unchained(duty) for duty in kept.duties] == [_unchained(duty) for duty in played.duties]


def test_what_is_tried_on_a_copy_leaves_the_chain_of_the_case_whole() -> None:
    player = Player(wib(6, 9))
    given = {"key": "k", "actor": {"id": "siti", "role": "agent"}, "outcome": "upheld", "reasons": "Benar"}
    tried = read_command({"act": "decide", **given})
    player.case.refusal(tried, player.now)
    player.case.rehearse(tried, player.now)
    player.act("respond", text="Kami cek")
    player.act("decide", outcome="upheld", reasons="Benar")
    assert player.case.state.chained
    assert len(player.state.timeline) > 5
    assert verified("TTS-TEST", player.state.timeline)


def _unchained(value: Any) -> Any:
    """Without what the chain adds: in entries, in the entry that says what was recorded, and in the record itself."""
    if isinstance(value, BaseModel):
        return _unchained(value.model_dump())
    if isinstance(value, dict):
        left_out = ("salt", "digest", "previous", "hash", "chain_head")
        return {name: _unchained(item) for name, item in value.items() if name not in left_out}
    return [_unchained(item) for item in value] if isinstance(value, list | tuple) else value


def test_a_first_record_brings_its_text_once_and_is_stored_whole():
    player = Player()
    batch = player.case.unrecorded(player.now)
    assert batch is not None
    assert batch.intake is not None
    assert batch.search is not None
    sent = batch.model_dump_json()
    assert sent.count(json.dumps(batch.intake.text, ensure_ascii=False)) == 1
    assert RecordBatch.model_validate_json(sent).timeline() == tuple(player.state.timeline)

    search = batch.search.model_copy(update={"text": batch.intake.text})
    before = batch.model_copy(update={"entries": tuple(player.state.timeline), "search": search})
    assert RecordBatch.model_validate_json(before.model_dump_json()).timeline() == tuple(player.state.timeline)
