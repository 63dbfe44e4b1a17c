"""What the places of a template stand for: instants, names and lists in the words of a language."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import chain
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, get_timezone_name
from babel.lists import format_list
from babel.numbers import format_percent

from complaints.messages.duties import AgentNotice, Notice, NoticeFacts
from complaints.model import Named
from complaints.policy import Policy
from complaints.targets import Target
from complaints.vocabulary import Language
from policies.books import Words

Values = Mapping[str, str]


def word(words: Words, group: str, name: str) -> str:
    """Return the word for a name of a group; a name without one in plain letters."""
    known: Mapping[str, str] = getattr(words, group)
    return known.get(name) or name.replace("_", " ")


def duration(target: Target, words: Words) -> str:
    """Return a target in words, such as "3 hari kerja"."""
    number, _, unit = target.partition(" ")
    one, several = words.duration[unit.replace(" ", "_")]
    return (one if number == "1" else several).replace("{n}", number)


def instant(at: datetime, words: Words, language: Language, timezone: str) -> str:
    """Return an instant as the language writes it, with the zone's short name."""
    local = at.astimezone(ZoneInfo(timezone))
    # Not every language has a short name for every zone: the country's own says more than an offset.
    names = (str(get_timezone_name(local, width="short", locale=each)) for each in (language, Language.ID))
    name = next((name for name in names if name.isalpha()), None) or _offset(local.utcoffset())
    return f"{format_datetime(local, words.date, tzinfo=local.tzinfo, locale=language)} {name}"


def _offset(offset: timedelta | None) -> str:
    minutes = (offset or timedelta()) // timedelta(minutes=1)
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


class Speaker:
    """Says the facts of notices in one language, with the names a policy gives its tiers, categories and solutions."""

    def __init__(self, policy: Policy, words: Words, language: Language, timezone: str) -> None:
        self._policy, self._words, self._language, self._timezone = policy, words, language, timezone

    def values(self, notice: Notice | AgentNotice) -> Values:
        """Return a text for every place of a template; an empty one for what the notice does not say."""
        facts = notice.facts
        return {
            "reference": notice.reference,
            "at": self._instant(notice.at),
            "number": "" if facts.number is None else str(facts.number),
            "words": facts.words or "",
            "actor": facts.actor or "",
            "fraction": "" if facts.fraction is None else str(format_percent(facts.fraction, locale=self._language)),
            "promised_at": self._instant(facts.promised_at),
            "answer_by": self._instant(facts.answer_by),
            "review_at": self._instant(facts.review_at),
            "due_at": self._instant(facts.due_at),
            "limit": "" if facts.limit is None else duration(facts.limit, self._words),
            "limit_at": self._instant(facts.limit_at),
            **{
                name: self._word(name, getattr(facts, name))
                for name in ("outcome", "severity", "metric", "cause", "change")
            },
            "reason": self._reason(facts.reason),
            **_links(notice),
            **self._names(facts),
        }

    def _instant(self, at: datetime | None) -> str:
        return "" if at is None else instant(at, self._words, self._language, self._timezone)

    def _word(self, group: str, name: str | None) -> str:
        return "" if name is None else word(self._words, group, name)

    def _reason(self, reason: str | None) -> str:
        """A reason is one of the policy's words, of a closed set's, or an agent's own line, which stays as it is."""
        for group in ("reason", "reopening_reason", "closing_reason"):
            known: Mapping[str, str] = getattr(self._words, group)
            if reason is not None and reason in known:
                return known[reason]
        return reason or ""

    def _names(self, facts: NoticeFacts) -> Values:
        categories = self._policy.categories
        own = [categories[facts.category]] if facts.category in categories else []
        every = [*own, *categories.values()]
        solutions = [self._label(chain.from_iterable(c.solutions for c in every), name) for name in facts.remedies]
        return {
            "category": self._label(own, facts.category),
            "tier": self._label(self._policy.tiers, facts.tier),
            "remedies": self._list(solutions),
            "steps": _lines(self._label(chain.from_iterable(c.procedure for c in every), name) for name in facts.steps),
            "missing": _lines(word(self._words, "detail", name) for name in facts.missing),
            "actions": _lines(facts.actions),
            "cases": self._list(list(facts.cases)),
            "bodies": self._list([self._words.body.get(name, name) for name in facts.bodies], style="or"),
        }

    def _label(self, named: Iterable[Named], name: str | None) -> str:
        if name is None:
            return ""
        found = next((thing for thing in named if thing.name == name), None)
        return found.in_language(self._language) if found else name.replace("_", " ")

    def _list(self, items: list[str], style: Literal["standard", "or"] = "standard") -> str:
        return str(format_list(items, style=style, locale=self._language)) if items else ""


def _links(notice: Notice | AgentNotice) -> Values:
    links = notice.links if isinstance(notice, Notice) else None
    if links is None:
        return {"link": "", "link_yes": "", "link_no": "", "survey": "", "survey_stop": ""}
    return {
        "link": links.follow, "link_yes": links.yes, "link_no": links.no,
        "survey": links.survey or "", "survey_stop": links.stop or "",
    }  # fmt: skip


def _lines(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)
