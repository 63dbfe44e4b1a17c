"""The checks that look across a policy's fields, as a list of small rules. Pure: a policy in, its problems out.

Each rule's docstring states what it wants. This module holds those on statuses,
clocks and limits; `policy_names` and `policy_targets` hold the others.
"""

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from complaints.policy import Policy
from complaints.policy_demands import RULES as DEMAND_RULES
from complaints.policy_names import RULES as NAME_RULES
from complaints.policy_problems import Problem, Problems, Rule, usable
from complaints.policy_targets import RULES as TARGET_RULES
from complaints.policy_terms import FITTING, pausing
from complaints.policy_terms import RULES as TERM_RULES
from complaints.targets import Unit
from complaints.vocabulary import ClosingReason, Metric, OnDue, Status

OPTIONAL = frozenset({Metric.NEXT_RESPONSE, Metric.PROGRESS_UPDATE, Metric.FOLLOW_UP})
"""Metrics that a policy may leave out: no status depends on them for its due instant."""

PAUSABLE = frozenset({Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE, Metric.PROGRESS_UPDATE, Metric.RESOLUTION})
WAITING = frozenset({Status.AWAITING_COMPLAINANT, Status.ON_HOLD})
WORK = (Status.VERIFICATION, Status.ASSESSMENT, Status.INVESTIGATION)
DUE_BY = {
    Status.AWAITING_COMPLAINANT: Metric.INFORMATION,
    Status.ON_HOLD: Metric.HOLD,
    Status.RESOLVED: Metric.CONFIRMATION,
    Status.CLOSING: Metric.CLOSURE,
}


def every_status_has_a_due_instant(policy: Policy) -> Problems:
    """Wherever a case stands, some unpaused clock runs, or aftercare does (DESIGN, section 3: nobody is ignored)."""
    resolution = policy.clocks.get(Metric.RESOLUTION)
    if resolution is None:
        for status in WORK:
            problem = f"status `{status}` would be without a due instant"
            yield Problem("clocks.resolution", problem, "add the clock: resolution runs there")
    else:
        for field, pauses in pausing(Metric.RESOLUTION, resolution):
            for status in (status for status in WORK if status in pauses):
                problem = f"status `{status}` would be without a due instant"
                yield Problem(field, problem, f"take `{status}` out: resolution runs there")
    for status, metric in DUE_BY.items():
        if metric not in policy.clocks:
            problem = f"status `{status}` would be without a due instant"
            yield Problem(f"clocks.{metric}", problem, f"add the clock; {metric} is what runs there")
    if not policy.aftercare.after:
        problem = f"status `{Status.CLOSED}` would be without a due instant"
        yield Problem("aftercare.after", problem, "name the closing reasons that are followed by aftercare")


def every_promise_has_a_clock(policy: Policy) -> Problems:
    """Every metric is configured, apart from the optional ones and those a status depends on, told there."""
    told = {Metric.RESOLUTION, *DUE_BY.values()}
    for metric in Metric:
        if metric not in policy.clocks and metric not in OPTIONAL | told:
            yield Problem(f"clocks.{metric}", "this clock is missing", "add it with its targets and `on_due`")


def only_breaches_climb(policy: Policy) -> Problems:
    """Only breaches climb, and an acknowledgement's does not; a follow-up alone depends on the closing reason."""
    for metric, clock in policy.clocks.items():
        if clock.climbs and (OnDue.BREACH not in FITTING[metric] or metric is Metric.ACKNOWLEDGEMENT):
            yield Problem(f"clocks.{metric}.climbs", f"{metric} never climbs", "remove `climbs`")
        if clock.after is not None and metric is not Metric.FOLLOW_UP:
            yield Problem(f"clocks.{metric}.after", "only follow_up depends on the closing reason", "remove `after`")


def only_waiting_pauses(policy: Policy) -> Problems:
    """No clock pauses but while we wait for the complainant or a third party, and where the metric allows it."""
    for metric, clock in policy.clocks.items():
        for field, pauses in pausing(metric, clock):
            if pauses and metric not in PAUSABLE:
                yield Problem(field, f"{metric} never pauses", "remove `pauses`")
            elif strange := sorted(pauses - WAITING - (set(WORK) if metric is Metric.RESOLUTION else set())):
                yield Problem(field, f"nobody is waited for in `{strange[0]}`", f"use {' or '.join(sorted(WAITING))}")


def aftercare_outlasts_follow_up(policy: Policy) -> Problems:
    """Every follow-up happens while the case is looked after: after the same closings, before aftercare ends."""
    if (clock := policy.clocks.get(Metric.FOLLOW_UP)) is None:
        return
    reasons = frozenset(ClosingReason) if clock.after is None else clock.after
    for reason in sorted(reasons - policy.aftercare.after):
        problem = f"a case closed as `{reason}` is archived before its follow-up"
        yield Problem("clocks.follow_up.after", problem, "name it in `aftercare.after` too, or in neither")
    calendars, period = usable(policy), policy.aftercare.period
    closed_at = [datetime.combine(policy.as_of, time(3), UTC) + timedelta(days=day) for day in range(14)]
    for index, rule in enumerate(clock.targets):
        pair = [(each.target, calendars.get(each.calendar or "")) for each in (rule, period)]
        if any(target.needs_calendar and calendar is None for target, calendar in pair):
            continue  # told by `targets_have_their_calendar`
        (target, calendar), (end, ending) = pair
        if any(target.due(at, calendar) > end.due(at, ending) for at in closed_at):
            problem = f"`{target}` is later than aftercare's end, `{end}`"
            yield Problem(f"clocks.follow_up.targets.{index}.target", problem, "shorten it, or lengthen aftercare")


def surveys_can_be_answered(policy: Policy) -> Problems:
    """Whom a survey asks can still answer: their case is looked after. The quiet period is counted in no calendar."""
    if (survey := policy.aftercare.survey) is None:
        return
    for reason in sorted(survey.after - policy.aftercare.after):
        problem = f"a case closed as `{reason}` is archived at once: nobody would ask"
        yield Problem("aftercare.survey.after", problem, "name it in `aftercare.after` too, or in neither")
    if survey.quiet.unit is not Unit.ELAPSED:
        yield Problem("aftercare.survey.quiet", "a quiet period is elapsed time", "write it in days or weeks")


def limits_agree(policy: Policy) -> Problems:
    """One hold is no longer than all of them; an outage is measured in elapsed time; zone and currency are known."""
    if policy.hold.each > policy.hold.total:
        yield Problem("hold.each", "one hold may last longer than all together", "let `each` be at most `total`")
    if policy.outage.after.unit is not Unit.ELAPSED:
        yield Problem("outage.after", "an outage is not business time", "write seconds, minutes or hours")
    if re.fullmatch("[A-Z]{3}", policy.currency) is None:
        yield Problem("currency", "is no currency code", "write its three letters, such as IDR")
    try:
        ZoneInfo(policy.timezone)
    except (KeyError, ValueError, OSError):
        yield Problem("timezone", f"`{policy.timezone}` is unknown", "use an IANA name such as Asia/Jakarta")


def final_decisions_name_outside_bodies(policy: Policy) -> Problems:
    """There is an outside body to name when a decision is final."""
    if not any(body.strip() for body in policy.outside_bodies):
        yield Problem("outside_bodies", "a final decision could name none", "list whom a complainant can turn to")


RULES: tuple[Rule, ...] = (
    every_status_has_a_due_instant,
    every_promise_has_a_clock,
    only_breaches_climb,
    only_waiting_pauses,
    *TERM_RULES,
    limits_agree,
    final_decisions_name_outside_bodies,
    *NAME_RULES,
    *TARGET_RULES,
    aftercare_outlasts_follow_up,
    surveys_can_be_answered,
    *DEMAND_RULES,
)


def check(policy: Policy) -> list[Problem]:
    """Every problem of a policy, in the order of the rules; an empty list is a sound policy."""
    return [problem for rule in RULES for problem in rule(policy)]
