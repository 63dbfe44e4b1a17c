"""The mail that answers "send me the link again": the cases of an address, each with a link of its own."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

import yaml
from babel.dates import format_date

from channels.outbound import Message, message_id
from complaints.model import Frozen, Personal
from complaints.vocabulary import Channel, Language

TEXTS = Path(__file__).parent / "texts"


class Words(Frozen):
    """What the mail says; every language folder has all of it."""

    subject: str
    opening: str
    asked: str
    case: str
    keep: str
    not_asked: str
    closing: str


class LinkedCase(Frozen):
    reference: str
    received_at: datetime
    link: str


def compose(
    key: str, address: str, language: str, cases: Sequence[LinkedCase], at: datetime, *, domain: str
) -> Message:  # fmt: skip
    """Return the mail. The same key is the same mail, however often it is sent."""
    spoken = Language(language) if (TEXTS / language).is_dir() else Language.ID
    words = words_of(spoken)
    listed = [
        words.case.format(
            reference=case.reference, date=format_date(case.received_at, "long", locale=spoken), link=case.link
        )
        for case in cases
    ]
    paragraphs = (words.opening, words.asked, *listed, words.keep, words.not_asked, words.closing)
    return Message(
        key=key,
        message_id=message_id(key, domain),
        recipient="complainant",
        address=Personal(address),
        channel=Channel.EMAIL,
        language=spoken,
        subject=Personal(words.subject),
        body=Personal("\n\n".join(paragraphs) + "\n"),
        written_at=at,
    )


@cache
def words_of(language: Language) -> Words:
    return Words.model_validate(yaml.safe_load((TEXTS / language / "links.yaml").read_text(encoding="utf-8")))
