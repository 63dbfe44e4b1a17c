"""What the interface answers, where that is not a value that is there already."""

from complaints.messages.view import CaseView, EntryView
from complaints.model import Frozen, Instant, Personal, PrintedInstant
from complaints.vocabulary import ClosingReason, Outcome, Status
from database.duplicates import PossibleDuplicate
from database.past_records import PastRecord


class CaseStatus(Frozen):
    """A case as it stands: `tuntas show --json` without clocks, timeline, notices and closure."""

    reference: str
    status: Status
    outcome: Outcome | None
    closing_reason: ClosingReason | None
    tier: str
    owner: str
    transfers: int
    disputes: int
    reopenings: int
    next_due_at: PrintedInstant | None

    @classmethod
    def of(cls, view: CaseView) -> "CaseStatus":
        return cls.model_validate({name: getattr(view, name) for name in cls.model_fields})


class TimelinePage(Frozen):
    """Entries in order; `next` is the `after` of the further ones, null at the end."""

    items: tuple[EntryView, ...]
    next: int | None = None


class Duplicates(Frozen):
    """What may be the same matter. `similarity` is the share of trigrams that two texts have in common, from 0 to 1."""

    items: tuple[PossibleDuplicate, ...]


class SimilarRecords(Frozen):
    """Closed cases as a reference. `likeness` is the share of what the words say that both have, from 0 to 1."""

    items: tuple[PastRecord, ...]


class Accepted(Frozen):
    """Kept by Temporal: it reaches the case whatever happens now."""

    reference: str
    key: str
    accepted: bool = True


class FileOfCase(Frozen):
    """A file that belongs to a case."""

    sha256: str
    name: Personal
    media_type: str
    size: int
    added_at: Instant


class Files(Frozen):
    items: tuple[FileOfCase, ...]
