"""How one of our programs is described, started until it is ready, and stopped in order."""

import asyncio
import logging
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tallystick.runtime.errors import ChildGaveUp, ChildNotReady
from tallystick.runtime.process import ChildProcess, spawn

READY_TIMEOUT_S = 60.0
READY_INTERVAL_S = 0.05
DRAIN_TIMEOUT_S = 15.0
STOP_TIMEOUT_S = 30.0

log = logging.getLogger(__name__)


class Supervised(Protocol):
    """What the supervisor can keep running: a `Program`, or an `EmbeddedPostgres`."""

    @property
    def name(self) -> str: ...

    @property
    def runs_once(self) -> bool: ...

    async def start(self) -> None:
        """Return once ready (or done, if it runs once); on failure leave nothing running and raise."""

    async def stop(self) -> None: ...

    async def wait(self) -> int: ...

    def hurry(self) -> None:
        """The person at the keyboard has asked twice: end at once."""


@dataclass(frozen=True, kw_only=True)
class Child:
    """A program to run beside us; its output is ours, as it is."""

    name: str
    argv: tuple[str, ...]
    # Asked at every start, because the address of the database is known only once the database runs.
    env: Callable[[], Mapping[str, str]]
    # True when it serves. None: it is ready when it runs.
    ready: Callable[[], Awaitable[bool]] | None = None
    ready_timeout_s: float = READY_TIMEOUT_S
    # What is done before the stop signal, such as turning away new requests.
    drain: Callable[[], Awaitable[None]] | None = None
    drain_timeout_s: float = DRAIN_TIMEOUT_S
    stop_signal: int = signal.SIGTERM
    stop_timeout_s: float = STOP_TIMEOUT_S
    # What it gets when we are killed. Certain death by default: nobody is left to see that it obeys.
    death_signal: int = signal.SIGKILL
    # Run to its end before the next stage starts; anything but 0 is a failure.
    runs_once: bool = False
    cwd: Path = Path("/")


class Program:
    """A described child, running or not."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self._process: ChildProcess | None = None

    @property
    def name(self) -> str:
        return self.child.name

    @property
    def runs_once(self) -> bool:
        return self.child.runs_once

    @property
    def pid(self) -> int:
        return self._require_process().pid

    async def start(self) -> None:
        self._process = spawn(
            self.child.argv,
            env=self.child.env(),
            death_signal=self.child.death_signal,
            cwd=self.child.cwd,
        )
        try:
            if self.child.runs_once:
                await self._until_done(self._process)
            else:
                await self._until_ready(self._process)
        except BaseException:
            await self._process.stop((self.child.stop_signal, self.child.stop_timeout_s))
            raise

    async def stop(self) -> None:
        process = self._process
        if process is None or process.exit_code is not None:
            return
        if self.child.drain is not None:
            await self._drain(process, self.child.drain)
        await process.stop((self.child.stop_signal, self.child.stop_timeout_s))

    async def wait(self) -> int:
        return await self._require_process().wait()

    def hurry(self) -> None:
        if self._process is not None:
            self._process.send(signal.SIGKILL)

    async def _until_done(self, process: ChildProcess) -> None:
        code = await process.wait()
        if code != 0:
            raise ChildGaveUp(self.name, exit_code=code, deaths=1)

    async def _until_ready(self, process: ChildProcess) -> None:
        deadline = time.monotonic() + self.child.ready_timeout_s
        while not await self._is_ready(deadline):
            if process.exit_code is not None or time.monotonic() > deadline:
                raise ChildNotReady(self.name, exit_code=process.exit_code, timeout_s=self.child.ready_timeout_s)
            await asyncio.sleep(READY_INTERVAL_S)

    async def _is_ready(self, deadline: float) -> bool:
        if self.child.ready is None:
            return True
        try:
            return await asyncio.wait_for(self.child.ready(), max(0.0, deadline - time.monotonic()))
        except TimeoutError:
            return False

    async def _drain(self, process: ChildProcess, drain: Callable[[], Awaitable[None]]) -> None:
        """Drain for as long as it is allowed, or until the program has ended, whichever is first."""
        draining = asyncio.ensure_future(drain())
        ended = asyncio.ensure_future(process.wait())
        try:
            await asyncio.wait(
                (draining, ended), timeout=self.child.drain_timeout_s, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            draining.cancel()
            ended.cancel()
            outcomes = await asyncio.gather(draining, ended, return_exceptions=True)
        if isinstance(outcomes[0], Exception):
            # It is stopped all the same, only less politely.
            log.warning("drain_failed", extra={"child": self.name, "reason": repr(outcomes[0])})

    def _require_process(self) -> ChildProcess:
        if self._process is None:
            raise RuntimeError(f"{self.name} has not been started")
        return self._process
