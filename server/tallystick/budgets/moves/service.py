"""What do the calls about the money in envelopes mean in our words, and back? One short method per RPC."""

from typing import Any

from grpc.aio import ServicerContext

from tallystick.budgets.moves import commands
from tallystick.caller import caller
from tallystick.store.store import Store
from tallystick.v1.budget_moves_pb2 import (
    AssignMoneyRequest,
    AssignMoneyResponse,
    CopyForwardRequest,
    CopyForwardResponse,
    MoveMoneyRequest,
    MoveMoneyResponse,
)

Context = ServicerContext[Any, Any]


class MoveCalls:
    """The calls about the money in envelopes."""

    _store: Store

    async def AssignMoney(self, request: AssignMoneyRequest, context: Context) -> AssignMoneyResponse:
        return await self._store.write(caller(), request.book_id, request, commands.assign_money, AssignMoneyResponse)

    async def MoveMoney(self, request: MoveMoneyRequest, context: Context) -> MoveMoneyResponse:
        return await self._store.write(caller(), request.book_id, request, commands.move_money, MoveMoneyResponse)

    async def CopyForward(self, request: CopyForwardRequest, context: Context) -> CopyForwardResponse:
        return await self._store.write(caller(), request.book_id, request, commands.copy_forward, CopyForwardResponse)
