"""The texts of our pages: `texts/<language>/<part>.yaml`, a folder for each language, a file for each part, read once.

A page looks its words up in two ways. `words` is the part as it is written, for what is chosen while a page is made:
`words["status"][case.status]`. A `Catalogue` says one text by its dotted name, with its places filled:
`text("follow.title", reference=…)`. A test holds the languages together, and finds texts that no page names.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from complaints.vocabulary import Language
from policies.files import read_mapping

DIRECTORY = Path(__file__).parent / "texts"


def parts() -> tuple[str, ...]:
    """Return the parts that there are."""
    return tuple(sorted(path.stem for path in (DIRECTORY / Language.ID).glob("*.yaml")))


@cache
def languages(part: str) -> tuple[Language, ...]:
    """Return the languages a part is written in, Indonesian first: adding one is adding a folder."""
    found = sorted(Language(path.parent.name) for path in DIRECTORY.glob(f"*/{part}.yaml"))
    return tuple(sorted(found, key=lambda language: language != Language.ID))


LANGUAGES = languages("desk")
"""The languages that somebody at the desk may read."""


@cache
def words(language: Language | str, part: str) -> Mapping[str, Any]:
    """Return the words of a part of the pages, such as `auth` or `desk`, in a language."""
    return MappingProxyType(read_mapping(DIRECTORY / language / f"{part}.yaml"))


@cache
def catalogue(part: str, language: Language | str) -> "Catalogue":
    return Catalogue(language, dict(flat(words(language, part))))


class Catalogue:
    """The texts of one part in one language, by dotted name. Raises `KeyError` for no such text.

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


def flat(raw: Mapping[str, Any] | list[Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text with its dotted name; those of a list are numbered."""
    for name, value in enumerate(raw) if isinstance(raw, list) else raw.items():
        if isinstance(value, (dict, list)):
            yield from flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", str(value)


def preferred(accept_language: str | None, part: str = "desk") -> Language:
    """Return the language a browser likes best among those of a part; Indonesian if it asks for none of them."""
    weighted = [_weighted(one) for one in (accept_language or "").lower().split(",")[:20]]
    for _, tag in sorted(weighted, key=lambda found: -found[0]):
        if (language := tag.partition("-")[0]) in languages(part):
            return Language(language)
    return languages(part)[0]


def _weighted(one: str) -> tuple[float, str]:
    tag, _, weight = one.strip().partition(";q=")
    try:
        return float(weight or 1), tag
    except ValueError:
        return 0.0, tag
