"""Memory of a worker for each open case that it keeps in its cache."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable

from bench.conversations import intake
from bench.herds import each
from bench.measure import Options, alternating, middle, ratio, resident, show
from bench.skeletons import LOCAL, QUEUE, Skeleton, driver, skeleton
from bench.stack import Product, product

MOST = 1.5
SETTLE = 3.0  # seconds until what follows the acknowledgement is done
_numbers = itertools.count(1)


async def run(options: Options) -> None:
    cases = options.sized(300, 100)
    async with product() as ours, skeleton() as theirs, skeleton(sandbox=True) as boxed:
        one, other, third = _file(ours), _start(theirs), _start(boxed)
        for start in (one, other, third):
            await each(cases, start)  # the first ones fill what all share
        pairs = await alternating(options.pairs, lambda: _grown(ours, cases, one), lambda: _grown(theirs, cases, other))
        in_sandbox = await _grown(boxed, cases, third)
    found = ratio(pairs)
    show(
        "memory_a_case", product_kb=middle(a / 1024 for a, _ in pairs), skeleton_kb=middle(b / 1024 for _, b in pairs),
        ratio=found, at_most=MOST, cases=cases * (options.pairs + 1), pairs=len(pairs), holds=found <= MOST,
        skeleton_in_sandbox_kb=round(in_sandbox / 1024, 1), ratio_in_sandbox=ratio([(a, in_sandbox) for a, _ in pairs]),
    )  # fmt: skip


async def _grown(side: Product | Skeleton, cases: int, one: Callable[[int], Awaitable[None]]) -> float:
    before = resident(side.worker)
    await each(cases, one)
    await asyncio.sleep(SETTLE)
    return max(resident(side.worker) - before, 1) / cases


def _file(side: Product) -> Callable[[int], Awaitable[None]]:
    async def one(number: int) -> None:
        del number
        reference = (await side.tuntas.file({**intake(next(_numbers)), "key": f"open-{next(_numbers)}"})).reference
        await side.sink.told(reference, "acknowledgement")

    return one


def _start(side: Skeleton) -> Callable[[int], Awaitable[None]]:
    async def one(number: int) -> None:
        del number
        case = f"open-{next(_numbers)}"
        complaint = driver().sample(case, LOCAL)
        await side.client.start_workflow("ComplaintFlow", complaint, id=case, task_queue=QUEUE)
        await side.workers.event("ack", case).wait()

    return one
