"""In which order does a server stop, so that no call is lost and no handler outlives what it uses?

Unready first; then wait until the proxy has seen it; then say goodbye to the streams, which go on elsewhere; then refuse new calls;
then let the running ones end; then cancel what is left, and wait for those handlers too, because `stop()` returns before they have
ended. The pool closes after all that.
"""

import asyncio
from collections.abc import Callable

import grpc

from tallystick.config import Config
from tallystick.gate.calls import Calls
from tallystick.log import log
from tallystick.readiness import Readiness

# What a cancelled handler may take to let go of its connection.
CANCELLED_HANDLERS_S = 5.0


async def stop(
    server: grpc.aio.Server, readiness: Readiness, end_streams: Callable[[], None], calls: Calls, config: Config
) -> None:
    await readiness.drain()
    await asyncio.sleep(config.drain_s)
    end_streams()
    calls.close()
    await server.stop(config.stop_grace_s)
    if not await calls.wait_idle(CANCELLED_HANDLERS_S):
        log("handlers_outlived_stop", level="error")
