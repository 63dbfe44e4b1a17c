"""What a case says when it refuses, in the reader's language. A refusal without a translation is said as it is."""

import re
from functools import lru_cache

from complaints.vocabulary import Language
from web import catalogue


def in_words(problem: str, language: Language) -> str:
    """Return a refusal in words; numbers and names in it are kept."""
    for pattern, text in _known(language):
        found = pattern.fullmatch(problem)
        if found is not None:
            return text.format(*found.groups())
    return problem


@lru_cache
def _known(language: Language) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), text) for pattern, text in catalogue.words(language, "refusals").items())
