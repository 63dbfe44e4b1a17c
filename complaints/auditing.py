"""Whether a stored timeline is the one that was recorded: the chain recomputed, the first thing wrong with it named.

What the chain proves and what it does not: `docs/audit.md`. Entries come as they are stored, `detail`, `words` and
`salt` with their nulls. An erased detail is no tampering: its links remain (DESIGN, section 7).
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from complaints.messages.commands import Actor
from complaints.model import Frozen
from complaints.timeline import GENESIS, chain_hash, detail_digest, record_digest
from complaints.vocabulary import Kind, Role

_ON_ITS_WAY = timedelta(days=1)
"""A record whose moment could not be written whole is tried again apart, while other entries are recorded."""


class Stored(NamedTuple):
    """An entry as it is stored; `at` in UTC, `detail` as JSON text."""

    sequence: int
    at: datetime
    acted_at: datetime
    kind: str
    actor_id: str
    actor_role: str
    detail: str | None
    words: str | None
    salt: str | None
    digest: str
    previous: str
    hash: str

    @property
    def erased(self) -> bool:
        return self.detail is None and self.words is None


class Closure(NamedTuple):
    """What a stored closure record says of the chain."""

    number: int
    head: str
    record: str | None = None  # all of it, as JSON text


class CaseRow(NamedTuple):
    """What the read model says of the case: recorded up to `through`; `ended` once it is closed or archived."""

    through: int
    ended: bool
    imported: bool


class Wrong(StrEnum):
    """What can be wrong with an entry."""

    DETAIL = "detail_changed"  # its digest is not that of its detail and words
    UNPROVABLE = "salt_missing"  # its detail is there, and what would prove it is not
    CHANGED = "changed"  # its hash is not that of its instant, kind, actor and digest
    REPLACED = "replaced"  # sound in itself, but what follows was chained to another one
    MISSING = "missing"
    INSERTED = "inserted"
    MOVED = "out_of_order"  # it was recorded under another number
    FOREIGN = "foreign"  # its links fit neither neighbour: of another case, or made up
    NO_CASE = "no_case"  # entries of a case that there is no row of
    CLOSURE = "closure_head"  # a closure record rests on an entry that is not there
    RECORD_MISSING = "record_missing"  # an entry tells of a closure record that is not there
    RECORD_CHANGED = "record_changed"  # a closure record is not the one that its entry tells of
    HEAD = "head"  # a head that somebody kept is the hash of no entry


class Finding(Frozen):
    """The first thing wrong with a timeline: which entries (none: it is about the whole), and what."""

    wrong: Wrong
    first: int | None = None
    last: int | None = None
    closure: int | None = None
    was: str | None = None  # what it was, where that can be told: a kind, a role, a number, `acted_at`


class Verdict(Frozen):
    """What an audit of one case has found; `finding` is None if its timeline is sound."""

    reference: str
    entries: int
    erased: int
    imported: bool = False  # closed before we came: it never had a timeline
    head: str | None  # hash of the last entry: what to keep elsewhere
    pending: tuple[int, ...] = ()  # closure records whose entries are still on their way to the read model
    finding: Finding | None = None


def audit(
    reference: str,
    entries: Sequence[Stored],
    case: CaseRow | None,
    closures: Sequence[Closure] = (),
    *,
    head: str | None = None,
) -> Verdict:
    """Audit one timeline, ordered by sequence. `head` is a hash that was kept outside, of any of its entries."""
    finding = _chain(reference, entries) or _extent(entries, case) or _heads(entries, case, closures, head)
    return Verdict(
        reference=reference,
        entries=len(entries),
        erased=sum(entry.erased for entry in entries),
        imported=case is not None and case.imported,
        head=entries[-1].hash if entries else None,
        pending=() if finding else _pending(entries, closures),
        finding=finding,
    )


def _chain(reference: str, entries: Sequence[Stored]) -> Finding | None:
    previous = GENESIS
    for index, entry in enumerate(entries):
        found = _entry(reference, entries, index, previous)
        if found is not None:
            return found
        previous = entry.hash
    return None


def _entry(reference: str, entries: Sequence[Stored], index: int, previous: str) -> Finding | None:
    """What is wrong with an entry, if all before it are sound."""
    entry, wanted = entries[index], index + 1
    if _hash(reference, entry) != entry.hash:
        return _unlike_its_hash(reference, entries, index, previous)
    if entry.sequence != wanted:
        return Finding(wrong=Wrong.MISSING, first=wanted, last=entry.sequence - 1)
    if entry.previous != previous:  # sound in itself: so it is the one before that it was not recorded after
        return Finding(wrong=Wrong.REPLACED, first=index) if index else Finding(wrong=Wrong.FOREIGN, first=wanted)
    return _detail(entry)


def _unlike_its_hash(reference: str, entries: Sequence[Stored], index: int, previous: str) -> Finding:
    entry, here = entries[index], entries[index].sequence
    after = entries[index + 1] if index + 1 < len(entries) else None
    number = next((k for k in _numbers(entries, here) if _hash(reference, entry, sequence=k) == entry.hash), None)
    if number == here - 1 and index and entry.previous == (entries[index - 2].hash if index > 1 else GENESIS):
        # This one was recorded in the place of the one before, or it is a copy of it.
        return Finding(wrong=Wrong.INSERTED, first=here if entries[index - 1].hash == entry.hash else here - 1)
    if number is not None and number > here and not _somewhere(reference, entries, here):
        return Finding(wrong=Wrong.MISSING, first=here, last=number - 1)  # those after it were moved up
    if number is not None:
        return Finding(wrong=Wrong.MOVED, first=here, was=str(number))
    follows = entry.previous == previous
    if not follows and (after is None or after.previous != entry.hash):
        moved_up = after is not None and after.sequence == here + 1 and after.previous == previous
        return Finding(wrong=Wrong.INSERTED if moved_up else Wrong.FOREIGN, first=here)
    if after is not None and after.previous == previous:
        return Finding(wrong=Wrong.INSERTED, first=here)
    return Finding(wrong=Wrong.CHANGED, first=here, was=_original(reference, entry))


def _somewhere(reference: str, entries: Sequence[Stored], number: int) -> bool:
    """Whether the entry that was recorded under this number is there under another."""
    return any(_hash(reference, entry, sequence=number) == entry.hash for entry in entries)


def _numbers(entries: Sequence[Stored], here: int) -> list[int]:
    """Numbers that an entry may have been recorded under, its neighbours first."""
    every = range(1, len(entries) + 2)
    return sorted((k for k in every if k != here), key=lambda k: (abs(k - here), k))


def _original(reference: str, entry: Stored) -> str | None:
    """What was changed, where what it was can be found by trying."""
    for kind in Kind:
        if _hash(reference, entry._replace(kind=kind)) == entry.hash:
            return f"kind {kind}"
    for role in Role:
        if _hash(reference, entry._replace(actor_role=role)) == entry.hash:
            return f"role {role}"
    return "acted_at" if _hash(reference, entry._replace(at=entry.acted_at)) == entry.hash else None


def _detail(entry: Stored) -> Finding | None:
    if entry.erased:
        return None
    if entry.salt is None:
        return Finding(wrong=Wrong.UNPROVABLE, first=entry.sequence)
    try:
        detail: Any = json.loads(entry.detail) if entry.detail is not None else None
        sound = detail_digest(entry.salt, detail, entry.words) == entry.digest
    except ValueError:  # a salt that is no hexadecimal number
        sound = False
    return None if sound else Finding(wrong=Wrong.DETAIL, first=entry.sequence)


def _hash(reference: str, entry: Stored, *, sequence: int | None = None) -> str:
    return chain_hash(
        reference=reference,
        sequence=entry.sequence if sequence is None else sequence,
        at=entry.at,
        kind=entry.kind,
        # Never validated: what is stored may be no role of ours, and then the hash says so.
        actor=Actor.model_construct(id=entry.actor_id, role=entry.actor_role),  # type: ignore[arg-type]
        digest=entry.digest,
        previous=entry.previous,
    )


def _extent(entries: Sequence[Stored], case: CaseRow | None) -> Finding | None:
    """Entries are recorded along with `through`, in one transaction: neither can be ahead of the other."""
    if case is None:
        return Finding(wrong=Wrong.NO_CASE) if entries else None
    last = entries[-1].sequence if entries else 0
    if last < case.through:
        return Finding(wrong=Wrong.MISSING, first=last + 1, last=case.through)
    if last > case.through:
        return Finding(wrong=Wrong.INSERTED, first=case.through + 1, last=last)
    return None


def _heads(
    entries: Sequence[Stored], case: CaseRow | None, closures: Sequence[Closure], head: str | None
) -> Finding | None:
    known = {entry.hash for entry in entries}
    recorded = sum(entry.kind == Kind.CLOSURE_RECORDED for entry in entries)
    for record in closures:
        # A record may be stored a moment before its entries, but not after the case stands as closed.
        due = record.number <= recorded or (case is not None and case.ended)
        if due and record.head not in known:
            return Finding(wrong=Wrong.CLOSURE, closure=record.number)
    if head is not None and head not in known:
        return Finding(wrong=Wrong.HEAD)
    return _records(entries, closures)


def _records(entries: Sequence[Stored], closures: Sequence[Closure]) -> Finding | None:
    """Each record that an entry tells of is there as it was written. An erased detail tells of none any more."""
    stored = {record.number: record for record in closures}
    for entry in entries:
        if entry.kind != Kind.CLOSURE_RECORDED or entry.detail is None:
            continue
        told = json.loads(entry.detail)
        number, digest = told.get("number"), told.get("digest")
        record = stored.get(number)
        if record is None:
            if number is not None and _long_since(entry, entries[-1]):
                return Finding(wrong=Wrong.RECORD_MISSING, first=entry.sequence, closure=number)
        elif digest and record.record is not None and record_digest(json.loads(record.record)) != digest:
            return Finding(wrong=Wrong.RECORD_CHANGED, first=entry.sequence, closure=record.number)
    return None


def _long_since(entry: Stored, last: Stored) -> bool:
    """Whether the case went on for so long after an entry that what belongs to it is no longer on its way."""
    return last.kind == Kind.ARCHIVED or last.acted_at - entry.acted_at > _ON_ITS_WAY


def _pending(entries: Sequence[Stored], closures: Sequence[Closure]) -> tuple[int, ...]:
    known = {entry.hash for entry in entries}
    return tuple(record.number for record in closures if record.head not in known)
