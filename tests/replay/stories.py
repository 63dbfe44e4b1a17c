"""All fixed conversations: the drawn ones, and the written ones."""

from tests.replay.engine import Story
from tests.replay.scenarios import drawn
from tests.replay.written import written


def stories() -> dict[str, Story]:
    """Every conversation by its name."""
    return drawn() | written()
