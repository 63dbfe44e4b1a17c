"""The timeline: past-tense entries, chained by hashes so that a change, a removal or an insertion shows.

The hash covers the canonical JSON of `{reference, sequence, at, kind, actor, digest, previous}`, where `digest` is a
salted digest of the detail: the detail stands beside the chain and can be erased without breaking it (DESIGN, 7).
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from complaints.messages.commands import Actor
from complaints.model import Frozen, Instant, Personal, made
from complaints.vocabulary import Kind, Role

SYSTEM = Actor(id="tuntas", role=Role.SYSTEM)
COMPLAINANT = Actor(id="complainant", role=Role.COMPLAINANT)
GENESIS = "0" * 64


class Entry(Frozen):
    """One fact. `at` is its instant, `acted_at` when it was acted on; `words` is what a person wrote, if anything."""

    sequence: int
    at: Instant
    acted_at: Instant
    kind: Kind
    actor: Actor
    detail: dict[str, Any]
    words: Personal | None = None
    salt: str
    digest: str
    previous: str
    hash: str

    def printed_detail(self) -> dict[str, Any]:
        return {**self.detail, "text": self.words} if self.words is not None else dict(self.detail)


_quoted = json.encoder.encode_basestring
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _hmac(key: bytes, message: bytes) -> str:
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def canonical(value: Any) -> bytes:
    """Canonical JSON: sorted keys, no spaces, UTF-8."""
    return _CANONICAL.encode(value).encode()


def detail_digest(salt: str, detail: dict[str, Any], words: str | None) -> str:
    return _hmac(bytes.fromhex(salt), canonical([detail, words]))


def record_digest(record: Mapping[str, Any]) -> str:
    """Of a closure record as JSON. It stands in the detail of the entry that says so, and is erased with that."""
    return hashlib.sha256(canonical(record)).hexdigest()


def chain_hash(
    *, reference: str, sequence: int, at: datetime, kind: str, actor: Actor, digest: str, previous: str
) -> str:
    """The link: what an auditor recomputes. `at` enters with its microseconds, in UTC."""
    # The canonical JSON of a form that never changes: written out, because every entry of every case has one.
    link = (
        f'{{"actor":{{"id":{_quoted(actor.id)},"role":{_quoted(actor.role)}}},"at":"{at.isoformat()}",'
        f'"digest":{_quoted(digest)},"kind":{_quoted(kind)},"previous":{_quoted(previous)},'
        f'"reference":{_quoted(reference)},"sequence":{sequence}}}'
    )
    return hashlib.sha256(link.encode()).hexdigest()


def link(
    *,
    reference: str,
    case_salt: str | None,
    previous: Entry | None,
    at: datetime,
    acted_at: datetime,
    kind: Kind,
    actor: Actor,
    detail: dict[str, Any],
    words: Personal | None,
) -> Entry:
    """The next entry of a case's chain. The salt of an entry derives from the case's, which starter drew.

    None: of a case that nobody keeps. Its entries are not chained, and cost a third less.
    """
    sequence = previous.sequence + 1 if previous else 1
    if case_salt is None:
        return made(
            Entry, sequence=sequence, at=at, acted_at=acted_at, kind=kind, actor=actor, detail=detail, words=words,
            salt="", digest="", previous="", hash="",
        )  # fmt: skip
    head = previous.hash if previous else GENESIS
    salt = _hmac(case_salt.encode(), str(sequence).encode())[:32]
    digest = detail_digest(salt, detail, words)
    return made(
        Entry,
        sequence=sequence,
        at=at,
        acted_at=acted_at,
        kind=kind,
        actor=actor,
        detail=detail,
        words=words,
        salt=salt,
        digest=digest,
        previous=head,
        hash=chain_hash(
            reference=reference, sequence=sequence, at=at, kind=kind, actor=actor, digest=digest, previous=head
        ),
    )
