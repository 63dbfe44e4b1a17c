"""Scenarios: a policy, a complaint and dated events, as a file that people and programs write (DESIGN, 10)."""

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Tag,
    ValidationError,
    WithJsonSchema,
    create_model,
)

from complaints.assignment import Agent
from complaints.errors import BadInput, NotFound
from complaints.messages.commands import Actor, AgentCommand
from complaints.messages.intake import Intake
from complaints.messages.signals import SIGNALS
from complaints.model import Frozen, bad_input
from complaints.vocabulary import Customer

_OFFSET = re.compile(r"\+(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_ACTOR = Actor(id="agent")


def _when(text: str) -> str:
    if _OFFSET.fullmatch(text) is None:
        try:
            aware = datetime.fromisoformat(text).tzinfo is not None
        except ValueError:
            aware = False
        if not aware:
            raise ValueError("not an instant; write it as 2026-11-22T09:00:00+07:00, or from receipt as +1d2h3m4s")
    return text


When = Annotated[
    str,
    AfterValidator(_when),
    WithJsonSchema(
        {"type": "string", "description": "ISO 8601 with offset, or elapsed since receipt", "examples": ["+1d2h3m4s"]}
    ),
]


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    at: When


class ChannelDown(_Event):
    """From `at` on no notice reaches the complainant until then."""

    channel_down_until: When


class Outage(_Event):
    """From `at` on nobody works on the case until then; messages wait.

    Then each is heard in turn, the first of them after everything that had fallen due, under the policy's outage rule.
    """

    outage_until: When


def _message_event(word: str, model: type[BaseModel]) -> type[BaseModel]:
    """A signal as an event; its id is optional, and `at` is the event's, not the sender's."""
    fields: dict[str, Any] = {
        name: (info.annotation, info) for name, info in model.model_fields.items() if name not in ("at", "message_id")
    }
    fields |= {"message": (Literal[word], ...), "message_id": (str | None, None)}
    return create_model(f"{model.__name__}Event", __base__=_Event, __doc__=model.__doc__, **fields)


def _act_event(model: type[BaseModel]) -> type[BaseModel]:
    fields: dict[str, Any] = {
        name: (info.annotation, info)
        for name, info in model.model_fields.items()
        if name not in ("key", "actor", "act")
    }
    word = model.model_fields["act"].default
    fields |= {"act": (Literal[word], ...), "key": (str | None, None), "actor": (Actor, _ACTOR)}
    return create_model(f"{model.__name__}Event", __base__=_Event, __doc__=model.__doc__, **fields)


_COMMANDS = {model.model_fields["act"].default: model for model in get_args(get_args(AgentCommand)[0])}
_MODELS: dict[str, type[BaseModel]] = {
    **{name: _message_event(name, model) for name, model in SIGNALS.items()},
    **{name: _act_event(model) for name, model in _COMMANDS.items()},
    "channel_down_until": ChannelDown,
    "outage_until": Outage,
}


_TAGS = frozenset(_MODELS) - {"channel_down_until", "outage_until"}


def _kind(raw: Any) -> str | None:
    if not isinstance(raw, Mapping):
        raw = raw.__dict__
    for key in ("channel_down_until", "outage_until"):
        if key in raw:
            return key
    found = raw.get("message") or raw.get("act")
    return str(found) if found else None


def _one_of() -> Any:
    union: Any = None
    for name, model in _MODELS.items():
        tagged: Any = Annotated[model, Tag(name)]
        union = tagged if union is None else union | tagged
    return Annotated[
        union,
        Discriminator(
            _kind,
            custom_error_type="unknown_event",
            custom_error_message="an event is a `message`, an `act`, a `channel_down_until` or an `outage_until`",
        ),
    ]


Event = _one_of()


class Scenario(Frozen):
    """One complaint's story. Clocks run to `until`, inclusive."""

    policy: str | dict[str, Any] = "id.default"
    overrides: dict[str, Any] = {}
    agents: tuple[Agent, ...] = ()
    customers: dict[str, Customer] = {}  # what a look-up says of a customer number
    complaint: Intake
    events: tuple[Event, ...] = ()  # type: ignore[valid-type]  # built from the messages' own models
    until: When

    @property
    def received_at(self) -> datetime:
        if self.complaint.received_at is None:
            raise BadInput(
                "is needed", field="complaint.received_at", remedy="give the receipt instant with its offset"
            )
        return self.complaint.received_at

    def instant(self, when: str) -> datetime:
        """An instant of the scenario, in UTC."""
        match = _OFFSET.fullmatch(when)
        if match is None:
            at = datetime.fromisoformat(when)
        else:
            days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
            at = self.received_at + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        return at.astimezone(self.received_at.tzinfo)


def load(source: str | Path | Mapping[str, Any]) -> Scenario:
    """Read a scenario from a file (YAML, JSON; `-`: standard input) or a mapping. Raises `BadInput`."""
    raw = source if isinstance(source, Mapping) else _read(source)
    if not isinstance(raw, Mapping):
        raise BadInput("not a mapping", field="scenario", remedy="`tuntas schema scenario` prints the form")
    complaint = raw.get("complaint")
    if isinstance(complaint, Mapping) and "key" not in complaint:
        raw = {**raw, "complaint": {"key": "scenario", **complaint}}
    events = raw.get("events") or ()
    try:
        scenario = Scenario.model_validate({**_hyphens(raw), "events": [_hyphens(event) for event in events]})
    except ValidationError as error:
        raise _located(error) from None
    _check_order(scenario)
    return scenario


def _hyphens(value: Any) -> Any:
    """`de-escalate` is how people write `de_escalate`."""
    if isinstance(value, Mapping) and isinstance(value.get("act"), str):
        act = value["act"].strip().lower().replace("-", "_").replace(" ", "_")
        return {**value, "act": {"deescalate": "de_escalate", "re_plan": "replan"}.get(act, act)}
    return value


def _located(error: ValidationError) -> BadInput:
    """The tag of the events' union is no part of what people wrote."""
    problem = bad_input(error)
    parts = [part for part in problem.field.split(".") if part not in _TAGS]
    return BadInput(problem.problem, field=".".join(parts), remedy=problem.remedy)


def _read(source: str | Path) -> Any:
    if str(source) == "-":
        import sys

        text = sys.stdin.read()
    else:
        try:
            text = Path(source).read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            raise NotFound(f"no file {source}", field="scenario", remedy="check the path") from None
        except (OSError, UnicodeDecodeError):
            raise BadInput(f"cannot read {source}", field="scenario", remedy="give a UTF-8 YAML or JSON file") from None
    try:
        if text.lstrip().startswith("{"):
            return json.loads(text)
        return yaml.load(text, Loader=_Plain)  # noqa: S506  it derives from the safe loader
    except (json.JSONDecodeError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else getattr(error, "lineno", 0)
        raise BadInput(f"not YAML or JSON at line {line}", field="scenario", remedy="correct this line") from None


class _Plain(yaml.CSafeLoader):
    """Instants stay text: YAML's own dates would lose their offset."""

    yaml_implicit_resolvers = {
        letter: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
        for letter, pairs in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }


def _check_order(scenario: Scenario) -> None:
    last, above = scenario.received_at, "the receipt"
    for index, event in enumerate(scenario.events):
        at = scenario.instant(event.at)  # type: ignore[attr-defined]  # every event has it
        if at < last:
            remedy = "order the events by time" if index else "give a later instant, or an earlier receipt"
            raise BadInput(f"comes before {above}", field=f"events.{index}.at", remedy=remedy)
        last, above = at, f"the event above it, which is at {event.at}"  # type: ignore[attr-defined]
        for key in ("channel_down_until", "outage_until"):
            ends = getattr(event, key, None)
            if ends is not None and scenario.instant(ends) < at:
                raise BadInput("ends before it begins", field=f"events.{index}.{key}", remedy="give a later end")
