"""Strict reading of YAML and JSON files: plain data, every key once, and errors that name file and line.

YAML is read as its version 1.2 means it: `12:00` is text, `on` and `no` are words, only `true` and `false` are truth.
"""

import json
import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from complaints.errors import BadPolicy

_TIMESTAMP, _NULL, _MERGE = "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:null", "tag:yaml.org,2002:merge"


class _Loader(yaml.CSafeLoader):
    """A safe loader that refuses a key given twice."""

    # A fresh table: the inherited one is shared with every other user of the library.
    yaml_implicit_resolvers = {
        letter: [pair for pair in pairs if pair[0] in (_TIMESTAMP, _NULL, _MERGE)]
        for letter, pairs in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key is no plain word", key.start_mark)
            if key.value in keys:
                raise yaml.constructor.ConstructorError(None, None, f"`{key.value}` is given twice", key.start_mark)
            keys.add(key.value)
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"[-+]?\d+$"), list("-+0123456789"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"[-+]?\d+\.\d+$"), list("-+0123456789"))


def read_mapping(path: Path) -> dict[str, Any]:
    """Return what a .yaml or .json file holds. Raises `BadPolicy` if it cannot be read or is no mapping."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise BadPolicy("is not UTF-8 text", field=str(path), remedy="save the file as UTF-8") from None
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise BadPolicy(reason, field=str(path), remedy="check the path and its permissions") from None
    found = _json(text, path) if path.suffix == ".json" else _yaml(text, path)
    if not isinstance(found, dict):
        raise BadPolicy("is no mapping", field=str(path), remedy="write `key: value` lines")
    return found


def _yaml(text: str, path: Path) -> Any:
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - it derives from the safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        raise BadPolicy(error.problem or "is no YAML", field=place, remedy="correct this line") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        problem = " ".join(str(error).split()) or "is no YAML"
        raise BadPolicy(problem, field=str(path), remedy="write plain YAML") from None


def _json(text: str, path: Path) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            double = next(name for name in names if names.count(name) > 1)
            raise BadPolicy(f"`{double}` is given twice", field=str(path), remedy="keep one of the two")
        return found

    try:
        return json.loads(text, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        place = f"{path}:{error.lineno}:{error.colno}"
        raise BadPolicy(error.msg, field=place, remedy="correct this line") from None
    except RecursionError:
        raise BadPolicy("is nested too deeply", field=str(path), remedy="write plain JSON") from None
