"""Checks of what holds for a clock: what happens when it is due, what it starts from, extensions, letters, conversions.

Each rule's docstring states what it wants; `complaints.policy_checks` runs them all. A target may say otherwise than
its clock, so every rule looks at both.
"""

from collections.abc import Iterator
from itertools import product

from complaints.policy import ClockRules, Extension, Facts, Policy, TargetRule
from complaints.policy_problems import Problem, Problems, Rule
from complaints.vocabulary import Channel, Form, Metric, OnDue, Severity, Status

FITTING = {
    Metric.ACKNOWLEDGEMENT: (OnDue.BREACH,),
    Metric.FIRST_RESPONSE: (OnDue.BREACH,),
    Metric.NEXT_RESPONSE: (OnDue.BREACH,),
    Metric.INFORMATION: (OnDue.LAPSE,),
    Metric.HOLD: (OnDue.RETURN,),
    Metric.PROGRESS_UPDATE: (OnDue.SEND,),
    Metric.RESOLUTION: (OnDue.BREACH, OnDue.CONVERT),
    Metric.CONFIRMATION: (OnDue.LAPSE,),
    Metric.CLOSURE: (OnDue.BREACH,),
    Metric.ACTION: (OnDue.BREACH,),
    Metric.FOLLOW_UP: (OnDue.SEND,),
}
"""What each metric can do when it is due. A letter (`send`) may go out besides: see `LETTERED`."""
LETTERED = (Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE, Metric.RESOLUTION)
TOLD = (Metric.INFORMATION, Metric.HOLD, Metric.CONFIRMATION, Metric.ACTION)
"""Clocks that keep what they were started with, whatever becomes of the facts that chose it."""


def pausing(metric: Metric, clock: ClockRules) -> Iterator[tuple[str, frozenset[Status]]]:
    """What pauses a clock, and what pauses it under its targets, with the path of each."""
    yield f"clocks.{metric}.pauses", clock.pauses
    for index, rule in enumerate(clock.targets):
        if rule.pauses is not None:
            yield f"clocks.{metric}.targets.{index}.pauses", rule.pauses


def on_due_fits_the_metric(policy: Policy) -> Problems:
    """Every clock does when due what its metric can do, whichever of its targets applies."""
    for metric, clock in policy.clocks.items():
        field = f"clocks.{metric}"
        if clock.on_due not in FITTING[metric]:
            yield _unfitting(f"{field}.on_due", metric, clock.on_due)
        elif clock.on_due is OnDue.CONVERT and any(rule.on_due is None and not rule.convert for rule in clock.targets):
            remedy = "write `breach`, and `on_due: convert` with `convert` at the target that is meant"
            yield Problem(f"{field}.on_due", "not every target says into what it converts", remedy)
        for index, rule in enumerate(clock.targets):
            if rule.on_due is not None and rule.on_due not in FITTING[metric]:
                yield _unfitting(f"{field}.targets.{index}.on_due", metric, rule.on_due)


def _unfitting(field: str, metric: Metric, on_due: OnDue) -> Problem:
    fitting = " or ".join(f"`{each}`" for each in FITTING[metric])
    return Problem(field, f"`{on_due}` does not fit {metric}", f"write {fitting}")


def targets_of_what_was_told_say_nothing_more(policy: Policy) -> Problems:
    """A question, a hold, a promise stay as they were told: their targets are a time and a calendar, and no more."""
    for metric in TOLD:
        for index, rule in enumerate(policy.clocks[metric].targets if metric in policy.clocks else ()):
            if not rule.plain:
                problem = f"a target of {metric} has nothing of its own but a time and a calendar"
                yield Problem(f"clocks.{metric}.targets.{index}", problem, "let the clock say it for all its targets")


def conversions_come_to_an_end(policy: Policy) -> Problems:
    """Every conversion says into what, leads to another target, and never comes back to where it began."""
    for metric, clock in policy.clocks.items():
        for index, rule in enumerate(clock.targets):
            field, converts = f"clocks.{metric}.targets.{index}", clock.terms(rule).on_due is OnDue.CONVERT
            if converts and rule.convert is None:
                yield Problem(f"{field}.convert", "does not say into what", "write `convert: {form: written}`")
            elif rule.convert is not None and not converts:
                yield Problem(f"{field}.convert", "is never done", "write `on_due: convert`, or remove it")
            elif converts and (circle := _circle(policy, clock, index)):
                problem = f"converts in a circle: {' -> '.join(circle)}"
                remedy = f"let the target for `{circle[-2]}` complaints end in a breach"
                yield Problem(f"{field}.convert", problem, remedy)


def _circle(policy: Policy, clock: ClockRules, first: int) -> tuple[Form, ...]:
    """The forms that a complaint under a target goes through, if it comes back to one it had."""
    for facts in _facts(policy):
        forms: tuple[Form, ...] = (facts.form,)
        rule = clock.choose(facts)
        while rule is not None and (forms[1:] or rule is clock.targets[first]):
            if clock.terms(rule).on_due is not OnDue.CONVERT or rule.convert is None:
                break
            forms = (*forms, rule.convert.form)
            if forms[-1] in forms[:-1]:
                return forms
            rule = clock.choose(facts.model_copy(update={"form": forms[-1]}))
    return ()


def _facts(policy: Policy) -> Iterator[Facts]:
    for channel, category, severity, form in product(Channel, (None, *policy.categories), Severity, Form):
        yield Facts.model_construct(channel=channel, category=category, severity=severity, form=form)


def starts_are_known_at_receipt(policy: Policy) -> Problems:
    """Only a decision's time may count from complete documents; which it is does not change with an assessment.

    Until they are there, the progress update is what is due: a case never waits without a due instant.
    """
    for metric, clock in policy.clocks.items():
        named = [(f"clocks.{metric}.targets.{i}.starts", r.starts) for i, r in enumerate(clock.targets) if r.starts]
        named += [(f"clocks.{metric}.starts", clock.starts)] if clock.starts != "receipt" else []
        if metric is not Metric.RESOLUTION:
            yield from (Problem(f, f"{metric} starts at its own occasion", "remove `starts`") for f, _ in named)
            continue
        if any(starts == "documents_complete" for _, starts in named) and Metric.PROGRESS_UPDATE not in policy.clocks:
            problem = "status `verification` would be without a due instant until the documents are there"
            yield Problem(named[0][0], problem, "add the clock `progress_update`, or start at receipt")
        found: dict[tuple[Channel, Form], set[str]] = {}
        for facts in _facts(policy) if not clock.plain else ():
            found.setdefault((facts.channel, facts.form), set()).add(clock.terms(clock.choose(facts)).starts)
        if any(len(starts) > 1 for starts in found.values()):
            problem = "what the time counts from would change with category or severity, which are found later"
            yield Problem(named[0][0], problem, "tell the targets apart by `channel` and `form` only")


def letters_fit(policy: Policy) -> Problems:
    """A letter goes out where a complainant waits for us; it promises a date where there is a decision to promise."""
    for metric, clock in policy.clocks.items():
        for index, rule in enumerate(clock.targets):
            field = f"clocks.{metric}.targets.{index}"
            if rule.send is not None and metric not in LETTERED and metric not in TOLD:
                yield Problem(f"{field}.send", f"nobody waits for a letter when {metric} is due", "remove `send`")
            if rule.expect is None:
                continue
            if rule.send is None or clock.terms(rule).on_due is not OnDue.BREACH or metric is not Metric.RESOLUTION:
                problem = "only the letter of a decision that is late promises another date"
                yield Problem(f"{field}.expect", problem, "remove `expect`, or write `send: limit_letter`")
            elif rule.expect.needs_calendar and rule.calendar is None:
                problem = f"`{rule.expect}` is counted in a calendar, and the target names none"
                yield Problem(f"{field}.expect", problem, "write it in elapsed time")


def extensions_can_be_counted(policy: Policy) -> Problems:
    """Every extension belongs to a promise of ours or a question, has reasons, and can be counted."""
    for metric, clock in policy.clocks.items():
        if clock.extension is not None:
            targets = tuple(rule for rule in clock.targets if rule.extension is None)
            yield from _extension(f"clocks.{metric}.extension", metric, clock.extension, targets)
        for index, rule in enumerate(clock.targets):
            if rule.extension is not None:
                yield from _extension(f"clocks.{metric}.targets.{index}.extension", metric, rule.extension, (rule,))


def _extension(field: str, metric: Metric, extension: Extension, targets: tuple[TargetRule, ...]) -> Problems:
    if OnDue.BREACH not in FITTING[metric] and metric is not Metric.INFORMATION:
        yield Problem(field, f"{metric} cannot be extended", "remove it")
    if extension.send is not None and metric is not Metric.RESOLUTION:
        yield Problem(f"{field}.send", f"no letter tells of an extension of {metric}", "remove `send`")
    if not extension.reasons:
        yield Problem(f"{field}.reasons", "the list of reasons is empty", "list the reasons that are accepted")
    if extension.by.needs_calendar and any(rule.calendar is None for rule in targets):
        problem = f"`{extension.by}` is counted in a calendar, and a target names none"
        yield Problem(f"{field}.by", problem, "write it in elapsed time, or give every target a calendar")


RULES: tuple[Rule, ...] = (
    on_due_fits_the_metric,
    targets_of_what_was_told_say_nothing_more,
    conversions_come_to_an_end,
    starts_are_known_at_receipt,
    letters_fit,
    extensions_can_be_counted,
)
