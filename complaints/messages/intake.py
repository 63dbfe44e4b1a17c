"""`Intake`: a complaint as it arrives, whatever the channel. The contract of every intake channel."""

import json
import re
import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, Field, JsonValue, ValidationInfo, field_validator

from complaints.model import Frozen, Instant, Personal, is_empty, is_none
from complaints.vocabulary import Channel, Form, Language, Proof, Severity

MAX_TEXT = 20_000
_ADDRESS = re.compile(r"[^@\s<>,;:\"()\\\[\]\x00-\x1f\x7f]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_PHONE = re.compile(r"\+[1-9]\d{6,14}")
_FORMATTING = {"‌", "‍"}  # joiners that scripts and emoji need


def clean_text(value: str) -> str:
    r"""Text as people wrote it, without what could disguise it.

    Line ends become `\n`; control characters and bidirectional overrides (Unicode TR36) are removed; emoji, combining
    characters and right-to-left letters stay. Raises `ValueError` if nothing is left or it is longer than `MAX_TEXT`.
    """
    if len(value) > MAX_TEXT:
        raise ValueError(f"longer than {MAX_TEXT} characters; shorten it, or attach the rest as a file")
    lines = value.replace("\r\n", "\n").replace("\r", "\n")
    # What is printable has none of these categories; nearly all texts are, and this tells it at once.
    kept = lines if lines.replace("\n", "").isprintable() else "".join(filter(_is_kept, lines))
    if not kept.strip():
        raise ValueError("empty; write what happened")
    return unicodedata.normalize("NFC", kept).strip()


def _is_kept(c: str) -> bool:
    return c in "\n\t" or c in _FORMATTING or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co")


def _clean_name(value: str) -> str:
    return " ".join(clean_text(value).split())


def _address(value: str) -> str:
    if _ADDRESS.fullmatch(value) is None:
        raise ValueError("not an e-mail address; write it as name@example.co.id")
    return value


def _phone(value: str) -> str:
    compact = re.sub(r"[\s().-]", "", value)
    if compact.startswith("08"):
        compact = "+62" + compact[1:]  # the way Indonesians write their own numbers
    if _PHONE.fullmatch(compact) is None:
        raise ValueError("not a phone number; write it with its country code, such as +62 812 3456 7890")
    return compact


def _personal(value: str) -> Personal:
    return Personal(value)


Text = Annotated[Personal, AfterValidator(clean_text), AfterValidator(_personal)]
Name = Annotated[Personal, Field(max_length=200), AfterValidator(_clean_name), AfterValidator(_personal)]
Address = Annotated[Personal, Field(max_length=320), AfterValidator(_address), AfterValidator(_personal)]
Phone = Annotated[Personal, Field(max_length=40), AfterValidator(_phone), AfterValidator(_personal)]


def _storable(value: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """What PostgreSQL keeps as it is: no NaN and no infinity (refused), no NUL (left out)."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        raise ValueError("not a finite number; leave it out, or write it as text") from None
    return {_without_nul(name): _without_nul(item) for name, item in value.items()}


def _without_nul(value: Any) -> Any:
    if isinstance(value, dict):
        return {_without_nul(name): _without_nul(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_without_nul(item) for item in value]
    return value.replace("\x00", "") if isinstance(value, str) else value


Details = Annotated[dict[str, JsonValue], AfterValidator(_storable)]
"""Facts by name, as plain JSON."""
Key = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]
"""A caller's idempotency key or a channel's own identifier: visible ASCII, nothing personal."""


class Evidence(Frozen):
    """A file that came with a message. `database.attachments` keeps its bytes, by their digest, outside Temporal."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    name: Name
    media_type: Annotated[str, Field(max_length=100, pattern=r"^[\w.+-]+/[\w.+-]+$")]
    size: Annotated[int, Field(ge=0)]


MAX_EVIDENCE = 20
# Left out where there is none: so an older worker reads every message that brings no file.
Files = Annotated[tuple[Evidence, ...], Field(max_length=MAX_EVIDENCE, exclude_if=is_empty)]


class Consent(Frozen):
    """What the person whom somebody else speaks for has agreed to: how it was given, and when."""

    how: Text
    given_at: Instant | None = None
    evidence: Files = ()


class Complainant(Frozen):
    """Who complains and how to reach them. Any address may be missing: such a complaint is accepted all the same.

    Where somebody speaks for them, the addresses are that representative's: see docs/verification.md.
    """

    name: Name | None = None
    email: Address | None = None
    phone: Phone | None = None
    language: Language = Language.ID
    preferred_channel: Channel | None = None
    represented_by: Name | None = None
    consent: Consent | None = Field(default=None, exclude_if=is_none)  # to being represented

    def address_on(self, channel: Channel) -> Personal | None:
        """Where a notice on this channel goes: phone and chat channels need a number, all others an e-mail address."""
        if channel in (Channel.PHONE, Channel.CHAT):
            return self.phone
        return self.email


class Intake(Frozen):
    """A complaint as received. `key` is the channel's own identifier: the same (channel, key) is the same case."""

    channel: Channel
    key: Key
    text: Text
    received_at: Instant | None = None  # starter fills in now; in the future it is refused
    subject: Name | None = None
    complainant: Complainant = Complainant()
    category: str | None = Field(default=None, max_length=100)
    severity: Severity | None = None
    form: Form | None = None
    remedy_sought: Text | None = None
    details: Details = {}
    # Where a complaint in the media was read: newspaper, address, date.
    source: str | None = Field(default=None, max_length=500, validate_default=True)
    company: str | None = Field(default=None, max_length=100)
    evidence: Files = ()
    # How the contact was proven before it was filed, by a service that knows: else the policy decides who is asked.
    proof: Proof | None = Field(default=None, exclude_if=is_none)

    @field_validator("source")
    @classmethod
    def _media_have_a_source(cls, source: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("channel") is Channel.MEDIA and not (source or "").strip():
            raise ValueError("missing; write where it was read: the newspaper or address, and the date")
        return source

    @property
    def effective_form(self) -> Form:
        return self.form or self.channel.form


def without_personal_words(intake: Intake) -> dict[str, Any]:
    """What may be logged of an intake."""
    return {"channel": intake.channel, "category": intake.category, "severity": intake.severity}
