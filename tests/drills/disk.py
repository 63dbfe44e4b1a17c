"""A full disk under PostgreSQL: a small tmpfs where we may mount one, else a limit on the size of its files.

On the tmpfs everything that needs a new page fails, and with it, once the write-ahead log needs a new segment, the
whole server (PANIC). The limit lets no file grow nor be written beyond its first 64 kB, which hits the log at once.
"""

import asyncio
import contextlib
import os
import random
import shutil
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from commands.stack import PostgresServer
from commands.stack.postgres_server import _working_in
from tests.drills.faults import BACK_WITHIN, Injected
from tests.drills.rig import Rig

SIZE = "256m"
LIMIT = "65536"
SHORTEST, LONGEST = 4.0, 8.0  # seconds that the disk stays full


def may_mount() -> bool:
    """Whether this user may mount a tmpfs: root mostly, but not in every container."""
    if os.geteuid() != 0:
        return False
    probe = Path("/proc/self/status").read_text(encoding="ascii")
    capabilities = next(line.split()[1] for line in probe.splitlines() if line.startswith("CapEff"))
    return bool(int(capabilities, 16) & 1 << 21)  # CAP_SYS_ADMIN


@asynccontextmanager
async def small_disk(postgres: PostgresServer) -> AsyncIterator[None]:
    """Put PostgreSQL's data on a small tmpfs of its own."""
    await postgres.make(postgres.home / "logs")
    data, aside = postgres.place.data, postgres.place.data.with_name("postgres.aside")
    data.rename(aside)
    data.mkdir(mode=0o700)
    os.chown(data, aside.stat().st_uid, aside.stat().st_gid)
    _run("mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0700", "tuntas-drill", str(data))
    try:
        _run("cp", "-a", f"{aside}/.", str(data))
        shutil.rmtree(aside)
        yield
    finally:
        _run("umount", str(data))


@dataclass(frozen=True)
class FullDisk:
    """The tmpfs is full for some seconds; `needs_log`: and the write-ahead log needs a new segment meanwhile."""

    needs_log: bool

    async def inject(self, rig: Rig, chance: random.Random) -> Injected:
        at, filler = rig.seconds, rig.postgres.place.data / "filler"
        effect = "PANIC" if self.needs_log else "No space left on device"
        before = rig.log("postgres").count(effect)
        await asyncio.to_thread(_fill, filler)
        try:
            if self.needs_log:
                await _fill_log(rig)
            end = time.monotonic() + chance.uniform(SHORTEST, LONGEST)
            while time.monotonic() < end:
                await asyncio.to_thread(_fill, filler)  # whatever was given back
                await asyncio.sleep(0.2)
        finally:
            filler.unlink()
        await _answers(rig)
        hurt = rig.log("postgres").count(effect) - before
        assert hurt > 0, f"a full disk was to show as {effect}"
        what = f"disk full, log too, {hurt} times PANIC" if self.needs_log else f"disk full, {hurt} errors"
        return Injected(what, at, rig.seconds - at, repeats=1)  # a message that was sent and could not be marked


@dataclass(frozen=True)
class NoRoom:
    """No file of PostgreSQL's may be written beyond its first 64 kB for some seconds (without any rights)."""

    async def inject(self, rig: Rig, chance: random.Random) -> Injected:
        at, ends, end = rig.seconds, _ends(rig), time.monotonic() + chance.uniform(SHORTEST, LONGEST)
        while time.monotonic() < end:
            _limit(rig, LIMIT)
            await asyncio.sleep(0.05)  # a server that was started again meanwhile has it soon
        _limit(rig, "unlimited")
        await _answers(rig)
        crashes = _ends(rig) - ends
        assert crashes > 0, "without room for its log the server was to end"
        return Injected(f"file size limit, server ended {crashes} times", at, rig.seconds - at, repeats=crashes)


async def _answers(rig: Rig) -> None:
    async with asyncio.timeout(BACK_WITHIN):
        while rig.child("postgres").pid is None or not await rig.child("postgres").service.ready():
            await asyncio.sleep(0.05)


async def _fill_log(rig: Rig) -> None:
    """Write nothing but log, until it needs a segment that is not there."""
    with contextlib.suppress(psycopg.Error):  # the server does not survive it
        async with await psycopg.AsyncConnection.connect(rig.info.database_url, autocommit=True) as connection:
            for _ in range(32):
                await connection.execute("SELECT pg_logical_emit_message(true, 'drill', repeat('x', 4000000))")


def _fill(path: Path) -> None:
    block = bytes(64 * 1024)
    with path.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(block)


def _ends(rig: Rig) -> int:
    ends = rig.child("postgres").ends
    return ends.ends if ends is not None else 0


def _limit(rig: Rig, size: str) -> None:
    """Set the soft limit of every process of the server that has another one; as their user, who alone always may."""
    user = rig.postgres.place.user
    for pid in _working_in(rig.postgres.place.data):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            limits = Path(f"/proc/{pid}/limits").read_text(encoding="ascii").splitlines()
            if next(line for line in limits if line.startswith("Max file size")).split()[3] == size:
                continue
        as_user: dict[str, Any] = {"user": user.uid, "group": user.gid, "extra_groups": []} if user else {}
        subprocess.run(["prlimit", f"--pid={pid}", f"--fsize={size}:"], check=False, capture_output=True, **as_user)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
