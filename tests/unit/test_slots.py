"""Cases act first: in a rush few activities are begun."""

import asyncio
from typing import Any

from activities.slots import CALM, FEW, LOOK, RUSH, AfterCases
from workflows.pulse import BEATS, WITHIN, Pulse

CONTEXT: Any = None  # what is asked for makes no difference
MOST = 5


class Cases:
    quick = False


def reserved(slots: AfterCases) -> int:
    """How many more there are."""
    found = 0
    while slots.try_reserve_slot(CONTEXT):
        found += 1
    return found


def slots_beside(cases: Cases, clock: list[float] | None = None) -> AfterCases:
    time = clock or [0.0]
    return AfterCases(MOST, lambda: cases.quick, lambda: time[0])


def test_as_many_as_there_is_room_for_and_each_that_is_released_again():
    slots = slots_beside(Cases())
    assert reserved(slots) == MOST
    slots.release_slot(CONTEXT)
    assert reserved(slots) == 1


def test_few_while_cases_are_quick_and_all_once_they_have_acted():
    cases = Cases()
    slots = slots_beside(cases)
    cases.quick = True
    assert reserved(slots) == FEW
    cases.quick = False
    assert reserved(slots) == MOST - FEW


def test_where_there_is_no_end_of_work_activities_are_a_part_of_it():
    cases, clock = Cases(), [0.0]
    slots = slots_beside(cases, clock)
    cases.quick = True

    def room(after: float) -> int:
        clock[0] += after
        return slots.room()

    rush = [room(0)] + [room(CALM) for _ in range(int(RUSH / CALM))]
    assert rush == [FEW] * len(rush)
    assert [room(1), room(CALM), room(CALM)] == [MOST] * 3  # it goes on and on
    assert room(CALM + 1) == FEW  # after a calm, another rush


async def test_who_waits_for_a_slot_gets_it_when_the_cases_have_acted():
    cases = Cases()
    slots = slots_beside(cases)
    cases.quick = True
    await slots.reserve_slot(CONTEXT)
    waiting = [asyncio.create_task(slots.reserve_slot(CONTEXT)) for _ in range(3)]
    done, _ = await asyncio.wait(waiting, timeout=5 * LOOK)
    assert not done
    cases.quick = False
    await asyncio.wait_for(asyncio.gather(*waiting), 20)


async def test_who_no_longer_wants_one_takes_none():
    slots = slots_beside(Cases())
    assert reserved(slots) == MOST
    waiting = asyncio.create_task(slots.reserve_slot(CONTEXT))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait({waiting})
    slots.release_slot(CONTEXT)
    assert reserved(slots) == 1


def test_a_pulse_is_quick_by_its_last_beats():
    clock = [0.0]
    pulse = Pulse(lambda: clock[0])
    for number in range(BEATS):
        assert not pulse.quick()
        clock[0] = number * WITHIN / BEATS
        pulse.beat()
    assert pulse.quick()
    clock[0] = WITHIN
    assert not pulse.quick()
