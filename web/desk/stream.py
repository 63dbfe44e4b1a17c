"""Conversation and timeline as one stream, the latest first: what was said, what was sent, what happened."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from complaints.case.moving_on import BY_ITSELF
from complaints.messages.view import EntryView
from complaints.model import Frozen, Personal
from complaints.vocabulary import Kind, Role
from database.notices import NoticeRow
from database.notices import State as NoticeState
from web.desk.voice import Voice

Manner = Literal["theirs", "ours", "note", "event", "quiet", "sent"]
LATEST = 60  # items on the first page

_THEIRS = frozenset(
    {
        Kind.COMPLAINANT_REPLIED, Kind.DISPUTED, Kind.SATISFACTION_CONFIRMED, Kind.WITHDRAWN, Kind.SURVEY_ANSWERED,
        Kind.ACTION_CONFIRMED, Kind.ACTION_DENIED,
    }
)  # fmt: skip
_OURS = frozenset({Kind.RESPONDED, Kind.UPDATE_SENT, Kind.INFORMATION_REQUESTED, Kind.DECIDED})
_NOTES = frozenset({Kind.NOTED, Kind.DECISION_PROPOSED})
_QUIET = BY_ITSELF - {Kind.REFUSED, Kind.CAUGHT_UP} | {Kind.CLOSURE_RECORDED}
# What a reviewer and whoever was judged say to each other is read on pages of their own.
_BETWEEN_TWO = frozenset({Kind.EVALUATION_RECORDED, Kind.EVALUATION_ANSWERED})
# The letter itself stands in the stream; that it was handed over says its own line.
_TOLD_BY_THE_LETTER = frozenset({Kind.NOTICE_HANDED_OVER})
_INSTANTS = ("due_at", "review_at", "expected_at", "until")
_OWNERS = ("to", "previous", "owner")


class Item(Frozen):
    """One thing in the stream. `text` is what somebody wrote, `letter` what was sent to the complainant."""

    id: str
    at: datetime
    manner: Manner
    who: str
    sentence: str
    text: Personal | None = None
    letter: NoticeRow | None = None


def stream(entries: Sequence[EntryView], letters: Sequence[NoticeRow], voice: Voice) -> tuple[Item, ...]:
    """Return everything, the latest first."""
    items = [_entry(entry, voice) for entry in entries if entry.kind not in _TOLD_BY_THE_LETTER]
    items += [_letter(row, voice) for row in letters]
    order = {item.id: number for number, item in enumerate(items)}
    return tuple(sorted(items, key=lambda item: (item.at, order[item.id]), reverse=True))


def sentences(entries: Iterable[EntryView], voice: Voice) -> tuple[Item, ...]:
    """Return entries as they are said, in their order."""
    return tuple(_entry(entry, voice) for entry in entries)


def _entry(entry: EntryView, voice: Voice) -> Item:
    text = None if entry.kind in _BETWEEN_TWO else entry.detail.get("text")
    return Item(
        id=f"entry-{entry.sequence}", at=entry.at, manner=_manner(entry, text), who=voice.actor(entry.actor),
        sentence=said(entry, voice), text=Personal(text) if text else None,
    )  # fmt: skip


def _manner(entry: EntryView, text: Any) -> Manner:
    if entry.kind in _THEIRS:
        return "theirs"
    if entry.kind in _OURS and text:
        return "ours"
    if entry.kind in _NOTES:
        return "note"
    return "quiet" if entry.kind in _QUIET else "event"


def said(entry: EntryView, voice: Voice) -> str:
    """Return what an entry says in one sentence; who did it stands beside it."""
    key = f"entries.{entry.kind}"
    if entry.kind is Kind.UPDATE_SENT and entry.detail.get("automatic"):
        key = "entries.update_sent_automatic"
    if entry.kind is Kind.SURVEY_ANSWERED and entry.detail.get("solved") is False:
        key = "entries.survey_came_back"
    values = _values(entry.detail, voice)
    parts = [voice.say(key, **{"kind": str(entry.kind), **values})]
    if entry.kind in _BETWEEN_TWO:
        return parts[0]
    told = voice.say(key)  # what the sentence itself says is not said again
    extra = [name for name in voice.d["extra"] if values.get(name) and f"{{{name}}}" not in told]
    parts += [voice.say(f"extra.{name}", value=values[name]) for name in extra]
    return " ".join(parts)


def _values(detail: Mapping[str, Any], voice: Voice) -> dict[str, str]:
    """Return the details of an entry in words."""
    found = {name: _value(name, value, voice) for name, value in detail.items() if value is not None and name != "text"}
    return {name: text for name, text in found.items() if text}


def _value(name: str, value: Any, voice: Voice) -> str:
    if name in _INSTANTS:
        return voice.when(datetime.fromisoformat(str(value)))
    if name in _OWNERS:
        return voice.owner(str(value))
    if name in _NAMED:
        return str(_NAMED[name](voice, value))
    if name == "found":
        return ", ".join(str(one["reference"]) for one in value)
    if isinstance(value, list):
        return ", ".join(str(one).replace("_", " ") for one in value)
    return "" if isinstance(value, dict | bool) else str(value)


def _step(voice: Voice, name: str) -> str:
    return voice.label((step for category in voice.policy.categories.values() for step in category.procedure), name)


def _reason(voice: Voice, name: str) -> str:
    d = voice.d
    for words in (d["closing_reason"], d["reopening_reason"], d["survey_reason"]):
        if name in words:
            return str(words[name])
    return voice.reason(name)


_NAMED: Mapping[str, Any] = {
    "metric": lambda voice, value: voice.word("metric", value),
    "category": lambda voice, value: voice.category(value),
    "severity": lambda voice, value: voice.word("severity", value),
    "channel": lambda voice, value: voice.word("channel", value),
    "status": lambda voice, value: voice.word("status", value),
    "outcome": lambda voice, value: voice.word("outcome", value),
    "cause": lambda voice, value: voice.word("cause", value),
    "fact": lambda voice, value: voice.word("facts", value),
    "description": lambda voice, value: voice.reason(value),  # a task of the case's own is a name, a person's are words
    "explanation": lambda voice, value: voice.explanation(value),
    "occasion": lambda voice, value: voice.word("occasions", value),
    "tier": lambda voice, value: voice.tier(value),
    "from_tier": lambda voice, value: voice.tier(value),
    "step": _step,
    "act": lambda voice, value: voice.word("acts", value),
    "cost": lambda voice, value: voice.money(value) if value else "",
    "remedies": lambda voice, value: ", ".join(voice.solution(one) for one in value),
    "reason": _reason,
    "explains_closing": lambda voice, value: voice.word("closing_reason", value),
    "fraction": lambda _voice, value: f"{value:.0%}",
    "causes": lambda voice, value: ", ".join(voice.word("review_causes", one) for one in value),
    "actor": lambda voice, value: voice.people.get(value, value),
    "approved_by": lambda voice, value: voice.people.get(value, value),
    "scores": lambda voice, value: ", ".join(f"{voice.word('scores', one)} {score}/5" for one, score in value.items()),
    "missing": lambda voice, value: ", ".join(voice.word("detail", one) for one in value),
}


def _letter(row: NoticeRow, voice: Voice) -> Item:
    return Item(
        id=f"letter-{row.key}", at=row.sent_at or row.written_at, manner="sent",
        who=str(voice.d["actors"][Role.SYSTEM]),
        sentence=voice.say(
            f"letters.{NoticeState(row.state)}", occasion=voice.word("occasions", row.occasion),
            channel=voice.word("channel", row.channel),
        ),
        letter=row,
    )  # fmt: skip
