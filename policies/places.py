"""Where policies are found: the packs of the house by name, others by path."""

from pathlib import Path

from complaints.errors import NotFound

PACKS = Path(__file__).parent


def packs() -> list[str]:
    """Return the names of the packs that come with the house."""
    return sorted(path.parent.name for path in PACKS.glob("*/policy.yaml"))


def locate(source: str | Path, *, beside: Path | None = None) -> Path:
    """Return the folder of a pack, or the file of a policy; a path may lead from `beside`. Raises `NotFound`."""
    if isinstance(source, str) and (names := packs()) and source in names:
        return PACKS / source
    path = Path(source)
    if beside is not None and not path.is_absolute() and (beside / path).exists():
        path = beside / path
    if path.name == "policy.yaml":
        path = path.parent
    if path.is_file() or (path / "policy.yaml").is_file():
        return path
    remedy = f"use one of {', '.join(packs())}, or give the path of a pack's folder or file"
    raise NotFound(f"there is no policy `{source}`", field="policy", remedy=remedy)
