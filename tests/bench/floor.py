"""What is the least that a call costs here? A server with nothing in it: an empty message in, an empty message out.

Run as `python -m bench.floor`; it prints its port. The loop and the options are the real server's, the gate is not there.
"""

import asyncio
import gc
from typing import Any

import grpc
import uvloop
from google.protobuf.empty_pb2 import Empty

from tallystick.listen import SERVER_OPTIONS

SERVICE = "bench.Floor"
PATH = f"/{SERVICE}/Empty"


async def answer(request: Empty, context: grpc.aio.ServicerContext[Any, Any]) -> Empty:
    return Empty()


async def serve() -> None:
    server = grpc.aio.server(options=SERVER_OPTIONS)
    handler = grpc.unary_unary_rpc_method_handler(
        answer, request_deserializer=Empty.FromString, response_serializer=Empty.SerializeToString
    )
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, {"Empty": handler}),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    gc.freeze()
    print(port, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve())
