"""Files that came with a message: each an entry of its own, once a message; their bytes are kept outside (database)."""

from collections.abc import Iterable

from complaints.case.turn import Turn
from complaints.messages.commands import Actor
from complaints.messages.intake import Evidence
from complaints.vocabulary import Kind


def received(turn: Turn, files: Iterable[Evidence], actor: Actor, *, of: str | None = None) -> None:
    """Record each file; `of` says what it shows, if that is not the complaint itself."""
    once: dict[str, Evidence] = {}
    for file in files:
        once.setdefault(file.sha256, file)
    for one in once.values():
        about = {"sha256": one.sha256, "media_type": one.media_type, "size": one.size}
        turn.state.attachments.append({**about, "name": one.name})
        turn.enter(Kind.ATTACHED, actor, one.name, details=about, of=of)
