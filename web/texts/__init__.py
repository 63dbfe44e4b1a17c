"""The texts of pages: a folder for each language, a file for each part (`public.yaml`), read once.

To add a language, add a folder. Every folder has the same keys; a test fails on a missing one, and so does a page.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from policies.files import read_mapping

FOLDER = Path(__file__).parent
FIRST = "id"


class Catalogue:
    """The texts of one part in one language: `text("follow.title", reference=…)`. Raises `KeyError` for no such text.

    A place is a plain `{name}`. What is put in stays as it is: it is never read as a text again.
    """

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        self.language = language
        self.texts = texts

    def __call__(self, key: str, **values: object) -> str:
        return self.texts[key].format_map(values)

    def __contains__(self, key: str) -> bool:
        return key in self.texts

    def all(self, key: str) -> list[str]:
        """Return the texts of a list, in order."""
        return [text for name, text in self.texts.items() if name.rpartition(".")[0] == key]


@cache
def languages(part: str) -> tuple[str, ...]:
    """Return the languages a part is written in, Indonesian first."""
    found = sorted(path.parent.name for path in FOLDER.glob(f"*/{part}.yaml"))
    return tuple(sorted(found, key=lambda language: language != FIRST))


@cache
def catalogue(part: str, language: str) -> Catalogue:
    raw = read_mapping(FOLDER / language / f"{part}.yaml")
    return Catalogue(language, dict(_flat(raw)))


def _flat(raw: Mapping[str, Any] | list[Any], above: str = "") -> Iterator[tuple[str, str]]:
    for name, value in enumerate(raw) if isinstance(raw, list) else raw.items():
        if isinstance(value, (dict, list)):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", str(value)
