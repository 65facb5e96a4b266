"""What GetHealth promises."""

from typing import Any

from grpc_health.v1 import health_pb2, health_pb2_grpc

from people import Client
from tallystick import contract
from tallystick_client.v1 import status_service_pb2
from tallystick_client.v1.status_service_pb2 import HealthState


async def test_get_health_answers_anybody(client: Client) -> None:
    answer = await client.status.GetHealth(status_service_pb2.GetHealthRequest())
    assert answer.state == HealthState.HEALTH_STATE_SERVING


async def test_the_process_and_every_service_say_that_they_serve(client: Client) -> None:
    health: Any = health_pb2_grpc.HealthStub(client.channel)
    for service in ("", *contract.service_names()):
        answer = await health.Check(health_pb2.HealthCheckRequest(service=service))
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
