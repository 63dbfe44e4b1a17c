"""What clocks measure, and what becomes of them."""

from enum import StrEnum


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


class Renewal(StrEnum):
    """How the resolution clock goes on after a dispute or a reopening."""

    RESTART = "restart"  # the full target from now
    CREDIT = "credit"  # the same budget; the time since the decision counts as a pause
    KEEP = "keep"  # the old due instant; breached at once if past
