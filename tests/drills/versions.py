"""Two versions of the worker side by side: an upgrade in the middle of everything, as `docs/` says how to make it."""

import asyncio
import random
import sys
from dataclasses import dataclass, replace

from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.service import RPCError, RPCStatusCode

from commands.stack.child import Child
from tests.drills.faults import BACK_WITHIN, Injected, times_begun
from tests.drills.rig import Rig

NEXT = "worker-next"


@dataclass(frozen=True)
class StartNext:
    """The next version comes and works beside this one, both on the same queues. `current`: and takes all over."""

    environment: dict[str, str]
    current: str | None = None

    async def inject(self, rig: Rig, chance: random.Random) -> Injected:
        del chance
        at, service = rig.seconds, rig.child("worker").service
        argv = (sys.executable, "-m", "tests.drills.next_worker")
        environment = {**service.environment, **self.environment}
        child = Child(replace(service, name=NEXT, argv=argv, environment=environment), rig.home / "logs")
        rig.more[NEXT] = child
        begun = times_begun(rig, NEXT)
        await child.start()
        while times_begun(rig, NEXT) == begun:  # that the queue is polled may be the other one's doing
            await asyncio.sleep(0.05)
        child.keep(lambda: None)
        if self.current is not None:
            await make_current(rig, self.current)
        return Injected("the next version beside this one", at, rig.seconds - at)


@dataclass(frozen=True)
class StopOld:
    """This version goes, for good. `environment`: with what the next one is started again afterwards."""

    environment: dict[str, str] | None = None

    async def inject(self, rig: Rig, chance: random.Random) -> Injected:
        at = rig.seconds
        await rig.child("worker").stop()
        if self.environment is not None:
            await rig.more[NEXT].stop()
            await StartNext(self.environment).inject(rig, chance)
        return Injected("this version stopped", at, rig.seconds - at)


async def make_current(rig: Rig, build: str) -> None:
    """As `temporal worker deployment set-current-version` does, once all queues of the build are polled."""
    request = SetWorkerDeploymentCurrentVersionRequest(
        namespace=rig.info.namespace, deployment_name="tuntas", build_id=build, identity="drills"
    )
    async with asyncio.timeout(BACK_WITHIN):
        while True:
            try:
                await rig.tuntas.client.workflow_service.set_worker_deployment_current_version(request)
            except RPCError as error:
                if error.status not in (RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION):
                    raise
                await asyncio.sleep(0.1)
            else:
                return


async def first_build(rig: Rig) -> None:
    await make_current(rig, "1")
