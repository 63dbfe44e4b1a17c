"""The names and words of the policy that a case is pinned to, for people: categories, solutions, instants."""

from functools import lru_cache

import policies
from complaints.errors import BadPolicy, NotFound
from complaints.policy import Policy
from policies.texts import Texts


@lru_cache(64)
def _of_pack(pack: str) -> tuple[Policy, Texts]:
    policy = policies.load(pack)
    return policy, policies.texts(policy)


def voice(pack: str | None, otherwise: Policy) -> tuple[Policy, Texts]:
    """Return the policy of a pack and its texts; those of another policy where the pack has no name here."""
    if pack is not None:
        try:
            return _of_pack(pack)
        except (NotFound, BadPolicy):
            pass
    return otherwise, policies.texts(otherwise)


def needs_of(policy: Policy) -> list[str]:
    """Return everything that some category needs, each once."""
    return list(dict.fromkeys(name for category in policy.categories.values() for name in category.needs))
