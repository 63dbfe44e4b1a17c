"""The case under a simulated clock: `load` a scenario, `simulate` it."""

from simulation.engine import Simulated as Simulated
from simulation.engine import simulate as simulate
from simulation.scenario import Scenario as Scenario
from simulation.scenario import load as load
