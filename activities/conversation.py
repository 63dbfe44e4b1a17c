"""How a notice continues a conversation by mail: what it answers, what was written before, under which subject."""

import re
from collections.abc import Sequence

from complaints.messages.duties import Notice
from complaints.model import Frozen, Personal
from complaints.vocabulary import Occasion
from database.mails import Written

MOST = 20  # Message-IDs in `References`: the first one, and the last ones
_ANSWER = re.compile(r"(?:\s*(?:re|bls|balas|fwd?)\s*(?:\[\d+\])?\s*:)+", re.IGNORECASE)
_BY_PERSON = frozenset(
    {
        Occasion.RESPONSE,
        Occasion.INFORMATION_REQUEST,
        Occasion.DECISION,
        Occasion.FINAL_DECISION,
        Occasion.PROGRESS_UPDATE,
    }
)


class Conversation(Frozen):
    """`subject` is set where the complainant writes mails: then all of ours bear theirs, so that they stay together."""

    in_reply_to: str | None = None
    refers_to: tuple[str, ...] = ()
    subject: Personal | None = None


def conversation(written: Sequence[Written], reference: str) -> Conversation:
    """What a notice written now continues. `written`: all mails of the case so far, in their order."""
    theirs = [mail for mail in written if mail.theirs]
    ids = list(dict.fromkeys(mail.message_id for mail in written))
    kept = ids if len(ids) <= MOST else [ids[0], *ids[1 - MOST :]]
    return Conversation(
        in_reply_to=theirs[-1].message_id if theirs else (ids[0] if ids else None),
        refers_to=tuple(kept),
        subject=_subject(theirs[0].subject, reference) if theirs else None,
    )


def written_by_person(notice: Notice) -> bool:
    """Whether an agent's words are what it brings. A question that the case asks by itself has none."""
    return notice.occasion in _BY_PERSON and notice.facts.words is not None and not notice.parts


def _subject(first: Personal | None, reference: str) -> Personal | None:
    """The subject of the whole conversation: theirs, once with the reference."""
    said = _ANSWER.sub("", first or "", count=1).strip() if first and _ANSWER.match(first) else (first or "").strip()
    named = said if reference in said else f"{said} [{reference}]".strip()
    return Personal(f"Re: {named}") if said else None
