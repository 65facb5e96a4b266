"""What GetStatus promises."""

import grpc

from people import Client, Person, refusal_of
from tallystick import __version__
from tallystick.store import migrate
from tallystick_client.v1 import status_service_pb2
from tallystick_client.v1.status_service_pb2 import HealthState

REQUEST = status_service_pb2.GetStatusRequest()


async def test_get_status_tells_how_every_part_is(ann: Person) -> None:
    status = await ann.status.GetStatus(REQUEST)
    assert status.version == __version__
    assert status.database.state == HealthState.HEALTH_STATE_SERVING
    assert int(status.database.version.split(".")[0]) >= 15
    assert status.database.round_trip.ToNanoseconds() > 0
    assert (status.migrations.current, status.migrations.newest) == (migrate.newest(), migrate.newest())
    assert status.scheduler.HasField("last_tick_at")
    assert status.disk.total_bytes > status.disk.free_bytes > 0
    assert status.uptime.ToNanoseconds() > 0


async def test_get_status_says_absent_of_what_is_not_there(ann: Person) -> None:
    status = await ann.status.GetStatus(REQUEST)
    assert status.envoy.state == HealthState.HEALTH_STATE_ABSENT
    assert status.backup.state == HealthState.HEALTH_STATE_ABSENT
    assert not status.backup.HasField("last_verified_at")


async def test_get_status_needs_somebody_signed_in(client: Client) -> None:
    refusal = await refusal_of(client.status.GetStatus(REQUEST))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.UNAUTHENTICATED, "NOT_SIGNED_IN")
