"""`ComplaintWorkflow` under a simulated clock: scenarios played on a development server with time skipping.

    async with open_stage(address) as stage:
        played = await stage.play(scenario)

The server runs the workflow, its timers, signals and updates; the activities are in memory (the one place where the
design allows them) and answer as the pure engine does, so that both engines print the same.

**The clock.** The server's clock for a workflow jumps when it is told to, but between two jumps it goes on by the real
milliseconds that work takes. Every hand-over, and every due instant that rests on one, would inherit them; an answer
could never come at the due instant itself, and the chain of hashes would differ from run to run. So the worker of a
simulation hands the workflow a clock without them (`steady`): it stands still while anything is done, and moves when a
timer fires, to the instant for which that was set, or to the instant of an event. The workflow does not know: its case
time is `workflow.now() + clock_shift`, as always.

**The order.** At one instant the pure engine does one thing after the other, lane by lane. The workflow has its lanes
at work all at once, so activities that bear on the case answer in the same order, each when all else is at rest.
"""

from simulation.temporal.player import Played as Played
from simulation.temporal.stage import SKIPPING as SKIPPING
from simulation.temporal.stage import Stage as Stage
from simulation.temporal.stage import open_stage as open_stage
