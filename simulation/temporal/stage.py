"""Where scenarios are played: a connection to a server with time skipping, and the workers all of them share."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime
from itertools import count

from temporalio.client import Client
from temporalio.plugin import SimplePlugin
from temporalio.runtime import Runtime
from temporalio.testing import TimeSkipper, TimeSkippingConfig
from temporalio.worker import Worker

from complaints.errors import Unreachable
from complaints.messages import CASES_QUEUE, NOTICES_QUEUE, RECORDS_QUEUE
from complaints.policy import Policy
from simulation.scenario import Scenario
from simulation.surroundings import policy_of
from simulation.temporal.house import House, activities
from simulation.temporal.player import Disturbed, Played, Player
from simulation.temporal.steady import CaseClock, SteadyRunner
from workflows.runner import plugin, runner

SKIPPING = (
    "--dynamic-config-value", "frontend.WorkflowTimeSkippingEnabled=true",
    "--dynamic-config-value", 'history.timerProcessorMaxTimeShift="10ms"',  # else every skip takes a second
)  # fmt: skip
"""What a development server must be told at its start."""
_SKIPS = 100_000
_PLAYS = 5  # until the server's clock has gone as it was told


class Stage:
    """`now` is about the server's time: cases know from it how far their clock is shifted."""

    def __init__(self, client: Client, now: datetime, houses: dict[str, House], clocks: dict[str, CaseClock]) -> None:
        self.client = client
        self.now = now
        self.skipper = TimeSkipper(client, config=TimeSkippingConfig(max_session_skip_count=_SKIPS))
        self.houses = houses
        self.clocks = clocks
        self._numbers = count(1)

    async def play(self, scenario: Scenario, policy: Policy | None = None) -> Played:
        """Play a scenario to its end, on a workflow of its own. Several may be played at once.

        On a busy machine the server's clock now and then jumps on to a timer that it was not told to go to; then the
        scenario is played anew.
        """
        policy = policy or policy_of(scenario)
        for _ in range(_PLAYS):
            async with Player(self, scenario, policy, next(self._numbers)) as player:
                with suppress(Disturbed):
                    return await player.play()
        raise Unreachable(
            "Temporal's clock goes further than it is told",
            field="engine",
            remedy="try again when the machine is less busy",
        )


@asynccontextmanager
async def open_stage(address: str, now: datetime, runtime: Runtime | None = None) -> AsyncIterator[Stage]:
    """Connect to a development server that was started with the arguments `SKIPPING`."""
    houses: dict[str, House] = {}
    clocks: dict[str, CaseClock] = {}
    steady = SimplePlugin("tuntas-simulation", workflow_runner=lambda inner: SteadyRunner(inner or runner(), clocks))
    # In this order: the second plugin takes over the runner of the first.
    client = await Client.connect(address, plugins=[plugin(), steady], runtime=runtime)
    async with AsyncExitStack() as stack:
        for queue in (CASES_QUEUE, RECORDS_QUEUE, NOTICES_QUEUE):
            await stack.enter_async_context(Worker(client, task_queue=queue, activities=activities(houses, queue)))
        yield Stage(client, now, houses, clocks)
