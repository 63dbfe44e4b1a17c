"""What goes on beside a worker's tasks ends with it, and not in the middle."""

import asyncio

import pytest

from activities.beside import every
from channels.outbound import TransportError, UntilStopped


async def test_a_chore_is_finished_and_not_begun_again():
    stopping, begun, may = asyncio.Event(), asyncio.Event(), asyncio.Event()
    done = []

    async def work():
        begun.set()
        await may.wait()
        done.append("once")

    chore = asyncio.create_task(every(3600, work, "trouble", stopping))
    await begun.wait()
    stopping.set()
    await asyncio.sleep(0)
    assert not chore.done()
    may.set()
    await asyncio.wait_for(chore, 5)
    assert done == ["once"]


async def test_a_chore_that_rests_ends_at_once():
    stopping, begun = asyncio.Event(), asyncio.Event()

    async def work():
        begun.set()

    chore = asyncio.create_task(every(3600, work, "trouble", stopping))
    await begun.wait()
    stopping.set()
    await asyncio.wait_for(chore, 5)


async def test_what_is_being_sent_is_finished_and_the_rest_waits():
    stopping, begun, may = asyncio.Event(), asyncio.Event(), asyncio.Event()
    sent = []

    class Slow:
        async def send(self, message):
            begun.set()
            await may.wait()
            sent.append(message)

    notifier = UntilStopped(Slow(), stopping.is_set)
    first = asyncio.create_task(notifier.send("first"))
    await begun.wait()
    stopping.set()
    with pytest.raises(TransportError) as caught:
        await notifier.send("second")
    assert not caught.value.permanent
    may.set()
    await first
    assert sent == ["first"]
