"""A command whose case cannot answer for the moment: brought again under its key, then queued, never lost."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from temporalio.service import RPCError, RPCStatusCode

from complaints.errors import Unreachable
from complaints.messages import AGENT_ACTED, ActAnswer
from complaints.messages.commands import read_command
from starter.acting import Acting

NOW = datetime(2026, 7, 6, 2, tzinfo=UTC)
COMMAND = read_command({"act": "respond", "key": "k-1", "text": "Kami periksa.", "actor": {"id": "siti"}})
ANSWER = ActAnswer(reference="TTS-X", status="investigation", sequence=5)


class Handle:
    """Fails with a status so many times, and then answers."""

    def __init__(self, status, times):
        self.status, self.left, self.keys, self.signals = status, times, [], []

    async def execute_update(self, name, command, *, id, result_type):  # noqa: A002
        self.keys.append(id)
        if self.left:
            self.left -= 1
            raise RPCError("Unable to perform workflow execution update", self.status, b"")
        return ANSWER

    async def signal(self, name, command):
        self.signals.append((name, command.key))


def acting(handle, wait=1.0):
    return Acting(SimpleNamespace(get_workflow_handle=lambda _: handle), None, wait=wait, within=1.0)


async def test_a_command_is_brought_again_while_the_task_of_its_case_fails():
    handle = Handle(RPCStatusCode.FAILED_PRECONDITION, 2)
    assert await acting(handle).act("TTS-X", COMMAND, NOW) == ANSWER
    assert handle.keys == ["k-1"] * 3
    assert handle.signals == []


async def test_a_command_is_queued_when_the_task_of_its_case_fails_all_along():
    handle = Handle(RPCStatusCode.FAILED_PRECONDITION, 1000)
    answer = await acting(handle, wait=0.05).act("TTS-X", COMMAND, NOW)
    assert answer.queued
    assert handle.signals == [(AGENT_ACTED, "k-1")]


async def test_another_failure_is_told_at_once():
    handle = Handle(RPCStatusCode.INTERNAL, 1)
    with pytest.raises(Unreachable):
        await acting(handle).act("TTS-X", COMMAND, NOW)
    assert handle.keys == ["k-1"]
