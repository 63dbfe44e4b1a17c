"""A running part: started until ready, kept alive with growing pauses, stopped in order."""

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from commands.stack.errors import StackError
from commands.stack.info import PartEnds
from commands.stack.service import Service, spawn, tail

log = logging.getLogger(__name__)

POLL = 0.05
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
LOG_LIMIT = 20_000_000


class Child:
    """One part's process, and the next one when it has died."""

    def __init__(self, service: Service, logs: Path) -> None:
        self.service = service
        self.log_path = logs / f"{service.name}.log"
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self.ends: PartEnds | None = None  # how it ended last, if it ever did by itself

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    async def start(self) -> None:
        """Start the process and return when it is ready; say what its log says if that does not come about."""
        await self._launch()
        try:
            async with asyncio.timeout(self.service.ready_within):
                await self._until_ready()
        except TimeoutError:
            raise self._failure(f"was not ready within {self.service.ready_within:.0f} s") from None

    async def finish(self) -> None:
        """Run the process to its end, which must be a good one."""
        await self._launch()
        assert self._process is not None  # noqa: S101 (launched just now)
        try:
            if await self._process.wait() != 0:
                raise self._failure("failed")
        finally:
            if self.pid is not None:  # we were interrupted
                self._process.kill()
                await self._process.wait()

    def keep(self, changed: Callable[[], None]) -> None:
        """From now on start it again whenever it ends, and call `changed` each time its pid does."""

        def told() -> None:
            try:
                changed()
            except OSError as error:  # a full disk: what cannot be told must not keep a part down
                log.warning("what became of %s cannot be written down: %s", self.service.name, error.strerror)

        self._keeper = asyncio.create_task(self._keep(told), name=f"keep {self.service.name}")

    async def stop(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
            self._keeper = None
        if (process := self._process) is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(self.service.stop_signal)
        try:
            async with asyncio.timeout(self.service.grace):
                await process.wait()
        except TimeoutError:
            log.warning("%s did not stop within %.0f s: killing it", self.service.name, self.service.grace)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # it leads a group of its own, with whatever it has started
            await process.wait()
        self._process = None
        self.service.after()

    async def _launch(self) -> None:
        await self.service.before()
        if self.log_path.exists() and self.log_path.stat().st_size > LOG_LIMIT:
            self.log_path.replace(self.log_path.with_suffix(".log.1"))
        with self.log_path.open("ab") as file:
            try:
                self._process = await spawn(self.service, file)
            except OSError as error:
                raise StackError(
                    f"{self.service.name} cannot be started: {error}",
                    f"see that {self.service.argv[0]} is there and may be run; `make setup` puts it there",
                ) from error

    async def _until_ready(self) -> None:
        loop = asyncio.get_running_loop()
        steady_at = loop.time() + self.service.steady_for
        while True:
            if self.pid is None:
                raise self._failure("ended at once")
            if loop.time() >= steady_at and await self.service.ready():
                return
            await asyncio.sleep(POLL)

    def _failure(self, what: str) -> StackError:
        return StackError(f"{self.service.name} {what}:\n{tail(self.log_path)}", f"its whole log is {self.log_path}")

    async def _keep(self, changed: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        pause = FIRST_PAUSE
        while True:
            began = loop.time()
            if self._process is not None:
                code = await self._process.wait()
                steady = loop.time() - began > LONGEST_PAUSE
                if steady:
                    pause = FIRST_PAUSE
                how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
                self._note(how, pause, again=not steady)
                changed()
                log.warning(
                    "%s ended (%s); starting it again in %.1f s; its log is %s",
                    self.service.name,
                    how,
                    pause,
                    self.log_path,
                )
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            try:
                await self._launch()
            except Exception as error:  # noqa: BLE001  whatever it is, the part must not stay down for it
                log.warning("%s could not be started again: %s", self.service.name, error)
                self._process = None
                self._note("it could not be started", pause, again=True)
                changed()
            else:
                log.info("%s runs again as process %s", self.service.name, self.pid)
                changed()

    def _note(self, how: str, pause: float, *, again: bool) -> None:
        """Note an end. `again`: it had not been up for long since the last one."""
        now, before = datetime.now(UTC), self.ends
        self.ends = PartEnds(
            ends=(before.ends if before else 0) + 1,
            in_a_row=(before.in_a_row if before and again else 0) + 1,
            how=how,
            at=now,
            again_at=now + timedelta(seconds=pause),
            log=str(self.log_path),
        )
