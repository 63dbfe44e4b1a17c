"""Checks of a policy's demands: each names keys that are there, and a source, or says why it has none."""

from collections.abc import Mapping, Sequence
from typing import Any

from complaints.policy import Policy
from complaints.policy_problems import Problem, Problems, Rule

DISCLAIMER = "not legal advice; reviewed by counsel: no"


def found(tree: Any, path: Sequence[str]) -> bool:
    """Whether a tree of mappings and lists has something at a path; None is nothing."""
    for part in path:
        if isinstance(tree, Mapping) and part in tree:
            tree = tree[part]
        elif isinstance(tree, list) and part.isdigit() and int(part) < len(tree):
            tree = tree[int(part)]
        else:
            return False
    return tree is not None


def keys_of_demands_exist(policy: Policy) -> Problems:
    """Every demand names keys that the policy has, as it is after extending; those of texts are checked with them."""
    if not policy.demands:
        return
    whole = policy.model_dump(mode="json")
    for index, demand in enumerate(policy.demands):
        for number, key in enumerate(demand.keys):
            if not key.startswith("texts.") and not found(whole, key.split(".")):
                problem = f"there is nothing at `{key}`"
                yield Problem(f"demands.{index}.keys.{number}", problem, "name the key that carries the demand")


def demands_name_their_sources(policy: Policy) -> Problems:
    """A sourced demand names a source, one of our own none; and the policy says that it is no advice."""
    for index, demand in enumerate(policy.demands):
        field = f"demands.{index}.sources"
        if demand.standing == "sourced" and not demand.sources:
            yield Problem(field, "no source is named", "name one, or say that it is `unconfirmed` or `own`")
        if demand.standing == "own" and demand.sources:
            yield Problem(field, "a figure of our own has no source", "remove it, or say that it is `sourced`")
        for number, source in enumerate(demand.sources):
            if source not in policy.sources:
                yield Problem(f"{field}.{number}", f"`{source}` is no source of the policy", "list it in `sources` too")
    if policy.demands and DISCLAIMER not in policy.disclaimer and "reviewed by counsel: yes" not in policy.disclaimer:
        yield Problem("disclaimer", "does not say whether counsel has reviewed it", f"write `{DISCLAIMER}`")


RULES: tuple[Rule, ...] = (keys_of_demands_exist, demands_name_their_sources)
