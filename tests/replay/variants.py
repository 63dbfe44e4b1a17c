"""The workflow as a later version might be: with another order of commands, behind a patch and without one."""

from temporalio import workflow

from complaints.messages import WORKFLOW
from workflows.complaint import ComplaintWorkflow
from workflows.input import ComplaintInput
from workflows.lane import Lane

PATCH = "records-last"


def records_last(lanes: tuple[Lane, ...]) -> tuple[Lane, ...]:
    return tuple(sorted(lanes, key=lambda lane: lane.name == "records"))


@workflow.defn(name=WORKFLOW)
class RecordsLast(ComplaintWorkflow):
    """What is told goes before what is recorded; cases that were opened before go on as they did."""

    @workflow.init
    def __init__(self, start: ComplaintInput) -> None:
        super().__init__(start)
        if workflow.patched(PATCH):
            self._lanes.all = records_last(self._lanes.all)

    @workflow.run
    async def run(self, start: ComplaintInput) -> str:
        return await super().run(start)


@workflow.defn(name=WORKFLOW)
class RecordsLastUnversioned(ComplaintWorkflow):
    """The same change as nobody may make it."""

    @workflow.init
    def __init__(self, start: ComplaintInput) -> None:
        super().__init__(start)
        self._lanes.all = records_last(self._lanes.all)

    @workflow.run
    async def run(self, start: ComplaintInput) -> str:
        return await super().run(start)


@workflow.defn(name=WORKFLOW)
class RecordsLastDeprecated(ComplaintWorkflow):
    """Some time later: no case is open that began before the patch."""

    @workflow.init
    def __init__(self, start: ComplaintInput) -> None:
        super().__init__(start)
        workflow.deprecate_patch(PATCH)
        self._lanes.all = records_last(self._lanes.all)

    @workflow.run
    async def run(self, start: ComplaintInput) -> str:
        return await super().run(start)
