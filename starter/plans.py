"""Re-plans as people write them: the policy by name, which means another plan for every case."""

from datetime import datetime

import policies
from complaints.messages.commands import Replan


def replan_of(command: Replan, received_at: datetime, now: datetime) -> Replan:
    """The command with the plan of its policy. Raises `NotFound` or `BadPolicy`."""
    plan = policies.resolve_again(policies.load(command.policy), received_at, now)
    return command.model_copy(update={"plan": plan})
