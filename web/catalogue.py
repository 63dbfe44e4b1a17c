"""The words of our pages: `texts/<language>/<part>.yaml`, read once. A test holds the languages together."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from complaints.vocabulary import Language

DIRECTORY = Path(__file__).parent / "texts"


@lru_cache(32)
def words(language: Language, part: str) -> Mapping[str, Any]:
    """Return the words of a part of the pages, such as `auth` or `desk`, in a language."""
    raw = yaml.safe_load((DIRECTORY / language / f"{part}.yaml").read_text(encoding="utf-8"))
    return MappingProxyType(raw)


def preferred(accept_language: str | None) -> Language:
    """Return the language a browser asks for first among ours; Indonesian if it asks for none of them."""
    wanted = [part.partition(";")[0].strip().partition("-")[0].lower() for part in (accept_language or "").split(",")]
    return next((Language(one) for one in wanted if one in set(Language)), Language.ID)
