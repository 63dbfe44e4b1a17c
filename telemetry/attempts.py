"""What an attempt at an activity did to the duties of a case, lane by lane; and which of them are tried in vain.

An activity may carry duties of several lanes: a record takes along what else is to be done in the same moment. What
could not be done along with it is no failed attempt of the activity, which has done what it could; it was not done
either, and its own lane tries it by itself.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta
from enum import StrEnum
from typing import Any

from temporalio.activity import Info
from temporalio.exceptions import ApplicationError

from complaints.messages.duties import Moment, RecordBatch
from complaints.messages.feedback import Deliveries, Delivery, MomentOutcome

LANES = {  # which lane of a case calls an activity
    "record": "records",
    "carry_out": "records",
    "record_closure": "records",
    "archive": "records",
    "extend_calendars": "records",
    "escalate": "escalations",
    "notify_complainant": "notices",
    "notify_agents": "agents",
    "check_customer": "lookups",
    "merge": "cases",
    "forward": "cases",
}
ATTEMPTS = 3  # in vain: a hiccup is over by then
_GRACE = 60.0  # seconds in which whoever makes the next attempt, here or elsewhere, has begun it
_DOUBLED = 20


class End(StrEnum):
    DONE = "done"
    APART = "apart"  # not done along with the record; its lane does it by itself
    RETRY = "retry"  # will be tried again
    FAILED = "failed"  # for good


def lanes_of(activity: str, payload: Any) -> tuple[str, ...]:
    """The lanes whose duties an activity carries, its own first."""
    along: dict[str, Any] = {}
    if isinstance(payload, Moment):
        along = {"agents": payload.record.tell, "notices": payload.notices, "escalations": payload.escalation}
    elif isinstance(payload, RecordBatch):
        along = {"agents": payload.tell}
    return (LANES.get(activity, "other"), *(lane for lane, carried in along.items() if carried))


def ends(activity: str, payload: Any, result: Any) -> dict[str, End]:
    """What an attempt that was answered did, by lane. A message to an agent is done once it is written."""
    done = dict.fromkeys(lanes_of(activity, payload), End.DONE)
    if isinstance(result, MomentOutcome) and not result.recorded:
        return dict.fromkeys(done, End.APART)
    if isinstance(result, MomentOutcome) and "notices" in done:
        left = len(result.deliveries) < len(payload.notices)
        done["notices"] = End.APART if left else _delivered(result.deliveries)
    if isinstance(result, Deliveries):
        done["notices"] = _delivered(result.deliveries)
    return done


def _delivered(deliveries: Iterable[Delivery]) -> End:
    """Failed if one of them will never arrive. One that its person did not want has no problem, and is done."""
    return End.FAILED if any(d.problem is not None for d in deliveries if not d.handed_over) else End.DONE


class InVain:
    """Activities whose third attempt has failed and that are tried again: each where it was tried last.

    Any worker may make the next attempt, and this one hears nothing of it. So an activity is known here while an
    attempt is under way, and from a failed one until the next must have begun. `now` gives seconds, of any clock.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._until: dict[tuple[str | None, str], tuple[float, tuple[str, ...]]] = {}

    def began(self, info: Info, lanes: tuple[str, ...]) -> None:
        if info.attempt > ATTEMPTS:
            self._until[_key(info)] = float("inf"), lanes

    def failed(self, info: Info, lanes: tuple[str, ...], error: Exception) -> None:
        """It is tried again."""
        if info.attempt >= ATTEMPTS:
            self._until[_key(info)] = self._now() + _pause(info, error).total_seconds() + _GRACE, lanes

    def over(self, info: Info) -> None:
        """Done, failed for good, or not wanted any more."""
        self._until.pop(_key(info), None)

    def by_lane(self) -> Counter[str]:
        now = self._now()
        self._until = {key: known for key, known in self._until.items() if known[0] > now}
        return Counter(lane for _, lanes in self._until.values() for lane in lanes)


IN_VAIN = InVain()
"""Of this process."""


def _key(info: Info) -> tuple[str | None, str]:
    return info.workflow_run_id, info.activity_id


def _pause(info: Info, error: Exception) -> timedelta:
    """How long the server waits before the next attempt."""
    if isinstance(error, ApplicationError) and error.next_retry_delay is not None:
        return error.next_retry_delay
    policy = info.retry_policy
    if policy is None:
        return timedelta(0)
    longest = policy.maximum_interval or 100 * policy.initial_interval
    doubled = min(info.attempt - 1, _DOUBLED)  # after days of attempts the power would be too large a number
    return min(policy.initial_interval * policy.backoff_coefficient**doubled, longest)
