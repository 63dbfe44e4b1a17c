from datetime import timedelta

from complaints.messages import ACT, ActAnswer
from tests.fixtures.cases import command, message, start_complaint
from tests.fixtures.temporal import check_replay, counted, kinds, view


async def act(handle, act_, key=None, **fields):
    return await handle.execute_update(ACT, command(act_, key, **fields), result_type=ActAnswer)


async def test_from_receipt_to_archive(house):
    handle = await house.start(start_complaint())
    await house.pass_time(handle, timedelta(hours=1))
    await act(handle, "respond", text="Kami periksa.")
    await house.quiet(handle)
    await house.pass_time(handle, timedelta(hours=1))
    await handle.signal("complainant_replied", message(text="Terima kasih, ini fotonya."))
    await house.quiet(handle)
    await house.pass_time(handle, timedelta(hours=1))
    answer = await act(handle, "decide", outcome="upheld", reasons="Barang cacat.")
    assert answer.status == "resolved"
    await house.quiet(handle)
    await house.pass_time(handle, timedelta(hours=1))
    await handle.signal("satisfaction_confirmed", message(satisfied=True, rating=5))
    await house.quiet(handle)
    assert (await view(handle)).status == "closed"
    closed = await handle.fetch_history()
    print(len(closed.events), counted(closed))
    await house.env.fast_forward(handle)
    assert await handle.result() == "archived"
    history = await check_replay(handle)
    print(len(history.events), counted(history), kinds(await view(handle)))
    assert house.recorded == kinds(await view(handle))
    print(house.told, house.told_agents)
