"""The words of documents: `texts/<language>/<part>.yaml`, read once. A test holds the languages together."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from complaints.vocabulary import HOUSE_LANGUAGES, Language

DIRECTORY = Path(__file__).parent


@cache
def words(language: Language, part: str) -> Mapping[str, Any]:
    """Return the words of a part, such as `audit`; Indonesian ones for a language that the house does not speak."""
    spoken = language if language in HOUSE_LANGUAGES else Language.ID
    raw = yaml.safe_load((DIRECTORY / spoken / f"{part}.yaml").read_text(encoding="utf-8"))
    return MappingProxyType(raw)
