"""What-if: complaints a second of one processor, whether four times as many take four times as long, and memory.

A process of its own plays them, so that its memory is that of a what-if alone. Invented complaints, one policy.
Machines differ by two and more, and the same one from hour to hour: how long the plain calendar takes, right before and
after, says what the rate would be where it takes `PLAIN_US` (the machine of 22 November 2026, on which the promise was
first kept).
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import policies
from bench.calendars import plain_seconds
from bench.measure import Options, middle, show
from simulation.whatif import synthetic
from simulation.whatif.fitting import fit
from simulation.whatif.model import Assumptions
from simulation.whatif.running import Task, working_calendar
from simulation.whatif.running import run as play_all
from simulation.whatif.spool import Spool

LEAST = 500  # complaints a second of one processor
PLAIN_US = 102.0  # one `add` and one `between` of the plain calendar
LINEAR = 1.15  # time for a complaint of four times as many, at most
FLAT = 1.1  # memory for four times as many, at most
ROOT = Path(__file__).parents[1]


async def run(options: Options) -> None:
    number = options.sized(4000, 400)
    pairs = []
    for _ in range(options.pairs):
        few, many = _measured(number), _measured(4 * number)
        pairs.append((few, many))
    rate = middle((many["complaints_a_second"] for _, many in pairs), 0)
    slower = middle((many["seconds"] / few["seconds"] / 4 for few, many in pairs), 3)
    machine = middle((many["plain_us"] / PLAIN_US for _, many in pairs), 2)
    larger = middle((many["peak_mb"] / few["peak_mb"] for few, many in pairs), 3)
    show(
        "whatif", complaints_a_second=rate, at_least=LEAST, seconds_for_four_times_as_many=slower, at_most=LINEAR,
        memory_for_four_times_as_many=larger, memory_at_most=FLAT,
        peak_mb=middle(many["peak_mb"] for _, many in pairs), complaints=4 * number, runs=len(pairs),
        times_as_slow_as_then=machine, would_be_then=round(rate * machine),
        holds=rate >= LEAST and slower <= LINEAR and larger <= FLAT,
    )  # fmt: skip


def _measured(number: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.whatif", str(number)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # noqa: S603  ourselves
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main(number: int) -> None:
    """Play so many in this process and print what it took, once everything is loaded."""
    policy = policies.load("id.default")
    zone = ZoneInfo(policy.timezone)
    with Spool() as spool:
        spool.take(synthetic.complaints(number, policy, 1))
        until = spool.midnight_after(zone)
        fitted = fit(spool.chunks(), zone)
        task = Task((policy,), Assumptions(), fitted, working_calendar(policy), "other", until, (1,))
        before = plain_seconds()
        began = time.process_time()
        play_all(task, spool.chunks(), 1, lambda _: None)
        seconds = time.process_time() - began
        plain = (before + plain_seconds()) / 2 * 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "complaints_a_second": number / seconds, "peak_mb": peak, "plain_us": plain}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
