"""The forms of commands: made from the command's own model, read back into it, with problems beside their fields.

What a form cannot ask by itself (who it may be given to, which steps there are) it takes from the case. What was typed
is kept whatever comes of it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from starlette.datastructures import FormData

from complaints.messages.commands import COMMANDS, AgentCommand
from complaints.model import Frozen

Kind = Literal["text", "line", "short", "choice", "truth", "instant", "number"]

MODELS: Mapping[str, Any] = {
    command.model_fields["act"].default: command for command in get_args(get_args(AgentCommand)[0])
}
OF_THE_FORM = ("act", "key", "actor", "based_on")
_KINDS: Mapping[str, Kind] = {
    "text": "text", "reasons": "text", "findings": "text", "explanation": "text",
    "note": "line", "how": "line", "cause": "line", "evidence": "line", "coaching": "line", "corrective_action": "line",
    "description": "line", "review_at": "instant", "due_at": "instant",
    "consent_at": "instant", "satisfied": "truth", "effective": "truth",
    "category": "choice", "severity": "choice", "metric": "choice", "outcome": "choice", "kind": "choice",
    "language": "choice", "preferred_channel": "choice", "method": "choice", "step": "choice", "action": "choice",
    "speed": "choice", "solution": "choice", "communication": "choice", "rating": "choice", "to": "choice",
    "handling": "choice", "effort": "choice", "solved": "truth", "stop": "truth",
    "owner": "choice", "policy": "short", "party": "short", "fishbone_class": "choice",
}  # fmt: skip
_CHOSEN = {("close", "reason"), ("reopen", "reason"), ("extend", "reason")}
_LINES = {("hold", "reason"), ("escalate", "reason"), ("de_escalate", "reason"), ("decline", "reason"),
          ("reopen", "text"), ("replan", "reason"), ("change_action", "reason"),
          ("cancel_action", "reason"), ("decline_reopening", "reason")}  # fmt: skip
_TYPED = {("refer", "to"), ("merge", "into")}
_SKIPPED = {
    "details", "remedies", "whys", "corrective_actions", "preventive_actions", "plan", "sha256", "media_type", "size",
    "decision", "within", "closing", "facts",
}  # fmt: skip
_MEASURE = ("description", "owner", "due_at")
_LISTS = {
    "remedies": ("solution", "detail", "cost"), "whys": ("why", "answer", "evidence"), "corrective_actions": _MEASURE,
    "preventive_actions": _MEASURE,
}  # fmt: skip


class Option(Frozen):
    value: str
    label: str


class Field(Frozen):
    """A field of a form."""

    name: str
    kind: Kind
    required: bool
    options: tuple[Option, ...] = ()


class Problem(Frozen):
    """What is wrong with what was typed: the field, and a word of `desk.yaml`, `problems`."""

    field: str
    what: str
    said: str = ""


def fields_of(act: str, choices: Mapping[str, Sequence[Option]]) -> tuple[Field, ...]:
    """Return the fields of a command that a generated form asks for; `choices` are those of the case."""
    found = []
    for name, info in MODELS[act].model_fields.items():
        if name in OF_THE_FORM or name in _SKIPPED:
            continue
        kind = _kind(act, name)
        options = tuple(choices.get(f"{act}.{name}") or choices.get(name) or ()) if kind == "choice" else ()
        found.append(Field(name=name, kind=kind, required=info.is_required(), options=options))
    return tuple(found)


def _kind(act: str, name: str) -> Kind:
    if (act, name) in _CHOSEN:
        return "choice"
    if (act, name) in _LINES:
        return "line"
    if (act, name) in _TYPED:
        return "short"
    return _KINDS.get(name, "short")


def is_words(act: str, name: str) -> bool:
    """Whether a field holds what somebody wrote, rather than what they chose."""
    return "-" in name or _kind(act, name) in ("text", "line")


def read(act: str, form: FormData, timezone: str) -> dict[str, Any]:
    """Return what was typed as a command's values; what was left empty is left out."""
    values: dict[str, Any] = {}
    for name in MODELS[act].model_fields:
        if name in OF_THE_FORM:
            continue
        if name in _LISTS:
            rows = _rows(form, name, _LISTS[name], timezone)
            if rows:
                values[name] = rows
            continue
        if name == "facts":  # ticked in a list
            if ticked := [str(value) for value in form.getlist(name) if isinstance(value, str) and value]:
                values[name] = ticked
            continue
        typed = form.get(name)
        if isinstance(typed, str) and typed.strip():
            values[name] = _value(_kind(act, name), typed, timezone)
    return values


def _rows(form: FormData, name: str, columns: tuple[str, ...], timezone: str) -> list[dict[str, Any]]:
    """Return the rows of a list, those that hold anything: `remedies-cost` is one field a row."""
    typed = {column: [str(value).strip() for value in form.getlist(f"{name}-{column}")] for column in columns}
    rows = []
    for number in range(max(map(len, typed.values()), default=0)):
        row = {column: values[number] for column, values in typed.items() if number < len(values) and values[number]}
        if row.keys() & {columns[0], columns[1]}:
            rows.append({column: _cell(column, value, timezone) for column, value in row.items()})
    return rows


def _cell(column: str, typed: str, timezone: str) -> str:
    if column == "cost":
        return _amount(typed)
    return _instant(typed, timezone) if column == "due_at" else typed


def _value(kind: Kind, typed: str, timezone: str) -> Any:
    if kind == "truth":
        return typed == "yes"
    if kind == "instant":
        return _instant(typed, timezone)
    return typed if kind in ("text", "line") else typed.strip()


def _instant(typed: str, timezone: str) -> str:
    """Return what a date field holds as an instant; what is none is left for the command to refuse."""
    try:
        at = datetime.fromisoformat(typed.strip())
    except ValueError:
        return typed
    return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(timezone))).isoformat()


def _amount(typed: str) -> str:
    """Return an amount without what people put between its digits."""
    return typed.removeprefix("Rp").replace(".", "").replace(",", "").replace(" ", "").strip()


def command_of(act: str, values: Mapping[str, Any], given: Mapping[str, Any]) -> AgentCommand | tuple[Problem, ...]:
    """Return the command, or what is wrong with each field."""
    try:
        return COMMANDS.validate_python({**values, **given, "act": act})
    except ValidationError as error:
        return tuple(problem_of(one) for one in error.errors(include_url=False, include_input=False))


_WHAT = {
    "missing": "missing", "string_too_long": "too_long", "enum": "choice", "literal_error": "choice",
    "int_parsing": "number", "int_from_float": "number", "greater_than_equal": "number", "less_than_equal": "number",
    "datetime_from_date_parsing": "date", "datetime_parsing": "date", "timezone_aware": "date",
    "string_too_short": "missing", "string_pattern_mismatch": "other",
}  # fmt: skip
_SAID = {"longer than": "too_long", "empty": "missing", "not an e-mail": "address", "not a phone": "phone"}


def problem_of(error: Any, *, below: int = 1) -> Problem:
    """Return one of pydantic's errors as a problem of a field; a command's path begins with the union's tag."""
    path = [str(part) for part in error["loc"][below:]]
    said = str(error["msg"]).removeprefix("Value error, ")
    what = _WHAT.get(error["type"]) or next((w for start, w in _SAID.items() if said.startswith(start)), "other")
    return Problem(field="-".join(part for part in path if not part.isdigit()), what=what, said=said)
