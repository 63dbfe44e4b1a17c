"""Which pack of a chain a value of a policy comes from."""

from collections.abc import Mapping, Sequence
from typing import Any

from policies.loading import Layer

DEFAULT, COMPUTED = "default", "computed"
_COMPUTED = (("texts_version",),)

Path = tuple[str, ...]


def origin(layers: Sequence[Layer], path: Path) -> str:
    """Return the uppermost pack that has this key, or `default`: mappings are merged by key, all else is replaced."""
    if path in _COMPUTED or (path == ("version",) and "version" not in layers[-1].raw):
        return COMPUTED
    return next((layer.name for layer in reversed(layers) if _has(layer.raw, path)), DEFAULT)


def origins(layers: Sequence[Layer], shown: Any, path: Path = ()) -> dict[Path, str]:
    """Return the origin of every value in a policy as it is shown; a list is one value."""
    if not isinstance(shown, Mapping) or not shown:
        return {path: origin(layers, path)}
    return {place: name for key, value in shown.items() for place, name in origins(layers, value, (*path, key)).items()}


def _has(raw: Any, path: Path) -> bool:
    for key in path:
        if not isinstance(raw, Mapping) or key not in raw:
            return False
        raw = raw[key]
    return True
