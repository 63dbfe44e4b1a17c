"""What travels packed can be read for ever, and is small."""

import base64
import hashlib
import json
import zlib
from datetime import UTC, datetime

import pytest

import policies
from complaints import packing
from complaints.plan import Plan

MONDAY = datetime(2027, 9, 6, 9, tzinfo=UTC)
PACKS = ("id.default", "id.ojk.22_2023", "en.default", "uk.fca.disp", "eu.psd2.101", "us.cfpb", "au.rg271", "demo")

# What histories hold was packed with these. If this fails, put the file back and add a new one instead.
COMMITTED = {"1": "36a82a471335fecfb9c6d346de2224ce270c654651c01dcd411ab1939495641c"}


def test_committed_dictionaries_stay_as_they_are():
    found = {name: hashlib.sha256(content).hexdigest() for name, content in packing._BY_NAME.items()}
    assert found == COMMITTED
    assert packing.WRITTEN in COMMITTED


@pytest.mark.parametrize("name", PACKS)
def test_a_plan_takes_less_than_a_kilobyte(name):
    plan = policies.resolve(policies.load(name), MONDAY)
    assert len(plan.packed) < 1024
    assert Plan.model_validate_json(packing.unpack(plan.packed)) == plan


def test_what_was_packed_without_a_dictionary_is_read():
    text = json.dumps({"a": "b" * 100})
    assert packing.unpack(base64.b64encode(zlib.compress(text.encode(), 9)).decode()) == text.encode()


def test_text_unlike_any_plan_is_packed_too():
    text = "Pesanan saya belum datang. " * 50 + "é€"
    assert packing.unpack(packing.pack(text)).decode() == text


def _with(dictionary: bytes) -> bytes:
    packer = zlib.compressobj(zdict=dictionary)
    return packer.compress(b"{}" * 20) + packer.flush()


@pytest.mark.parametrize(
    "raw",
    [b"", b"{}", b"not packed at all", _with(b"of another version"), zlib.compress(b"{}" * 50)[:-6],
     base64.b64decode(packing.pack("{}" * 50))[:-6], base64.b64decode(packing.pack("{}"))[:4]],
)  # fmt: skip
def test_what_cannot_be_read_is_a_value_error(raw):
    with pytest.raises(ValueError, match="not packed JSON"):
        packing.unpack(base64.b64encode(raw).decode())
