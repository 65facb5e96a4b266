"""What grpc does that a server must not be surprised by. Each trap was real in some server; each has its test here."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest

from gate.handlers import METHOD, SERVICE, guarded, stream, unary
from people import read_refusal, refusal_of
from tallystick.caller import address
from tallystick.errors import InvalidInput
from tallystick.listen import SERVER_OPTIONS
from tallystick.v1.status_service_pb2 import GetHealthRequest, GetHealthResponse, HealthState

SERVING = GetHealthResponse(state=HealthState.HEALTH_STATE_SERVING)


async def answer(request: GetHealthRequest, context: Any) -> GetHealthResponse:
    return SERVING


def dial(port: int, *options: tuple[str, Any]) -> grpc.aio.Channel:
    return grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=options)


async def test_an_unknown_method_is_unimplemented() -> None:
    """grpc hands the gate None for it; wrapping that would answer UNKNOWN."""
    async with guarded(answer) as server, dial(server.port) as channel:
        refusal = await refusal_of(unary(channel, f"/{SERVICE}/NoSuchCall")(GetHealthRequest()))
        assert refusal.code is grpc.StatusCode.UNIMPLEMENTED


async def test_an_unknown_service_is_unimplemented() -> None:
    async with guarded(answer) as server, dial(server.port) as channel:
        refusal = await refusal_of(unary(channel, "/no.such.Service/Call")(GetHealthRequest()))
        assert refusal.code is grpc.StatusCode.UNIMPLEMENTED


async def test_a_handler_that_aborts_itself_keeps_its_status() -> None:
    """AbortError is an Exception: catching it as a fault would turn every chosen status into INTERNAL."""

    async def abort(request: GetHealthRequest, context: Any) -> GetHealthResponse:
        await context.abort(grpc.StatusCode.DATA_LOSS, "chosen")
        return SERVING

    async with guarded(abort) as server, dial(server.port) as channel:
        assert (await refusal_of(unary(channel)(GetHealthRequest()))).code is grpc.StatusCode.DATA_LOSS


async def test_our_errors_carry_their_reason_through_unary_calls_and_streams() -> None:
    async def refuse(request: GetHealthRequest, context: Any) -> GetHealthResponse:
        raise InvalidInput.of_field("name", "is odd")

    async def refuse_later(request: GetHealthRequest, context: Any) -> AsyncIterator[GetHealthResponse]:
        yield SERVING
        raise InvalidInput.of_field("name", "is odd")

    async with guarded(refuse) as server, dial(server.port) as channel:
        refusal = await refusal_of(unary(channel)(GetHealthRequest()))
        assert (refusal.code, refusal.reason, refusal.fields) == (
            grpc.StatusCode.INVALID_ARGUMENT,
            "INVALID_FIELD",
            ("name",),
        )
        assert server.handled("InvalidArgument") == 1

    async with guarded(refuse_later, streams=True) as server, dial(server.port) as channel:
        call = stream(channel)(GetHealthRequest())
        with pytest.raises(grpc.aio.AioRpcError) as failed:
            async for _ in call:
                pass
        assert read_refusal(failed.value).reason == "INVALID_FIELD"


async def test_a_fault_tells_the_client_a_call_id_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    async def fail(request: GetHealthRequest, context: Any) -> GetHealthResponse:
        raise ZeroDivisionError("secret detail")

    async with guarded(fail) as server, dial(server.port) as channel:
        refusal = await refusal_of(unary(channel)(GetHealthRequest()))
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
        assert b"secret detail" not in refusal.raw
        assert b"Traceback" not in refusal.raw
        printed = capsys.readouterr().out
        assert "secret detail" in printed
        assert refusal.metadata["call_id"] in printed


@pytest.mark.parametrize("is_waiting", [True, False], ids=["while it waits", "while it yields"])
async def test_a_stream_whose_client_goes_away_is_ended_and_counted(is_waiting: bool) -> None:
    """The cancellation arrives as CancelledError where a handler waits, and as GeneratorExit where it yields."""
    ended = asyncio.Event()

    async def talk(request: GetHealthRequest, context: Any) -> AsyncIterator[GetHealthResponse]:
        try:
            yield SERVING
            if is_waiting:
                await asyncio.Event().wait()
            while True:
                yield SERVING
        finally:
            ended.set()

    async with guarded(talk, streams=True) as server, dial(server.port) as channel:
        call = stream(channel)(GetHealthRequest())
        await call.read()
        call.cancel()
        await asyncio.wait_for(ended.wait(), 10)
        assert await server.calls.wait_idle(10)
        labels = {"grpc_type": "unary", "grpc_service": SERVICE, "grpc_method": METHOD, "grpc_code": "Cancelled"}
        assert server.registry.get_sample_value("grpc_server_handled_total", labels) == 1


async def test_stopping_waits_for_handlers_that_outlive_stop() -> None:
    """`stop()` returns before a cancelled handler has ended; what the handler uses must not be closed before it has."""
    is_cleaned_up = False
    started = asyncio.Event()

    async def linger(request: GetHealthRequest, context: Any) -> GetHealthResponse:
        nonlocal is_cleaned_up
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.05)  # work that a cleaning handler does; the test waits for it by `wait_idle`
            is_cleaned_up = True
        return SERVING

    async with guarded(linger) as server, dial(server.port) as channel:
        call = unary(channel)(GetHealthRequest())
        await started.wait()
        await server.server.stop(0)
        assert await server.calls.wait_idle(10)
        assert is_cleaned_up
        await refusal_of(call)


async def test_a_draining_gate_refuses_new_calls_with_a_reason_and_a_delay() -> None:
    async with guarded(answer) as server, dial(server.port) as channel:
        server.calls.close()
        refusal = await refusal_of(unary(channel)(GetHealthRequest()))
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.UNAVAILABLE, "SHUTTING_DOWN")
        assert refusal.retry_after_s


async def test_a_message_over_the_default_limit_is_refused_by_us_with_a_reason() -> None:
    """grpc's own refusal of more than 4 MiB carries no reason. 10 MB reach the gate, which says why not."""
    async with guarded(answer) as server, dial(server.port) as channel:
        send_raw: Any = channel.unary_unary(f"/{SERVICE}/{METHOD}")
        refusal = await refusal_of(send_raw(b"\x00" * 10_000_000))
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE")


async def test_bytes_that_are_no_message_are_malformed_and_no_fault() -> None:
    """Left to grpc, a request that cannot be read is INTERNAL."""
    async with guarded(answer) as server, dial(server.port) as channel:
        send_raw: Any = channel.unary_unary(f"/{SERVICE}/{METHOD}")
        refusal = await refusal_of(send_raw(b"\xff\xff\xff"))
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED_REQUEST")


async def test_a_call_without_a_deadline_gets_the_servers() -> None:
    async def never_ends(request: GetHealthRequest, context: Any) -> GetHealthResponse:
        await asyncio.Event().wait()
        return SERVING

    async with guarded(never_ends, deadline_s=0.05) as server, dial(server.port) as channel:
        refusal = await refusal_of(unary(channel)(GetHealthRequest()))
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED")


async def test_the_callers_address_is_known_inside_the_handler() -> None:
    """It is set in a context variable around the handler, which grpc does not promise to keep: hence this test."""
    seen: list[str] = []

    async def look(request: GetHealthRequest, context: Any) -> GetHealthResponse:
        seen.append(address())
        return SERVING

    async with guarded(look) as server, dial(server.port) as channel:
        await unary(channel)(GetHealthRequest(), metadata=(("x-forwarded-for", "203.0.113.9, 198.51.100.4"),))
        await unary(channel)(GetHealthRequest())
    assert seen == ["198.51.100.4", "127.0.0.1"]


async def test_two_servers_cannot_share_a_port_unseen() -> None:
    """With SO_REUSEPORT, which is on by default, the second would start and take half of the calls."""
    async with guarded(answer) as server:
        second = grpc.aio.server(options=SERVER_OPTIONS)
        with pytest.raises(RuntimeError):
            second.add_insecure_port(f"127.0.0.1:{server.port}")


def test_a_client_that_pings_often_is_not_sent_away() -> None:
    """By default a second ping within five minutes earns GOAWAY "too many pings", which breaks mobile clients."""
    options = dict(SERVER_OPTIONS)
    assert options["grpc.http2.min_ping_interval_without_data_ms"] <= 10_000
    assert options["grpc.http2.min_recv_ping_interval_without_data_ms"] <= 10_000
    assert options["grpc.keepalive_permit_without_calls"] == 1
