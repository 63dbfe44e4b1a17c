"""From a pack, a file or a mapping to a checked `Policy`: read, extend, override, validate, check.

A pack is a folder: `policy.yaml`, `calendars/<name>.yaml`, `texts/<language>/{notices,words}.yaml`. What it extends
lies beneath it, overrides on top; mappings merge by key, lists are replaced.
"""

import hashlib
from collections.abc import Iterator, Mapping
from functools import reduce
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from complaints.errors import BadPolicy, NotFound
from complaints.model import merged
from complaints.policy import Policy
from complaints.policy_checks import check
from complaints.policy_demands import found
from complaints.policy_problems import Problem
from policies.book_checks import book_problems, demand_problems
from policies.books import read_book
from policies.files import read_mapping
from policies.places import PACKS, locate, packs

Source = str | Path | Mapping[str, Any]


class Layer(NamedTuple):
    """A pack or file as it is written, without what it extends."""

    name: str
    raw: dict[str, Any]


_REMEDIES = {
    "missing": "add this key",
    "extra_forbidden": "remove this key, or check its spelling",
    "enum": "use one of the listed values",
    "string_type": "write text; put it in quotes if it looks like a number",
}


def load(source: Source, overrides: Mapping[str, Any] | None = None) -> Policy:
    """Return the policy of a pack name, a path to a pack or file, or a mapping; `overrides` are laid on it last.

    Raises `BadPolicy` for the first of its problems, or `NotFound` for a name that is neither pack nor path.
    """
    policy, problems = inspect(source, overrides)
    if policy is None or problems:
        raise bad_policy(problems)
    return policy


def bad_policy(problems: list[Problem]) -> BadPolicy:
    """Return the first problem as an error that says how many more there are."""
    first, more = problems[0], len(problems) - 1
    count = f" (and {more} more)" if more else ""
    return BadPolicy(f"{first.problem}{count}", field=first.field, remedy=first.remedy)


def inspect(source: Source, overrides: Mapping[str, Any] | None = None) -> tuple[Policy | None, list[Problem]]:
    """Return the policy, if its fields can be read, and everything that is wrong with it."""
    try:
        raw = _read(source)
        if overrides:
            raw = _laid(raw, _without_extends(overrides))
        raw = _filled(raw)
    except BadPolicy as error:
        return None, [Problem(error.field, error.problem, error.remedy)]
    try:
        policy = Policy.model_validate(raw)
    except ValidationError as error:
        return None, list(_field_problems(error))
    problems = [*check(policy), *book_problems(policy.texts, policy.languages), *demand_problems(policy)]
    return policy, [_whence(problem, layers(source)) for problem in problems]


def _whence(problem: Problem, made_of: list[Layer]) -> Problem:
    """A problem with what a pack has inherited says so: it is not in the file that is checked."""
    path = problem.field.split(".")
    origin = next((layer.name for layer in reversed(made_of) if found(layer.raw, path)), None)
    if origin is None or origin == made_of[-1].name:
        return problem
    return problem._replace(remedy=f"{problem.remedy}; it comes from `{origin}`, and can be given anew here")


def layers(source: Source) -> list[Layer]:
    """Return what a policy is made of: the pack at the bottom first, then each that extends it, as they are written."""
    return _layers(source, (), None)


def _read(source: Source) -> dict[str, Any]:
    """Return the raw policy with what it extends beneath it."""
    first, *others = layers(source)
    return reduce(lambda beneath, over: _laid(beneath, over.raw), others, first.raw)


def _layers(source: Source, extending: tuple[str, ...], beside: Path | None) -> list[Layer]:
    """`extending` holds who asked for it, and `beside` where the last of them lies."""
    if isinstance(source, Mapping):
        raw, place = dict(source), ""
    else:
        path = locate(source, beside=beside)
        place = str(path.resolve())
        if place in extending:
            circle = " -> ".join(Path(each).name for each in (*extending[extending.index(place) :], place))
            remedy = "let one of them extend another pack, or none"
            raise BadPolicy(f"extends itself: {circle}", field="extends", remedy=remedy)
        raw = _read_pack(path) if path.is_dir() else read_mapping(path)
    name = str(raw.get("pack", Path(place).stem if place else "inline"))
    base = raw.pop("extends", None)
    if base is None:
        return [Layer(name, {"pack": name, **raw})]
    if not isinstance(base, str):
        raise BadPolicy("is no pack name", field="extends", remedy=f"use one of {', '.join(packs())}")
    try:
        folder = Path(place) if Path(place).is_dir() else Path(place).parent
        beneath = _layers(base, (*extending, place), folder if place else None)
    except NotFound as error:
        raise BadPolicy(error.problem, field="extends", remedy=error.remedy) from None
    return [*beneath, Layer(name, raw)]


def _read_pack(folder: Path) -> dict[str, Any]:
    raw = read_mapping(folder / "policy.yaml")
    name = raw.setdefault("pack", folder.name)
    if name != folder.name and folder.parent == PACKS:
        raise BadPolicy(f"is not `{folder.name}`, its folder", field="pack", remedy="leave it out")
    calendars = {path.stem: read_mapping(path) for path in sorted((folder / "calendars").glob("*.yaml"))}
    if calendars and isinstance(inline := raw.setdefault("calendars", {}), dict):
        raw["calendars"] = {**inline, **calendars}
    if (folder / "texts").is_dir():
        raw.setdefault("texts", folder.name if folder.parent == PACKS else str(folder.resolve()))
    return raw


def _without_extends(overrides: Mapping[str, Any]) -> Mapping[str, Any]:
    if "extends" in overrides:
        raise BadPolicy("overrides extend nothing", field="extends", remedy="name the pack as the policy")
    return overrides


def _laid(beneath: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return `over` on `beneath`; its version tells that it is no longer the one beneath."""
    result = merged(beneath, over)
    if "version" not in over and over:
        digest = hashlib.sha256(repr(over).encode()).hexdigest()
        result["version"] = f"{beneath.get('version', '0')}+{digest[:8]}"
    return result


def _filled(raw: dict[str, Any]) -> dict[str, Any]:
    """Return `raw` with what follows from the rest: categories are named by their key, texts versioned by content."""
    categories = raw.get("categories")
    if isinstance(categories, Mapping):
        named = {k: {"name": k, **v} if isinstance(v, Mapping) else v for k, v in categories.items()}
        raw = {**raw, "categories": named}
    if isinstance(texts := raw.get("texts"), str) and "texts_version" not in raw:
        raw = {**raw, "texts_version": read_book(texts).version}
    return raw


def _field_problems(error: ValidationError) -> Iterator[Problem]:
    for one in error.errors(include_url=False, include_input=False):
        field = ".".join(str(part) for part in one["loc"] if part != "[key]")
        problem, _, remedy = one["msg"].removeprefix("Value error, ").partition("; ")
        remedy = remedy or _REMEDIES.get(one["type"], "correct it; `tuntas schema policy` prints what is allowed")
        problem = "unknown key" if one["type"] == "extra_forbidden" else problem
        yield Problem(field, problem, remedy)
