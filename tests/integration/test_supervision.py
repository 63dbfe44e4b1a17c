"""A part that ends by itself: started again with pauses that grow, reset after a healthy time, and written down."""

import asyncio
import errno
import sys

import pytest

from commands.stack import child as children
from commands.stack.child import Child
from commands.stack.info import read_ends, write_ends
from commands.stack.service import Service


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(children, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(children, "LONGEST_PAUSE", 0.04)


async def kept(tmp_path, program, ends, *, changed=None):
    """The ends as they were noted, one after the other."""
    noted, enough = [], asyncio.Event()
    child = Child(Service(name="part", argv=(sys.executable, "-S", "-c", program), environment={}), tmp_path)

    def note():
        if child.ends is not None and (not noted or noted[-1] != child.ends):
            noted.append(child.ends)
        if len(noted) >= ends:
            enough.set()
        if changed is not None:
            changed()

    await child.start()
    child.keep(note)
    try:
        async with asyncio.timeout(30):
            await enough.wait()
    finally:
        await child.stop()
    return noted


async def test_pauses_grow_to_the_longest(tmp_path, monkeypatch):
    monkeypatch.setattr(children, "FIRST_PAUSE", 0.5)
    monkeypatch.setattr(children, "LONGEST_PAUSE", 1.5)  # a program that lasts as long is taken for healthy
    noted = await kept(tmp_path, "raise SystemExit(7)", 4)
    assert [(end.ends, end.in_a_row) for end in noted] == [(1, 1), (2, 2), (3, 3), (4, 4)]
    assert {end.how for end in noted} == {"exit code 7"}
    assert [round((end.again_at - end.at).total_seconds(), 2) for end in noted] == [0.5, 1.0, 1.5, 1.5]


async def test_an_end_after_a_healthy_time_begins_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(children, "LONGEST_PAUSE", 0.0)  # every program lasts longer, and so is taken for healthy
    noted = await kept(tmp_path, "raise SystemExit(7)", 3)
    assert [(end.in_a_row, round((end.again_at - end.at).total_seconds(), 2)) for end in noted] == [(1, 0.01)] * 3


async def test_what_cannot_be_written_down_keeps_no_part_down(tmp_path):
    def full():
        raise OSError(errno.ENOSPC, "No space left on device")

    noted = await kept(tmp_path, "raise SystemExit(7)", 3, changed=full)
    assert noted[-1].ends >= 3


def test_ends_are_read_as_written(tmp_path):
    assert read_ends(tmp_path) == {}
    (tmp_path / "ends.json").write_text("{broken", encoding="utf-8")
    assert read_ends(tmp_path) == {}
    end = children.PartEnds(ends=1, in_a_row=1, how="SIGKILL", at="2026-11-22T00:00:00Z",
                            again_at="2026-11-22T00:00:01Z", log="x")  # fmt: skip
    write_ends(tmp_path, {"worker": end})
    assert read_ends(tmp_path) == {"worker": end}
