"""References, and names of closed sets, as people and scripts give them."""

from enum import StrEnum
from typing import TypeVar

from complaints.errors import BadInput
from complaints.reference import normalise

E = TypeVar("E", bound=StrEnum)
_PREFIX = "complaint-"


def read_reference(text: str) -> str:
    """Return the reference meant by what was typed; a workflow id is one too. Raises `BadInput`."""
    typed = text.strip()
    if typed.lower().startswith(_PREFIX):
        typed = typed[len(_PREFIX) :]
    found = normalise(typed)
    if found is None:
        raise BadInput(
            "not a reference: its check character does not fit",
            field="reference",
            remedy="compare it letter by letter with the notice; it looks like TTS-7D3K9QX2M4R8V",
        )
    return found


def one_of(kind: type[E], text: str, field: str) -> E:
    """Return the member of a closed set. Raises `BadInput`."""
    try:
        return kind(text)
    except ValueError:
        raise BadInput("is none of the listed values", field=field, remedy=f"use one of {', '.join(kind)}") from None
