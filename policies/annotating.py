"""A policy as YAML with remarks behind its values: where each comes from, and which figures nobody confirms."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import yaml

_WIDTH = 120

Path = tuple[str, ...]


def lines(
    shown: Mapping[str, Any], where: Mapping[Path, str], unconfirmed: Collection[str] = (), path: Path = ()
) -> Iterator[str]:
    """Yield the lines of a mapping, each with the origin of its value; what has one origin as a whole says it once."""
    for key, value in shown.items():
        place, indent = (*path, key), "  " * len(path)
        names = {name for one, name in where.items() if one[: len(place)] == place}
        remark = _remark(names, place, unconfirmed)
        if isinstance(value, dict) and value and (len(names) > 1 or not _small(value, place, unconfirmed)):
            yield f"{indent}{flow(key)}:{remark}"
            yield from lines(value, where if len(names) > 1 else {}, unconfirmed, place)
        elif isinstance(value, list) and any(isinstance(member, dict) for member in value):
            yield f"{indent}{flow(key)}:{remark}"
            for index, member in enumerate(value):
                first, *others = _member(member)
                yield f"{indent}  {first}{_remark(set(), (*place, str(index)), unconfirmed, within=True)}"
                yield from (f"{indent}  {line}" for line in others)
        else:
            yield f"{indent}{flow(key)}: {flow(value)}{remark}"


def flow(value: Any) -> str:
    """Return a value as YAML on one line."""
    text = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=float("inf"), default_flow_style=True)
    return str(text).removesuffix("\n").removesuffix("\n...")


def _small(value: Mapping[str, Any], place: Path, unconfirmed: Collection[str]) -> bool:
    """Whether a mapping goes on one line: nothing stands within it that is a remark's own."""
    prefix = ".".join(place) + "."
    return not any(isinstance(part, (dict, list)) for part in value.values()) and not any(
        key.startswith(prefix) for key in unconfirmed
    )


def _member(value: Any) -> list[str]:
    line = f"- {flow(value)}"
    if len(line) <= _WIDTH:
        return [line]
    block = yaml.safe_dump([value], sort_keys=False, allow_unicode=True, width=_WIDTH, default_flow_style=None)
    return str(block).rstrip("\n").split("\n")


def _remark(names: Collection[str], place: Path, unconfirmed: Collection[str], *, within: bool = False) -> str:
    """Return the comment on a value; with `within` also for a key that stands inside it."""
    said, path = list(names) if len(names) == 1 else [], ".".join(place)
    if path in unconfirmed or (within and any(key.startswith(f"{path}.") for key in unconfirmed)):
        said.append("unconfirmed")
    return f"  # {'; '.join(said)}" if said else ""
