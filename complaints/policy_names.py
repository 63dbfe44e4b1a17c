"""Checks of what a policy names: tiers, causes, categories, and the texts that name them to people.

Each rule's docstring states what it wants; `complaints.policy_checks` runs them all.
"""

from collections.abc import Iterable, Iterator, Mapping

from complaints.policy import Policy
from complaints.policy_problems import Problem, Problems, Rule
from complaints.vocabulary import HOUSE_LANGUAGES, Cause, Need


def _doubles(names: Iterable[str]) -> Iterator[tuple[int, str]]:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            yield index, name
        seen.add(name)


def _unknown_tier(policy: Policy, field: str, name: str, also: tuple[str, ...] = ()) -> Problems:
    known = [tier.name for tier in policy.tiers]
    if name not in known and name not in also:
        yield Problem(field, f"there is no tier `{name}`", f"use one of {', '.join([*also, *known])}")


def tiers_are_a_ladder(policy: Policy) -> Problems:
    """Tiers ascend: none comes twice, or a case would climb in a circle."""
    for index, name in _doubles(tier.name for tier in policy.tiers):
        yield Problem(f"tiers.{index}.name", f"tier `{name}` comes twice: a cycle", "list each tier once, lowest first")


def escalation_knows_every_cause(policy: Policy) -> Problems:
    """Every cause has a rule, and who is told exists."""
    for cause in Cause:
        if cause not in policy.escalation.causes:
            yield Problem(f"escalation.causes.{cause}", "this cause has no rule", "say who is told by it")
    for cause, rule in policy.escalation.causes.items():
        for index, name in enumerate(rule.tell):
            yield from _unknown_tier(policy, f"escalation.causes.{cause}.tell.{index}", name, ("tier", "owner"))


def tiers_named_elsewhere_exist(policy: Policy) -> Problems:
    """Entry, reopening and approval name tiers of the ladder."""
    for severity, entry in policy.escalation.entry.items():
        yield from _unknown_tier(policy, f"escalation.entry.{severity}.tier", entry.tier)
        for index, name in enumerate(entry.tell):
            yield from _unknown_tier(policy, f"escalation.entry.{severity}.tell.{index}", name, ("tier", "owner"))
    if (reopening := policy.escalation.reopening) is not None:
        yield from _unknown_tier(policy, "escalation.reopening.tier", reopening.tier)
    if policy.approver_tier is not None:
        yield from _unknown_tier(policy, "approver_tier", policy.approver_tier)


def categories_are_told_apart(policy: Policy) -> Problems:
    """There is a category; its name is its key; its solutions and steps are named once each."""
    if not policy.categories:
        yield Problem("categories", "there is none", "add at least one category")
    for key, category in policy.categories.items():
        if category.name != key:
            yield Problem(f"categories.{key}.name", f"is not `{key}`", "leave the name out: it is the key")
        for part, named in (("solutions", category.solutions), ("procedure", category.procedure)):
            for index, name in _doubles(thing.name for thing in named):
                yield Problem(f"categories.{key}.{part}.{index}.name", f"`{name}` comes twice", "name each once")


def verification_can_end(policy: Policy) -> Problems:
    """What a case may proceed without is asked for in the first place; consent to representation is not such."""
    rule = policy.verification
    asked = {"contact": rule.contact, "customer_number": rule.customer}
    needed = {name for category in policy.categories.values() for name in category.needs}
    known = sorted({name for name, need in asked.items() if need is Need.REQUIRED} | needed)
    for index, name in enumerate(rule.proceed_without):
        field = f"verification.proceed_without.{index}"
        if name == "consent":
            yield Problem(field, "nothing may be told to a representative without it", "remove it")
        elif name not in known:
            yield Problem(
                field, f"`{name}` is never waited for", f"use some of {', '.join(known) or 'what is required'}"
            )


def everything_named_speaks_every_language(policy: Policy) -> Problems:
    """Tiers, categories, solutions, steps and holidays have a name in each of the policy's languages."""
    if not policy.languages:
        yield Problem("languages", "there is none", f"list those it has texts in, such as {', '.join(HOUSE_LANGUAGES)}")
    for field, label in _labels(policy):
        for language in policy.languages:
            if not label.get(language, "").strip():
                yield Problem(f"{field}.{language}", f"the text in `{language}` is missing", "add it")
        for strange in sorted(set(label) - set(policy.languages)):
            yield Problem(f"{field}.{strange}", f"`{strange}` is no language of this policy", "remove it")


def _labels(policy: Policy) -> Iterator[tuple[str, Mapping[str, str]]]:
    yield from ((f"tiers.{index}.label", tier.label) for index, tier in enumerate(policy.tiers))
    for key, category in policy.categories.items():
        yield f"categories.{key}.label", category.label
        for part, named in (("solutions", category.solutions), ("procedure", category.procedure)):
            yield from ((f"categories.{key}.{part}.{index}.label", thing.label) for index, thing in enumerate(named))
    for name, source in policy.calendars.items():
        frozen = source.holidays.dates if source.holidays is not None else ()
        for part, days in (("closed", source.closed), ("holidays.dates", frozen)):
            yield from ((f"calendars.{name}.{part}.{index}.name", day.name) for index, day in enumerate(days))


RULES: tuple[Rule, ...] = (
    tiers_are_a_ladder,
    escalation_knows_every_cause,
    tiers_named_elsewhere_exist,
    categories_are_told_apart,
    verification_can_end,
    everything_named_speaks_every_language,
)
