"""In which order does a call pass the gate? The order is the point; each place has its reason.

1. observation: outermost, so that refused calls are counted and logged too
2. failures: directly inside it, so that everything below may raise and every status is made in one place
3. size and parsing: nothing is looked at that cannot be read
4. authentication: before validation, so that a stranger learns nothing about the contract of private calls
5. quota: as soon as we know whom to charge, before any work is done
6. validation: before the service, which may then rely on the contract
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any, TypeAlias

import grpc
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from tallystick import contract
from tallystick.caller import current_address, current_caller
from tallystick.contract import Rpc
from tallystick.gate import validation
from tallystick.gate.authentication import Addresses, Credentials, authenticate
from tallystick.gate.calls import Calls
from tallystick.gate.failures import CANCELLED, OK, UNKNOWN, Failure
from tallystick.gate.limits import Quota
from tallystick.gate.observation import Observation, Observed

Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
Context = grpc.aio.ServicerContext[Any, Any]
Continuation: TypeAlias = "Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]]"

# Infrastructure that is no part of the contract and open to all. Anything else that is not in the contract is refused.
OPEN_SERVICES = (
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
)


class Gate(grpc.aio.ServerInterceptor):
    """Wraps every handler once, when its method is first called."""

    def __init__(
        self,
        observation: Observation,
        addresses: Addresses,
        credentials: Credentials,
        quota: Quota,
        calls: Calls,
        *,
        deadline_s: float,
    ) -> None:
        self._observation = observation
        self._addresses = addresses
        self._credentials = credentials
        self._quota = quota
        self._calls = calls
        self._deadline_s = deadline_s
        self._wrapped: dict[str, Handler] = {}

    async def intercept_service(
        self, continuation: Continuation, handler_call_details: grpc.HandlerCallDetails
    ) -> "Handler | None":
        path: str = handler_call_details.method
        known = self._wrapped.get(path)
        if known is not None:
            return known
        handler = await continuation(handler_call_details)
        if handler is None:
            # An unknown method. grpc answers UNIMPLEMENTED to None; wrapping it would answer UNKNOWN.
            return None
        wrapped = self._wrap(path, handler)
        self._wrapped[path] = wrapped
        return wrapped

    def _wrap(self, path: str, handler: Handler) -> Handler:
        rpc = contract.rpcs().get(path)
        if rpc is None:
            if path.split("/")[1] in OPEN_SERVICES:
                return handler
            raise contract.ContractIncomplete(
                f"{path} is served but not in the contract. To fix: add it to contract.py."
            )
        request_type = GetMessageClass(rpc.request_type)
        if handler.request_streaming:
            return grpc.stream_unary_rpc_method_handler(
                self._gathering(rpc, handler.stream_unary, request_type),
                response_serializer=handler.response_serializer,
            )
        if handler.response_streaming:
            return grpc.unary_stream_rpc_method_handler(
                self._stream(rpc, handler.unary_stream, request_type), response_serializer=_serialize
            )
        return grpc.unary_unary_rpc_method_handler(
            self._unary(rpc, handler.unary_unary, request_type), response_serializer=handler.response_serializer
        )

    def _unary(
        self, rpc: Rpc, behaviour: Any, request_type: type[Message]
    ) -> Callable[[bytes, Context], Awaitable[Message]]:
        async def call(wire: bytes, context: Context) -> Message:
            seen, metadata = self._begin(rpc, context)
            request = None
            try:
                with self._calls.running():
                    async with asyncio.timeout(None if context.time_remaining() is not None else self._deadline_s):
                        request = await self._admit(rpc, request_type, wire, metadata, seen)
                        response: Message = await behaviour(request, context)
            except Exception as error:  # noqa: BLE001 - whatever it is, the client gets a status and the log gets the rest
                raise await self._fail(error, seen, context, request) from None
            except BaseException:
                self._observation.end(seen, CANCELLED, "", None, request)
                raise
            seen.sent = 1
            self._observation.end(seen, OK, "", None, request)
            return response

        return call

    def _stream(
        self, rpc: Rpc, behaviour: Any, request_type: type[Message]
    ) -> Callable[[bytes, Context], AsyncIterator[Message | bytes]]:
        async def call(wire: bytes, context: Context) -> AsyncIterator[Message | bytes]:
            seen, metadata = self._begin(rpc, context)
            request = None
            code = CANCELLED
            try:
                with self._calls.running():
                    request = await self._admit(rpc, request_type, wire, metadata, seen)
                    # Closed here and now, also when the client leaves: what the handler holds is let go while the call still counts.
                    async with aclosing(behaviour(request, context)) as responses:
                        async for response in responses:
                            seen.sent += 1
                            yield response
                code = OK
            except Exception as error:  # noqa: BLE001 - whatever it is, the client gets a status and the log gets the rest
                raise await self._fail(error, seen, context, request) from None
            finally:
                # A client that goes away ends a stream by GeneratorExit as often as by CancelledError: neither is an Exception,
                # so what must happen at the end stands here and not in an `except`.
                if code == CANCELLED and not seen.failed:
                    self._observation.end(seen, CANCELLED, "", None, request)
            self._observation.end(seen, OK, "", None, request)

        return call

    def _gathering(
        self, rpc: Rpc, behaviour: Any, request_type: type[Message]
    ) -> Callable[[AsyncIterator[bytes], Context], Awaitable[Message]]:
        """A call whose request comes in many messages. The whole has no deadline of ours, but each message must come in time."""

        async def read(wires: AsyncIterator[bytes]) -> AsyncIterator[Message]:
            arriving = aiter(wires)
            while True:
                try:
                    async with asyncio.timeout(self._deadline_s):
                        wire = await anext(arriving)
                except StopAsyncIteration:
                    return
                request = validation.parse(request_type, wire)
                validation.validate(request)
                yield request

        async def call(wires: AsyncIterator[bytes], context: Context) -> Message:
            seen, metadata = self._begin(rpc, context)
            try:
                with self._calls.running():
                    self._calls.require_open()
                    await self._charge(rpc, metadata, seen)
                    async with aclosing(read(wires)) as requests:  # type: ignore[type-var]  # an async generator, typed by what it yields
                        response: Message = await behaviour(requests, context)
            except Exception as error:  # noqa: BLE001 - whatever it is, the client gets a status and the log gets the rest
                raise await self._fail(error, seen, context, None) from None
            except BaseException:
                self._observation.end(seen, CANCELLED, "", None, None)
                raise
            seen.sent = 1
            self._observation.end(seen, OK, "", None, None)
            return response

        return call

    def _begin(self, rpc: Rpc, context: Context) -> tuple[Observed, Mapping[str, str]]:
        metadata = {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}
        address = self._addresses.of(context.peer(), metadata)
        current_address.set(address)
        seen = self._observation.begin(rpc.path, metadata, address)
        context.set_trailing_metadata((("x-request-id", seen.call_id),))
        return seen, metadata

    async def _admit(
        self, rpc: Rpc, request_type: type[Message], wire: bytes, metadata: Mapping[str, str], seen: Observed
    ) -> Message:
        self._calls.require_open()
        request = validation.parse(request_type, wire)
        await self._charge(rpc, metadata, seen)
        validation.validate(request)
        return request

    async def _charge(self, rpc: Rpc, metadata: Mapping[str, str], seen: Observed) -> None:
        """Who calls, and whether they have any quota left."""
        caller = await authenticate(rpc, metadata, seen.address, self._credentials)
        if caller is not None:
            current_caller.set(caller)
            seen.user_id = caller.user_id
            self._quota.take(caller.user_id, rpc.access.quota_units or 1)

    async def _fail(self, error: Exception, seen: Observed, context: Context, request: Message | None) -> Exception:
        """Ends the call with the error's status. Returns what grpc wants raised: aborting is itself an exception."""
        seen.failed = True
        if isinstance(error, grpc.aio.AbortError):
            # A handler has ended the call itself; grpc holds the status, and ending it twice would hide it.
            self._observation.end(seen, UNKNOWN, "", None, request)
            return error
        failure = Failure(error, seen.call_id)
        self._observation.end(seen, failure.code.name, failure.reason, error if failure.is_fault else None, request)
        try:
            await context.abort_with_status(failure.to_status())
        except grpc.aio.AbortError as aborted:
            return aborted
        raise AssertionError("unreachable: abort_with_status always raises")


def _serialize(response: Message | bytes) -> bytes:
    """A stream may send messages that are bytes already: what lies in the database as it travels is not read only to be written."""
    return response if isinstance(response, bytes) else response.SerializeToString()
