"""The closed enumerations of complaint handling. Their values are what is stored, printed and searched for."""

import re
from enum import StrEnum
from typing import Any, ClassVar, Self

from pydantic_core import core_schema


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


class Language(str):
    """A language by its tag, such as `id`, `jv` or `en_GB`. A policy's `languages` say which it offers.

    Open, unlike all else here: adding a language is adding a folder of texts. Raises `ValueError` for what is no tag.
    """

    __slots__ = ()
    ID: ClassVar["Language"]
    EN: ClassVar["Language"]

    def __new__(cls, tag: str) -> Self:
        if _TAG.fullmatch(tag) is None:
            raise ValueError("is no language; write its tag, such as id, en or en_GB")
        return super().__new__(cls, tag)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema())

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: Any, _handler: Any) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{_TAG.pattern}$", "examples": ["id", "en"]}


_TAG = re.compile(r"[a-z]{2,3}(_[A-Z][a-z]{3})?(_[A-Z]{2})?")
Language.ID, Language.EN = Language("id"), Language("en")
HOUSE_LANGUAGES = (Language.ID, Language.EN)
"""What the house itself speaks: reports, reasons, the names of holidays."""


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


class Metric(StrEnum):
    """What a clock measures; the order here is the order in which effects of one instant happen."""

    ACKNOWLEDGEMENT = "acknowledgement"
    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    INFORMATION = "information"
    HOLD = "hold"
    PROGRESS_UPDATE = "progress_update"
    RESOLUTION = "resolution"
    CONFIRMATION = "confirmation"
    CLOSURE = "closure"
    ACTION = "action"
    FOLLOW_UP = "follow_up"


METRIC_ORDER = {metric: index for index, metric in enumerate(Metric)}


class OnDue(StrEnum):
    """What happens when a clock is due."""

    BREACH = "breach"
    SEND = "send"  # a notice goes out and the clock is met, automatically
    LAPSE = "lapse"  # the complainant's time ran out: never a breach
    RETURN = "return"  # the review date of a hold: the case goes back to work
    CONVERT = "convert"  # ends this clock and starts that of the complaint's new form: never a breach


class ClockState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"


class MetBy(StrEnum):
    """Who kept the promise: kept apart in every share."""

    PERSON = "person"
    AUTOMATIC = "automatic"
    COMPLAINANT = "complainant"


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


class Renewal(StrEnum):
    """How the resolution clock goes on after a dispute or a reopening."""

    RESTART = "restart"  # the full target from now
    CREDIT = "credit"  # the same budget; the time since the decision counts as a pause
    KEEP = "keep"  # the old due instant; breached at once if past


class RootCauseMethod(StrEnum):
    FIVE_WHYS = "five_whys"
    FISHBONE = "fishbone"


class CauseCategory(StrEnum):
    PROCESS = "process"
    SYSTEM = "system"
    POLICY = "policy"
    PRODUCT = "product"
    PEOPLE = "people"
    SUPPLIER = "supplier"
    COMMUNICATION = "communication"


class ActionKind(StrEnum):
    """Who is owed: a promise to the complainant, a correction in the house, or a task the case gave its owner."""

    PROMISE = "promise"
    CORRECTIVE = "corrective"
    TASK = "task"


class Lane(StrEnum):
    """Duties of one lane wait for each other; lanes never wait for each other."""

    RECORDS = "records"
    NOTICES = "notices"
    ESCALATIONS = "escalations"
    LOOKUPS = "lookups"
    CASES = "cases"  # what a merged case and the surviving one say to each other


class Occasion(StrEnum):
    """Why a notice is sent. The first group speaks to the complainant, the second to agents."""

    ACKNOWLEDGEMENT = "acknowledgement"
    ASSESSMENT = "assessment"
    RESPONSE = "response"
    PROGRESS_UPDATE = "progress_update"
    INFORMATION_REQUEST = "information_request"
    INFORMATION_REMINDER = "information_reminder"
    INFORMATION_NOT_RECEIVED = "information_not_received"
    ON_HOLD = "on_hold"
    INFORMATION_EXTENDED = "information_extended"
    DATE_CHANGED = "date_changed"
    HOLDING_REPLY = "holding_reply"  # before a limit: why it cannot be kept, and the new date
    LIMIT_LETTER = "limit_letter"  # at a limit that has come without a decision
    DECISION = "decision"
    FINAL_DECISION = "final_decision"
    CONFIRMATION_REMINDER = "confirmation_reminder"
    DISPUTE_RECEIVED = "dispute_received"
    REOPENED = "reopened"
    REOPENING_REQUEST_RECEIVED = "reopening_request_received"
    CLOSED_CONFIRMED = "closed_confirmed"
    CLOSED_UNCONFIRMED = "closed_unconfirmed"
    CLOSED_WITHDRAWN = "closed_withdrawn"
    CLOSED_DEADLOCK = "closed_deadlock"
    CLOSED_INCOMPLETE = "closed_incomplete"
    CLOSED_DUPLICATE = "closed_duplicate"
    CLOSED_REFERRED = "closed_referred"
    CLOSED_OUT_OF_SCOPE = "closed_out_of_scope"
    SUMMARY_RESOLUTION = "summary_resolution"  # instead of the closing notice of a case that was solved early
    FOLLOW_UP = "follow_up"
    CAUGHT_UP = "caught_up"  # stands for several notices after an outage
    CONTACT_CODE = "contact_code"  # the code that proves an address; never sent by a case

    AGENT_ASSIGNED = "agent_assigned"
    AGENT_RELIEVED = "agent_relieved"
    AGENT_WARNING = "agent_warning"
    AGENT_BREACH = "agent_breach"
    AGENT_ESCALATED = "agent_escalated"
    AGENT_TOP_REMINDER = "agent_top_reminder"
    AGENT_MESSAGE_RECEIVED = "agent_message_received"
    AGENT_FACT_REPORTED = "agent_fact_reported"
    AGENT_UNREADABLE_MESSAGE = "agent_unreadable_message"
    AGENT_INFORMATION_NOT_RECEIVED = "agent_information_not_received"
    AGENT_HOLD_ENDED = "agent_hold_ended"
    AGENT_CONVERTED = "agent_converted"
    AGENT_DISPUTED = "agent_disputed"
    AGENT_APPROVAL_WANTED = "agent_approval_wanted"
    AGENT_APPROVAL_ANSWERED = "agent_approval_answered"
    AGENT_CLOSURE_PARTS_MISSING = "agent_closure_parts_missing"
    AGENT_REOPENING_REQUESTED = "agent_reopening_requested"
    AGENT_REOPENED = "agent_reopened"
    AGENT_TASK = "agent_task"
    AGENT_TRANSFER_REFUSED = "agent_transfer_refused"
    AGENT_CAUGHT_UP = "agent_caught_up"
    AGENT_DUPLICATES_FOUND = "agent_duplicates_found"
    AGENT_MERGED_IN = "agent_merged_in"
    AGENT_MERGE_REFUSED = "agent_merge_refused"
    AGENT_TAKEN_OUT = "agent_taken_out"

    @property
    def to_complainant(self) -> bool:
        return not self.value.startswith("agent_")


class Kind(StrEnum):
    """Timeline entries: facts, in the past tense."""

    RECEIVED = "received"
    VERIFIED = "verified"
    INFORMATION_MISSING = "information_missing"
    ASSESSED = "assessed"
    ASSIGNED = "assigned"
    TRANSFERRED = "transferred"
    RESPONDED = "responded"
    UPDATE_SENT = "update_sent"
    INFORMATION_REQUESTED = "information_requested"
    INFORMATION_NOT_RECEIVED = "information_not_received"
    PUT_ON_HOLD = "put_on_hold"
    RESUMED = "resumed"
    HOLD_ENDED = "hold_ended"
    NOTED = "noted"
    STEP_RECORDED = "step_recorded"
    ATTACHED = "attached"
    DECISION_PROPOSED = "decision_proposed"
    DECISION_APPROVED = "decision_approved"
    DECISION_DECLINED = "decision_declined"
    DECIDED = "decided"
    ROOT_CAUSE_RECORDED = "root_cause_recorded"
    EVALUATION_RECORDED = "evaluation_recorded"
    EXTENDED = "extended"
    REPLANNED = "replanned"
    CONVERTED = "converted"
    LETTER_SENT = "letter_sent"
    ACTION_ADDED = "action_added"
    ACTION_COMPLETED = "action_completed"
    AMENDED = "amended"
    CONSENT_RECORDED = "consent_recorded"
    COMPLAINANT_REPLIED = "complainant_replied"
    SATISFACTION_CONFIRMED = "satisfaction_confirmed"
    DISPUTED = "disputed"
    WITHDRAWN = "withdrawn"
    FACT_REPORTED = "fact_reported"
    UNREADABLE_MESSAGE = "unreadable_message"
    REOPENING_REQUESTED = "reopening_requested"
    REOPENED = "reopened"
    WARNED = "warned"
    BREACHED = "breached"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    DE_ESCALATED = "de_escalated"
    TOP_REMINDED = "top_reminded"
    OWNER_CHANGED = "owner_changed"
    NOTICE_HANDED_OVER = "notice_handed_over"
    NOTICE_FAILED = "notice_failed"
    NOTICE_DELAYED = "notice_delayed"
    NOTICE_UNDELIVERABLE = "notice_undeliverable"
    CLOSING_BEGAN = "closing_began"
    CLOSURE_RECORDED = "closure_recorded"
    CLOSED = "closed"
    FOLLOWED_UP = "followed_up"
    ARCHIVED = "archived"
    CAUGHT_UP = "caught_up"
    CALENDARS_EXTENDED = "calendars_extended"
    DUPLICATES_FOUND = "duplicates_found"
    MERGE_ASKED = "merge_asked"
    MERGE_REFUSED = "merge_refused"
    MERGED = "merged"
    MERGED_IN = "merged_in"
    UNMERGED = "unmerged"
    TAKEN_OUT = "taken_out"
    REFUSED = "refused"


class KnownFact(StrEnum):
    """Facts that a case understands; any other name is recorded and no more."""

    CONTACT_PROVEN = "contact_proven"  # {channel, by: link | code}: the address is the complainant's
    NOTICE_BOUNCED = "notice_bounced"  # {key, status}: what was handed over came back
    CUSTOMER_CHECKED = "customer_checked"  # {customer: yes | no | unknown}


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
