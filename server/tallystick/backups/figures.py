"""Which numbers say how backups are? Under the names that operators of other systems look for."""

from prometheus_client import CollectorRegistry, Counter, Gauge

from tallystick.backups.rules import Standing
from tallystick.log import log


class Figures:
    """What Prometheus reads. Every server tells the same, whichever of them made the backups."""

    def __init__(self, registry: CollectorRegistry) -> None:
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
        self._differing = gauge(
            "backup_differing_spaces", "Spaces that differ in themselves, as the newest proof of a backup found."
        )
        self._runs = Counter(
            "backup_runs_total",
            "Backups that this server has tried, by what became of them.",
            ("target", "result", "reason"),
            registry=registry,
        )

    def tell(self, target: str, standing: Standing) -> None:
        if standing.last_verified:
            self._success.labels(target).set(standing.last_verified.started_at.timestamp())
            self._size.labels(target).set(standing.last_verified.size_bytes)
        if standing.last_proven_at:
            self._verified.labels(target).set(standing.last_proven_at.timestamp())
            self._differing.labels(target).set(standing.differing)
        if standing.is_stale and standing.has_begun:
            log("backup_stale", level="error", target=target)

    def count(self, target: str, result: str, reason: str = "") -> None:
        self._runs.labels(target, result, reason).inc()
