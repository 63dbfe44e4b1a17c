"""What can be read off a case and its mails; the stories' checks are made of these."""

from email import policy as mail_policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from complaints.case.closing import HEARD
from complaints.messages.view import CaseView, ClockView, EntryView, NoticeView
from complaints.vocabulary import Metric, Status

SOLVED = (Status.CLOSED, Status.ARCHIVED)
KEY = "X-Tuntas-Notice"


class NotTrue(Exception):
    """A promised outcome did not come true."""


def clock(view: CaseView, metric: Metric, occurrence: int = 1) -> ClockView:
    """A clock of the case. Raises `NotTrue` if it was never started."""
    for candidate in view.clocks:
        if candidate.metric is metric and candidate.occurrence == occurrence:
            return candidate
    raise NotTrue(f"there is no {metric} clock {occurrence}")


def started(view: CaseView, metric: Metric) -> bool:
    return any(candidate.metric is metric for candidate in view.clocks)


def kept(view: CaseView) -> bool:
    """Whether every promise was kept."""
    return all(clock.breached_at is None for clock in view.clocks)


def handed_over(view: CaseView, occasion: str | None = None) -> list[NoticeView]:
    """The notices that reached the complainant's channel, all or those of an occasion, in the order of writing."""
    notices = (notice for notice in view.notices if notice.to == "complainant" and notice.handed_over_at is not None)
    return [notice for notice in notices if occasion in (None, notice.occasion)]


def told(view: CaseView, occasion: str) -> int:
    """How many notices of an occasion were handed over to the complainant."""
    return len(handed_over(view, occasion))


def informed(view: CaseView, occasion: str, to: str | None = None) -> int:
    """How many notices of an occasion were handed over to agents and teams, or to one of them."""
    return sum(
        notice.occasion == occasion and notice.handed_over_at is not None and to in (None, notice.to)
        for notice in view.notices
        if notice.to != "complainant"
    )


def entries(view: CaseView, kind: str) -> list[EntryView]:
    return [entry for entry in view.timeline if entry.kind == kind]


def happened(view: CaseView, kind: str) -> int:
    return len(entries(view, kind))


def written_up(view: CaseView, reason: str) -> bool:
    """Whether the last closure record has what its reason demands of every severity."""
    record = view.closure
    if record is None or record.reason != reason or not record.problem or not record.clocks:
        return False
    decided = record.outcome is not None and record.reasons is not None and record.findings is not None
    return bool(decided and record.steps) or reason not in HEARD


def caught(folder: Path) -> list[EmailMessage]:
    """Every mail that the catcher took, in the order of arrival."""
    parser = BytesParser(policy=mail_policy.default)
    return [parser.parsebytes(path.read_bytes()) for path in sorted(folder.glob("*.eml"))]
