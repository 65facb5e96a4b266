"""How do services become known to grpc? By name only, never as registered methods.

grpc.aio keeps one waiting future for each registered method, and goes through all of them for every call that arrives: with forty
methods that costs more than a whole empty call. Handlers that are found by name share a single future.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import grpc


class ByName:
    """Stands before a server where the generated `add_…_to_server` functions expect one."""

    def __init__(self, server: grpc.aio.Server) -> None:
        self._server = server

    def add_generic_rpc_handlers(self, handlers: Sequence["grpc.GenericRpcHandler"]) -> None:
        self._server.add_generic_rpc_handlers(tuple(handlers))

    def add_registered_method_handlers(self, service_name: str, handlers: Mapping[str, Any]) -> None:
        """Nothing: the same handlers were just added by name."""
