"""Bases of every value: closed and frozen, so that an unknown key is refused and a value is shared safely."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Self, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, PlainSerializer, ValidationError
from pydantic_core import core_schema

from complaints.errors import BadInput


class Frozen(BaseModel):
    """An immutable value with a closed set of keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return self  # immutable: a copy of a case shares it


class Changing(BaseModel):
    """A part of a case's state. Its fields are set as plain attributes, in a tenth of the time.

    They are as unvalidated as those of any `BaseModel`; which of them were ever set is not kept. What a case looks at
    most, its clocks and notices, are dataclasses.
    """

    if not TYPE_CHECKING:
        __setattr__ = object.__setattr__


class Tolerant(BaseModel):
    """A message from outside: unknown keys are ignored, so that a newer sender is never lost."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def is_none(value: object) -> bool:
    """For `exclude_if`: what is not given takes no room in a payload."""
    return value is None


def is_empty(value: object) -> bool:
    """For `exclude_if` too: empty, or false."""
    return not value


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


def seconds_z(value: datetime) -> str:
    """An instant as it is printed: UTC, whole seconds, `Z`."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


Instant = Annotated[AwareDatetime, AfterValidator(_utc)]
"""An aware instant, kept in UTC with its microseconds."""

PrintedInstant = Annotated[AwareDatetime, AfterValidator(_utc), PlainSerializer(seconds_z, return_type=str)]
"""An instant that is printed in whole seconds (DESIGN, section 10)."""


class Personal(str):
    """What a complainant wrote or is called.

    The one field type for personal data: a payload codec, an eraser and a log filter can all find it. Its repr hides
    the content, so that neither a log line nor a traceback repeats it.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Personal({len(self)} characters)"

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema())

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: Any, _handler: Any) -> dict[str, Any]:
        return {"type": "string", "format": "personal"}


M = TypeVar("M", bound=BaseModel)


def made(model: type[M], **given: Any) -> M:
    """A value of our own, unvalidated: what is given is as validation would return it; defaults are filled in.

    It is `model_construct`, ten times as fast: for what a case makes by the dozen. Raises `TypeError` if a field is
    missing or unknown.
    """
    template, fresh, names = _TEMPLATES.get((model, *given)) or _template((model, *given))
    values = {**template, **given} if template else given
    for name, default in fresh:
        values[name] = default()
    self = _new(model)
    _set_values(self, values)
    _set_names(self, names)
    _set_extra(self, None)
    _set_private(self, None)
    return self


_new: Callable[[type[M]], M] = object.__new__
# The slots of a model, set without the look-up by name: a case has a hundred values made.
_set_values, _set_names, _set_extra, _set_private = (
    vars(BaseModel)[slot].__set__
    for slot in ("__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__")
)
_Template = tuple[dict[str, Any], list[tuple[str, Callable[[], Any]]], set[str]]
_TEMPLATES: dict[tuple[Any, ...], _Template] = {}
"""For each model and what is given of it: all fields in order, with the defaults that can be shared (nothing, where all
are given in order); what makes the others; the names that are given, which all values made like that share."""


def _template(signature: tuple[Any, ...]) -> _Template:
    model, *given = signature
    template: dict[str, Any] = dict.fromkeys(model.model_fields)
    fresh: list[tuple[str, Callable[[], Any]]] = []
    if not (model.model_config.get("frozen") or issubclass(model, Changing)):
        raise TypeError(f"{model.__name__} is neither Frozen nor Changing: it would not share its names")
    missing = {name for name, field in model.model_fields.items() if field.is_required()} - set(given)
    if missing or not set(given) <= template.keys():
        raise TypeError(f"{model.__name__} cannot be made of {', '.join(given)}")
    for name, field in model.model_fields.items():
        if name in given:
            continue
        if field.default_factory is not None:
            fresh.append((name, field.default_factory))
        elif isinstance(field.default, (list, dict)):
            fresh.append((name, partial(deepcopy, field.default) if field.default else type(field.default)))
        else:
            template[name] = field.default
    if given == list(template):
        template = {}
    _TEMPLATES[signature] = template, fresh, set(given)
    return _TEMPLATES[signature]


def share_names(*values: BaseModel) -> None:
    """Validated values keep the names that were given of them once for all that were given alike, as `made` does.

    A set of names is as large as a value with a dozen fields. Only for `Frozen` and `Changing`: they never add to it.
    """
    for value in values:
        names = value.model_fields_set
        if len(_NAMES) < _MANY_NAMES:
            names = _NAMES.setdefault(frozenset(names), names)
        else:
            names = _NAMES.get(frozenset(names), names)
        _set_names(value, names)


_NAMES: dict[frozenset[str], set[str]] = {}
_MANY_NAMES = 2000  # what is given of a message is up to its sender


def read(model: type[M], raw: Any, *, where: str = "") -> M:
    """Validate outside data; a failure becomes `BadInput` naming the first wrong field, never its content."""
    try:
        if isinstance(raw, (str, bytes)):
            return model.model_validate_json(raw)
        return model.model_validate(raw)
    except ValidationError as error:
        raise bad_input(error, where=where) from None


def bad_input(error: ValidationError, *, where: str = "") -> BadInput:
    """The first problem of a validation error as `BadInput`; the offending value is left out: it may be personal."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    path = ".".join(str(part) for part in first["loc"])
    field = f"{where}.{path}" if where and path else where or path
    count = error.error_count()
    more = f" (and {count - 1} more)" if count > 1 else ""
    # Our own validators say "what is wrong; what to do".
    said, _, remedy = first["msg"].removeprefix("Value error, ").partition("; ")
    problem = _PROBLEMS.get(first["type"], said)
    return BadInput(f"{problem}{more}", field=field, remedy=remedy or _remedy(first["type"]))


_PROBLEMS: Mapping[str, str] = {
    "union_tag_invalid": "is none of the listed values",  # pydantic's own words repeat the value
}
_REMEDIES: Mapping[str, str] = {
    "missing": "give this field",
    "extra_forbidden": "remove this key, or check its spelling",
    "enum": "use one of the listed values",
    "literal_error": "use one of the listed values",
    "union_tag_invalid": "use one of the listed values",
    "timezone_aware": "give the instant with its offset, such as 2026-11-22T09:00:00+07:00",
    "json_invalid": "give one JSON document",
}


def _remedy(kind: str) -> str:
    return _REMEDIES.get(kind, "correct this field; `tuntas schema` prints what is allowed")


class Named(Frozen):
    """A value with a name in every language the policy speaks."""

    name: str
    label: dict[str, str]

    def in_language(self, language: str) -> str:
        return self.label.get(language) or self.name


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` laid on `base`: mappings merge by key, everything else, lists too, is replaced."""
    result = dict(base)
    for key, value in over.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return result


__all__ = [
    "Changing",
    "Frozen",
    "Instant",
    "Named",
    "Personal",
    "PrintedInstant",
    "Tolerant",
    "bad_input",
    "is_empty",
    "is_none",
    "made",
    "merged",
    "read",
    "seconds_z",
    "share_names",
]
