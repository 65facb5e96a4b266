"""How `tallystick up` keeps its programs running, in order, and leaves none behind."""

import asyncio
import logging
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tallystick.runtime.children import Supervised
from tallystick.runtime.errors import ChildGaveUp, RuntimeFailure

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class RestartPolicy:
    """After a death wait, longer each time; give up when it keeps happening; forget it after a calm while."""

    first_delay_s: float = 0.1
    delay_max_s: float = 10.0
    deaths_max: int = 8
    stable_after_s: float = 60.0

    def delay_s(self, deaths: int) -> float:
        return min(self.delay_max_s, self.first_delay_s * 2.0 ** (deaths - 1))


class Supervisor:
    """Starts stage after stage, restarts what dies, and stops everything in the opposite order.

    A death in an earlier stage does not touch the later ones: a server whose database is gone for a moment
    keeps its port and its clients, and its pool connects again.
    """

    def __init__(self, stages: Sequence[Sequence[Supervised]], *, restart: RestartPolicy | None = None) -> None:
        self._stages = stages
        self._restart = restart or RestartPolicy()
        self._stop_requested = asyncio.Event()
        self._keepers: list[asyncio.Task[None]] = []
        self._started: list[Supervised] = []

    def request_stop(self) -> None:
        """The first time asks for an orderly end, every further time for a quick one."""
        if self._stop_requested.is_set():
            for member in self._started:
                member.hurry()
        self._stop_requested.set()

    async def run(self, on_ready: Callable[[], None] | None = None) -> None:
        """Return after a requested stop; raise when something failed for good. Nothing runs afterwards."""
        loop = asyncio.get_running_loop()
        for signal_number in STOP_SIGNALS:
            loop.add_signal_handler(signal_number, self.request_stop)
        try:
            await self._run_until_stopped(on_ready)
        except BaseExceptionGroup as group:
            raise find_failure(group) or group from None
        finally:
            try:
                await self._stop_all()
            finally:
                for signal_number in STOP_SIGNALS:
                    loop.remove_signal_handler(signal_number)

    async def _run_until_stopped(self, on_ready: Callable[[], None] | None) -> None:
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(self._start_all(tasks, on_ready))]
            await self._stop_requested.wait()
            for task in (*running, *self._keepers):
                task.cancel()

    async def _start_all(self, tasks: asyncio.TaskGroup, on_ready: Callable[[], None] | None) -> None:
        for stage in self._stages:
            async with asyncio.TaskGroup() as starting:
                for member in stage:
                    self._started.append(member)
                    starting.create_task(member.start())
            self._keepers += [tasks.create_task(self._keep(member)) for member in stage if not member.runs_once]
        if on_ready is not None:
            on_ready()

    async def _keep(self, member: Supervised) -> None:
        """Start it again whenever it dies. Every end that nobody asked for is a death, also with code 0."""
        deaths = 0
        while True:
            began = time.monotonic()
            exit_code: int | None = await member.wait()
            if time.monotonic() - began >= self._restart.stable_after_s:
                deaths = 0
            deaths += 1
            while not await self._start_again(member, exit_code, deaths):
                exit_code = None
                deaths += 1

    async def _start_again(self, member: Supervised, exit_code: int | None, deaths: int) -> bool:
        if deaths > self._restart.deaths_max:
            raise ChildGaveUp(member.name, exit_code=exit_code, deaths=deaths)
        delay_s = self._restart.delay_s(deaths)
        log.warning(
            "child_died",
            extra={"child": member.name, "exit_code": exit_code, "deaths": deaths, "delay_s": delay_s},
        )
        await asyncio.sleep(delay_s)
        try:
            await member.start()
        except RuntimeFailure as failure:
            log.warning("child_restart_failed", extra={"child": member.name, "reason": str(failure)})
            return False
        log.info("child_restarted", extra={"child": member.name, "deaths": deaths})
        return True

    async def _stop_all(self) -> None:
        """Last stage first. A failure to stop one must not keep the others running."""
        failures: list[Exception] = []
        for stage in reversed(self._stages):
            stopping = [member.stop() for member in stage if member in self._started]
            outcomes = await asyncio.gather(*stopping, return_exceptions=True)
            failures += [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        if failures:
            raise ExceptionGroup("not everything could be stopped in order", failures)


def find_failure(group: BaseExceptionGroup[BaseException]) -> RuntimeFailure | None:
    """The failure that brought everything down, when it is one of ours: its text says what to do."""
    ours, others = group.split(RuntimeFailure)
    if ours is None or others is not None:
        return None
    leaf: BaseException = ours
    while isinstance(leaf, BaseExceptionGroup):
        leaf = leaf.exceptions[0]
    return leaf if isinstance(leaf, RuntimeFailure) else None
