"""What every command has, and the kinds of its fields."""

from typing import Annotated

from pydantic import AfterValidator, Field

from complaints.messages.intake import Key, clean_text
from complaints.model import Frozen, is_none
from complaints.vocabulary import Role

Word = Annotated[str, Field(min_length=1, max_length=100)]
Line = Annotated[str, Field(min_length=1, max_length=2_000), AfterValidator(clean_text)]
Score = Annotated[int, Field(ge=1, le=5)]


class Actor(Frozen):
    """Who did it: an id without personal data, and the role in which it was done."""

    id: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\w.@:+-]+$")]
    role: Role = Role.AGENT


class Command(Frozen):
    """`based_on`: the sequence of the case that the sender saw. Refused if something has happened to it since."""

    key: Key
    actor: Actor
    based_on: Annotated[int, Field(ge=1)] | None = Field(default=None, exclude_if=is_none)
