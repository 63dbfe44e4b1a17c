"""What a case is: how it came, where it stands, how it ended, who deals with it."""

from enum import StrEnum


class Channel(StrEnum):
    """How a complaint, a reply or a notice travels."""

    EMAIL = "email"
    FORM = "form"
    LETTER = "letter"
    PHONE = "phone"
    CHAT = "chat"
    SOCIAL = "social"
    APP = "app"
    COUNTER = "counter"
    MEDIA = "media"

    @property
    def form(self) -> "Form":
        return Form.ORAL if self in (Channel.PHONE, Channel.COUNTER) else Form.WRITTEN


class Form(StrEnum):
    ORAL = "oral"
    WRITTEN = "written"


class Severity(StrEnum):
    """In ascending order; `at_least` compares."""

    MINOR = "minor"
    MODERATE = "moderate"
    MAJOR = "major"
    CRITICAL = "critical"

    def at_least(self, other: "Severity") -> bool:
        order = list(Severity)
        return order.index(self) >= order.index(other)


class Status(StrEnum):
    """Where the work is (never how urgent it is, nor who was told)."""

    RECEIVED = "received"
    VERIFICATION = "verification"
    ASSESSMENT = "assessment"
    INVESTIGATION = "investigation"
    AWAITING_COMPLAINANT = "awaiting_complainant"
    ON_HOLD = "on_hold"
    RESOLVED = "resolved"
    CLOSING = "closing"
    CLOSED = "closed"
    ARCHIVED = "archived"


class Outcome(StrEnum):
    """The finding on merit."""

    UPHELD = "upheld"
    PARTLY_UPHELD = "partly_upheld"
    NOT_UPHELD = "not_upheld"


class ClosingReason(StrEnum):
    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"
    WITHDRAWN = "withdrawn"
    DEADLOCK = "deadlock"
    INCOMPLETE = "incomplete"
    DUPLICATE = "duplicate"
    REFERRED = "referred"
    OUT_OF_SCOPE = "out_of_scope"


AGENT_CLOSING_REASONS = (
    ClosingReason.INCOMPLETE,
    ClosingReason.DUPLICATE,
    ClosingReason.REFERRED,
    ClosingReason.OUT_OF_SCOPE,
)


class ReopeningReason(StrEnum):
    NEW_FACTS = "new_facts"
    PROBLEM_RETURNED = "problem_returned"
    PROMISE_NOT_KEPT = "promise_not_kept"


class Cause(StrEnum):
    """Why a case was raised to a higher tier, or reminded of at the top."""

    BREACH = "breach"
    STILL_BREACHED = "still_breached"
    ENTRY_SEVERITY = "entry_severity"
    DISPUTE = "dispute"
    TRANSFER_LIMIT = "transfer_limit"
    REOPENING = "reopening"
    COMMAND = "command"


class Role(StrEnum):
    AGENT = "agent"
    LEAD = "lead"
    AUDITOR = "auditor"
    ADMIN = "admin"
    SERVICE = "service"
    COMPLAINANT = "complainant"
    SYSTEM = "system"


class Lane(StrEnum):
    """Duties of one lane wait for each other; lanes never wait for each other."""

    RECORDS = "records"
    NOTICES = "notices"
    ESCALATIONS = "escalations"
    LOOKUPS = "lookups"
    CASES = "cases"  # what a merged case and the surviving one say to each other


class Proof(StrEnum):
    """How it was shown that a contact is the complainant's own."""

    LINK = "link"  # a signed link that was sent there was opened
    CODE = "code"  # a code that was sent or told there was given back
    REPLY = "reply"  # a message of ours was answered from the address itself
    LOGIN = "login"  # a service of ours that knows its users vouches for them


class Customer(StrEnum):
    """What a look-up says to a claim to be a customer."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"  # it cannot be said: no claim is refused for that


class Need(StrEnum):
    """How much a policy wants to know something."""

    REQUIRED = "required"  # asked for, and waited for
    ASKED = "asked"  # asked for along with what is required; nothing waits for it
    NONE = "none"
