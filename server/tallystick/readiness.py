"""Which services can take calls? Told to whoever asks `grpc.health.v1`.

The name "" stands for this process: it serves until it drains. Each service besides needs the database: a proxy that asks for ""
keeps its connections while the database restarts, and a monitor that asks for a service sees that it is away.
"""

from collections.abc import Sequence

from grpc_health.v1.health import aio as health
from grpc_health.v1.health_pb2 import HealthCheckResponse
from sqlalchemy import literal, select

from tallystick.errors import Unavailable
from tallystick.store.apart import Apart
from tallystick.store.statements import prepare

READINESS_EVERY_S = 5.0
_PING = prepare(select(literal(1)))


class Readiness:
    """Keeps the health of the process and of each service."""

    def __init__(self, apart: Apart, services: Sequence[str]) -> None:
        self.servicer = health.HealthServicer()
        self._apart = apart
        self._services = services

    async def look(self) -> None:
        """Asks the database, and says what follows for the services."""
        try:
            await self._apart.fetch(_PING())
            is_ready = True
        except Unavailable:
            is_ready = False
        state = HealthCheckResponse.SERVING if is_ready else HealthCheckResponse.NOT_SERVING
        await self.servicer.set("", HealthCheckResponse.SERVING)
        for service in self._services:
            await self.servicer.set(service, state)

    async def drain(self) -> None:
        """From now on, and for good, nothing here takes new calls."""
        await self.servicer.enter_graceful_shutdown()
