"""Why a notice is sent."""

from enum import StrEnum


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
    REOPENING_DECLINED = "reopening_declined"
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
    SURVEYS_STOPPED = "surveys_stopped"
    PROMISE_DONE = "promise_done"  # we say that a promise is kept: is it so?
    PROMISE_REOPENED = "promise_reopened"  # they say that it is not
    PROMISE_CHANGED = "promise_changed"
    PROMISE_CANCELLED = "promise_cancelled"
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
    AGENT_ACTION_CHANGED = "agent_action_changed"
    AGENT_ACTION_CANCELLED = "agent_action_cancelled"
    AGENT_PROMISE_DENIED = "agent_promise_denied"
    AGENT_TRANSFER_REFUSED = "agent_transfer_refused"
    AGENT_CAUGHT_UP = "agent_caught_up"
    AGENT_DUPLICATES_FOUND = "agent_duplicates_found"
    AGENT_MERGED_IN = "agent_merged_in"
    AGENT_MERGE_REFUSED = "agent_merge_refused"
    AGENT_TAKEN_OUT = "agent_taken_out"
    AGENT_EVALUATED = "agent_evaluated"
    AGENT_EVALUATION_ANSWERED = "agent_evaluation_answered"

    @property
    def to_complainant(self) -> bool:
        return not self.value.startswith("agent_")
