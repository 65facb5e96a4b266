"""Which numbers say how backups are? Under the names that operators of other systems look for."""

from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge

from tallystick.backups import rules
from tallystick.backups.rules import Run, Timetable
from tallystick.log import log


class Figures:
    """What Prometheus reads. Every server tells the same, whichever of them made the backups."""

    def __init__(self, registry: CollectorRegistry, timetable: Timetable) -> None:
        self._timetable = timetable

        def gauge(name: str, meaning: str) -> Gauge:
            return Gauge(name, meaning, ("target",), registry=registry)

        self._success = gauge(
            "backup_last_success_timestamp_seconds", "When the newest backup was begun that was read back whole."
        )
        self._verified = gauge(
            "backup_last_verified_timestamp_seconds",
            "When the newest backup was begun that was proven by restoring it.",
        )
        self._size = gauge("backup_size_bytes", "The size of the newest backup that was read back whole.")
        self._runs = Counter(
            "backup_runs_total",
            "Backups that this server has tried, by what became of them.",
            ("target", "result", "reason"),
            registry=registry,
        )

    def tell(self, target: str, runs: list[Run], now: datetime) -> None:
        standing = rules.standing_of(runs, now, self._timetable)
        if standing.last_verified:
            self._success.labels(target).set(standing.last_verified.started_at.timestamp())
            self._size.labels(target).set(standing.last_verified.size_bytes)
        if standing.last_proven_at:
            self._verified.labels(target).set(standing.last_proven_at.timestamp())
        if standing.is_stale and runs:
            # Of a server that was just set up the first is on its way.
            log("backup_stale", level="error", target=target)

    def count(self, target: str, result: str, reason: str = "") -> None:
        self._runs.labels(target, result, reason).inc()
