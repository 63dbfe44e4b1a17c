"""Two policies compared by meaning: what a reviewer must know has changed, and nothing that only moved in a file.

Pure. A policy becomes a tree in which whatever stands in a list is found by its natural key: a tier or a solution by
its name, a target by what it applies to, a closed date by its date. Two trees are compared node by node.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from complaints.model import Frozen
from complaints.policy import Policy
from policies.books import Book, Text, alternatives

OTHERWISE = "otherwise"
SUBJECTS: Mapping[str, tuple[str, ...]] = {
    "pack": ("pack", "version", "as_of", "sources", "disclaimer", "demands"),
    "people": ("languages", "timezone", "currency"),
    "clocks": ("clocks", "early_closing", "undelivered"),
    "tiers": ("tiers",),
    "escalation": ("escalation", "approver_tier"),
    "categories": ("categories", "default_severity"),
    "limits": (
        "verification",
        "transfers",
        "disputes",
        "on_dispute",
        "on_reopen",
        "hold",
        "aftercare",
        "closure",
        "evaluation",
        "outage",
        "duplicates",
    ),
    "outside bodies": ("outside_bodies",),
    "calendars": ("calendars",),
    "texts": ("texts",),
}
_SUBJECT_OF = {key: subject for subject, keys in SUBJECTS.items() for key in keys}
_LEFT_OUT = {"texts", "texts_version"}  # the texts themselves are compared
_DIMENSIONS = ("channel", "category", "severity", "form")

Tree = dict[str, Any]


class Listed(dict[str, Any]):
    """The members of a list by their natural key. `ordered`: their order has a meaning that the keys do not show."""

    def __init__(self, members: Mapping[str, Any], *, ordered: bool = True) -> None:
        super().__init__(members)
        self.ordered = ordered


class Difference(Frozen):
    """One thing that is not the same; null where a policy does not have it."""

    subject: str
    path: str
    before: Any
    after: Any


def compare(before: Tree, after: Tree) -> list[Difference]:
    """Return every difference of two trees, by subject and then in the order of the first policy."""
    order = list(SUBJECTS)
    found = [difference for name in dict.fromkeys((*before, *after)) for difference in _top(name, before, after)]
    return sorted(found, key=lambda difference: order.index(difference.subject))


def tree(policy: Policy, book: Book | None = None, *, whole_texts: bool = False) -> Tree:
    """Return a policy as it is compared; its texts as digests unless they are wanted whole."""
    raw = policy.model_dump(mode="json", exclude=_LEFT_OUT)
    raw["categories"] = {
        key: {name: value for name, value in category.items() if name != "name"}
        for key, category in raw["categories"].items()
    }
    for name, source in policy.calendars.items():
        calendar = raw["calendars"][name]
        calendar["closed"] = [day.model_dump(mode="json") for day in source.closed_dates]
        if calendar["holidays"]:
            calendar["holidays"] = {key: value for key, value in calendar["holidays"].items() if key != "dates"}
    found = {name: node for name, value in raw.items() if (node := _node(value)) is not None}
    return {**found, "texts": _texts(book, whole_texts)} if book is not None else found


def _top(name: str, before: Tree, after: Tree) -> Iterator[Difference]:
    subject = _SUBJECT_OF.get(name, "limits")
    yield from _compare(subject, name, before.get(name), after.get(name))


def _compare(subject: str, path: str, before: Any, after: Any) -> Iterator[Difference]:
    if isinstance(before, dict) and isinstance(after, dict):
        listed = isinstance(before, Listed) or isinstance(after, Listed)
        for key in dict.fromkeys((*before, *after)):
            below = f"{path}[{key}]" if listed else f"{path}.{key}"
            yield from _compare(subject, below, before.get(key), after.get(key))
        if getattr(after, "ordered", False) and _moved(list(before), list(after)):
            yield Difference(subject=subject, path=f"{path}.order", before=list(before), after=list(after))
    elif before != after:
        yield Difference(subject=subject, path=path, before=before, after=after)


def _moved(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether the order is more than what leaving out and adding at the end makes of it."""
    kept = [key for key in before if key in after]
    expected = [*kept, *(key for key in after if key not in before)]
    return [key for key in expected if key != OTHERWISE] != [key for key in after if key != OTHERWISE]


def _node(value: Any) -> Any:
    """Return a value as a node; None for whatever says nothing: null, an empty list, an empty mapping."""
    if isinstance(value, Mapping):
        return _mapping(value)
    if isinstance(value, (list, tuple)):
        if value and all(isinstance(member, Mapping) for member in value):
            return _list(value)
        return _hours(value) if value and all(isinstance(member, (list, tuple)) for member in value) else value or None
    return value


def _mapping(value: Mapping[str, Any]) -> Any:
    found = {name: node for name, part in value.items() if (node := _node(part)) is not None}
    if isinstance(found.get("target"), str):
        calendar = found.pop("calendar", None)
        found["target"] = f"{found['target']} ({calendar})" if calendar else found["target"]
        return found["target"] if len(found) == 1 else found
    return found or None


def _list(members: Sequence[Mapping[str, Any]]) -> Listed:
    found: dict[str, Any] = {}
    for position, member in enumerate(members, 1):
        key, rest = _keyed(member, position)
        if key in found:
            key = f"{key} #{position}"
        found[key] = _node(rest)
    return Listed(found, ordered=not any(name in members[0] for name in ("date", "demand")))


def _keyed(member: Mapping[str, Any], position: int) -> tuple[str, Mapping[str, Any]]:
    for name in ("name", "date", "demand"):
        if isinstance(member.get(name), str):
            return member[name], {key: value for key, value in member.items() if key != name}
    if "when" in member:
        return _when(member["when"]), {key: value for key, value in member.items() if key != "when"}
    return f"#{position}", member


def _when(condition: Mapping[str, Any]) -> str:
    said = [f"{name} {' or '.join(condition[name])}" for name in _DIMENSIONS if condition.get(name) is not None]
    return ", ".join(said) or OTHERWISE


def _hours(intervals: Sequence[Sequence[str]]) -> str:
    return ", ".join("-".join(interval) for interval in intervals)


def _texts(book: Book, whole: bool) -> Tree:
    """Return the texts by language: notices by occasion, words by group and name."""
    found: Tree = {}
    for language in dict.fromkeys((*book.notices, *book.words)):
        notices = {str(occasion): _text(text) for occasion, text in book.notices.get(language, {}).items()}
        words = book.words[language].model_dump(mode="json") if language in book.words else {}
        found[language] = {"notices": notices, "words": words}
    return found if whole else {language: _digests(parts) for language, parts in found.items()}


def _text(text: Text) -> Tree:
    return {"subject": text.subject, "body": [" | ".join(alternatives(paragraph)) for paragraph in text.body]}


def _digests(parts: Tree) -> Tree:
    words = parts["words"]
    flat = {name: group for name, group in words.items() if not isinstance(group, dict)}
    return {
        "notices": {occasion: _digest(text) for occasion, text in parts["notices"].items()},
        "words": {
            **{name: _digest(word) for name, word in flat.items()},
            **{
                group: {name: _digest(word) for name, word in members.items()}
                for group, members in words.items()
                if group not in flat
            },
        },
    }


def _digest(value: Any) -> str:
    return f"digest {hashlib.sha256(repr(value).encode()).hexdigest()[:12]}"
