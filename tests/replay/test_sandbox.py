"""The sandbox as the product furnishes it: the same commands, the same refusals, and nothing held for longer."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import RestrictedWorkflowAccessError
from temporalio.worker.workflow_sandbox._importer import Importer

from tests.replay.engine import commands_of, inside
from tests.replay.stories import stories
from workflows import instance
from workflows.complaint import ComplaintWorkflow
from workflows.instance import Run, room
from workflows.pulse import Pulse
from workflows.runner import Runner, runner

STORY = next(iter(stories().values()))


class Kept(Runner):
    """Keeps every run."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        made = super().create_instance(det)
        self.__dict__.setdefault("runs", []).append(made)
        return made


def test_the_same_commands_as_without_a_sandbox():
    outside, inside = (
        commands_of(STORY, ComplaintWorkflow, before_patches=False, runner=by)
        for by in (UnsandboxedWorkflowRunner(), runner())
    )
    assert inside == outside


def test_runs_share_a_room_and_let_go_of_what_a_task_was_made_of():
    kept = Kept(restrictions=runner().restrictions)
    for _ in range(2):
        commands_of(STORY, ComplaintWorkflow, before_patches=False, runner=kept)
    one, other = kept.__dict__["runs"]
    assert isinstance(one, Run)
    assert one.importer is other.importer
    assert one.globals_and_locals is not other.globals_and_locals

    assert inside(one)._current_completion is None
    assert type(inside(one)._workflow_input.headers) is dict
    assert one.instance_details.last_completion_result is other.instance_details.last_completion_result


def test_these_are_the_names_under_which_the_sdk_keeps_a_task():
    """Should an upgrade rename them, nothing would be let go of, without a word."""
    made: list[Any] = []

    class Plain(UnsandboxedWorkflowRunner):
        def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
            made.append(super().create_instance(det))
            return made[-1]

    commands_of(STORY, ComplaintWorkflow, before_patches=False, runner=Plain())
    (plain,) = made
    assert plain._current_completion.successful is not None
    assert type(plain._workflow_input.headers) is not dict  # a part of the task's message
    assert plain._deployment_version_for_current_task is not None


def test_each_task_of_a_case_is_a_beat(monkeypatch):
    pulse = Pulse(lambda: 0.0)
    monkeypatch.setattr(instance, "PULSE", pulse)
    assert not pulse.quick()
    commands_of(STORY, ComplaintWorkflow, before_patches=False, runner=runner())
    assert pulse.quick()


@contextmanager
def running(shared: Importer) -> Iterator[None]:
    """As while workflow code runs."""
    shared.restriction_context.is_runtime = True
    try:
        with shared.applied():
            yield
    finally:
        shared.restriction_context.is_runtime = False


def test_what_workflow_code_may_not_do_is_refused_also_while_other_runs_end():
    shared = room(runner().restrictions, "workflows.complaint")
    with running(shared), pytest.raises(RestrictedWorkflowAccessError):
        open(__file__, encoding="utf-8")  # noqa: PTH123, SIM115 (what is refused)

    begun, ended = threading.Barrier(2, timeout=20), threading.Barrier(2, timeout=20)

    def first() -> None:
        with running(shared):
            begun.wait()
            ended.wait()  # the other one is over
            with pytest.raises(RestrictedWorkflowAccessError):
                open(__file__, encoding="utf-8")  # noqa: PTH123, SIM115

    def second() -> None:
        with running(shared):
            begun.wait()
        ended.wait()

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(first), threads.submit(second)]:
            done.result()
    with open(__file__, encoding="utf-8") as file:  # noqa: PTH123 (and outside nothing is restricted)
        assert file.readable()
