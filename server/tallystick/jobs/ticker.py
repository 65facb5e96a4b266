"""When does a job run? APScheduler ticks in every process, in memory; a job must be harmless when two processes run it."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from tallystick.clock import Clock
from tallystick.log import log

HEARTBEAT_S = 10.0
# A job that was due while the process was busy or asleep still runs, once.
MISFIRE_GRACE_S = 3600

Job = Callable[[], Awaitable[object]]


class Ticker:
    """Runs jobs at intervals until it is stopped."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self.last_tick_at: datetime | None = None
        self.every("heartbeat", HEARTBEAT_S, self._beat)

    def every(self, name: str, interval_s: float, job: Job) -> None:
        """Runs `job` at this interval. A job that fails is logged, and runs again at its next time."""

        async def run() -> None:
            try:
                await job()
            except Exception as error:  # noqa: BLE001 - a job's failure must not stop the clockwork
                log("job_failed", level="error", error=error, job=name)

        self._scheduler.add_job(
            run,
            "interval",
            seconds=interval_s,
            id=name,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=MISFIRE_GRACE_S,
        )

    async def start(self) -> None:
        await self._beat()
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)

    async def _beat(self) -> None:
        self.last_tick_at = self._clock.now()
