"""A verb for every agent command, with options generated from the command's model: `tuntas respond REF --text …`.

The model is the only place that says what a command may hold: what is given here is read by it, and refused by it.
"""

import getpass
import inspect
import re
from collections.abc import Callable, Mapping
from enum import Enum
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from commands.acting import carry_out
from commands.inputs import Files, Key, Reference, files, pairs
from commands.output import Json
from complaints.errors import BadInput
from complaints.messages.commands import AgentCommand, Measure, Remedy, Why
from complaints.messages.intake import Evidence

PANEL = "Agent commands"
_COMMON = ("act", "key", "actor")
_ELSEWHERE = ("replan",)  # has a command of its own: it looks before it acts, and acts on many
_HELP = {
    "assess": "Set category and severity; targets are chosen again.",
    "respond": "Answer the complainant.",
    "send_update": "Tell the complainant how it stands.",
    "request_information": "Ask the complainant something; the case waits for the answer.",
    "resume": "Go on after a hold.",
    "escalate": "Raise the case to a higher tier.",
    "de_escalate": "Bring the case down to a lower tier.",
    "note": "Write an internal note.",
    "record_step": "Record a step of the category's procedure.",
    "approve": "Approve the proposed decision.",
    "decline": "Decline the proposed decision.",
    "complete_action": "Mark a promised action as done.",
    "record_confirmation": "Record the complainant's answer to a decision, and how it was given.",
    "record_survey": "Record the complainant's answer to the survey after closing, and how it was given.",
    "record_withdrawal": "Record the complainant's withdrawal, and how it was given.",
    "reopen": "Reopen a closed or archived case.",
    "merge": "Merge into another case.",
    "unmerge": "Undo a merge.",
}
# Lists of small models, written in one option each: their separator, the fields in order.
_WRITTEN: dict[type[BaseModel], tuple[str, tuple[str, ...]]] = {
    Remedy: (":", ("solution", "cost", "detail")),
    Why: ("|", ("why", "answer", "evidence")),
    Measure: ("|", ("description", "owner", "within", "due_at")),
}
_FLAGS = {
    "remedies": "--remedy", "whys": "--why", "corrective_actions": "--corrective", "preventive_actions": "--preventive",
}  # fmt: skip


def models() -> tuple[type[BaseModel], ...]:
    """Return the model of every agent command that has a verb, in the order of the union."""
    union, *_ = get_args(AgentCommand)
    return tuple(model for model in get_args(union) if model.model_fields["act"].default not in _ELSEWHERE)


def add_to(app: typer.Typer) -> None:
    for model in models():
        act = model.model_fields["act"].default
        app.command(act.replace("_", "-"), help=_help(model, act), rich_help_panel=PANEL)(_verb(model, act))


def _help(model: type[BaseModel], act: str) -> str:
    own = model.__dict__.get("__doc__")
    return " ".join(own.split()) if own else _HELP[act]


def _verb(model: type[BaseModel], act: str) -> Callable[..., None]:
    fields = {name: field for name, field in model.model_fields.items() if name not in _COMMON}

    def verb(reference: str, actor: str, role: str, key: str | None, *, as_json: bool, **given: Any) -> None:
        brought = files(given.pop("evidence", None) or ()) if _takes_files(fields) else ()
        raw = {name: _read(name, fields[name], value) for name, value in given.items() if value not in (None, [])}
        command = {**raw, "act": act, "actor": {"id": actor, "role": role}}
        carry_out(reference, command, key, as_json=as_json, brought=brought)

    keyword = inspect.Parameter.KEYWORD_ONLY
    common = {
        "actor": (
            Annotated[str, typer.Option("--as", help="The agent who acts. [your user name]", show_default=False)],
            user_name(),
        ),
        "role": (Annotated[str, typer.Option("--role", help="agent, lead, auditor or admin.")], "agent"),
        "key": (Key, None),
        "as_json": (Json, False),
    }
    parameters = [inspect.Parameter("reference", keyword, annotation=Reference)]
    parameters += [inspect.Parameter(name, keyword, **_option(name, field)) for name, field in fields.items()]
    parameters += [
        inspect.Parameter(name, keyword, annotation=kind, default=default) for name, (kind, default) in common.items()
    ]
    verb.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what inspect.signature returns
    verb.__name__ = act
    return verb


def _takes_files(fields: Mapping[str, FieldInfo]) -> bool:
    """Whether its evidence are files; that of a root cause is a line."""
    return "evidence" in fields and _core(fields["evidence"].annotation) is Evidence


def _option(name: str, field: FieldInfo) -> dict[str, Any]:
    """Return the annotation and default of one option; all but flags and lists is text for the model."""
    kind, flag = _core(field.annotation), "--" + name.replace("_", "-")
    if kind is Evidence:
        return {"annotation": Files, "default": None}
    needed = " [required]" if field.is_required() else ""
    if kind is bool:
        annotation: Any = Annotated[bool | None, typer.Option(f"{flag}/--no-{flag[2:]}", help=needed.strip() or None)]
    elif kind in _WRITTEN:
        flag, (separator, parts) = _FLAGS[name], _WRITTEN[kind]
        shape = separator.join(parts[:1]) + "".join(f"[{separator}{part}]" for part in parts[1:])
        annotation = Annotated[list[str] | None, typer.Option(flag, metavar=shape.upper(), help="May be repeated.")]
    elif _is_list(field):
        annotation = Annotated[
            list[str] | None, typer.Option(flag.removesuffix("s"), metavar=_metavar(kind), help="May be repeated.")
        ]
    elif get_origin(kind) is dict:
        annotation = Annotated[
            list[str] | None, typer.Option("--detail", metavar="NAME=VALUE", help="May be repeated.")
        ]
    else:
        annotation = Annotated[
            str | None, typer.Option(flag, metavar=_metavar(kind), help=_words(kind, field) + needed)
        ]
    return {"annotation": annotation, "default": None}


def _core(annotation: Any) -> Any:
    """Return the type that matters of `Annotated[X, …] | None` or `tuple[X, …]`."""
    while True:
        arguments = [one for one in get_args(annotation) if one not in (NoneType, ...)]
        if get_origin(annotation) in (None, dict, Literal) or not arguments:
            return annotation
        annotation = arguments[0]


def _is_list(field: FieldInfo) -> bool:
    """Whether it holds several words, one an option; lists of files and of small models are written otherwise."""
    annotation = field.annotation
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return get_origin(annotation) is tuple


def _metavar(kind: Any) -> str:
    known = {"datetime": "INSTANT", "int": "NUMBER", "Target": "SPAN"}
    return known.get(getattr(kind, "__name__", ""), "TEXT")


def _words(kind: Any, field: FieldInfo) -> str:
    choices = "one of " + ", ".join(str(one.value) for one in kind) if _is_enum(kind) else ""
    default = f" [{field.default}]" if field.default not in (None, (), {}) and not field.is_required() else ""
    return choices + default


def _is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Enum)


def _read(name: str, field: FieldInfo, value: Any) -> Any:
    if not isinstance(value, list):
        return value
    kind = _core(field.annotation)
    if _is_list(field) and kind not in _WRITTEN:
        return value
    if kind not in _WRITTEN:
        return pairs(value, "--detail")
    option, (separator, parts) = _FLAGS[name], _WRITTEN[kind]
    found = []
    for text in value:
        words = [word.strip() for word in text.split(separator, len(parts) - 1)]
        if not words[0]:
            raise BadInput("is empty", field=option, remedy=f"write it as {separator.join(parts)}")
        found.append({name: word for name, word in zip(parts, words, strict=False) if word})
    return found


def user_name() -> str:
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = ""
    return re.sub(r"[^\w.@:+-]", "-", name)[:100] or "agent"
