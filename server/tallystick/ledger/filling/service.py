"""What do the calls about rules mean in our words, and back? One short method per RPC."""

from typing import Any

from grpc.aio import ServicerContext

from tallystick.caller import caller
from tallystick.ledger.filling import commands, queries
from tallystick.ledger.nouns.queries import get_noun
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.ledger_rules_pb2 import (
    CreateRuleRequest,
    CreateRuleResponse,
    DeleteRuleRequest,
    DeleteRuleResponse,
    GetRuleRequest,
    GetRuleResponse,
    ListRulesRequest,
    ListRulesResponse,
    PreviewRuleRequest,
    PreviewRuleResponse,
    ReorderRulesRequest,
    ReorderRulesResponse,
    RestoreRuleRequest,
    RestoreRuleResponse,
    UpdateRuleRequest,
    UpdateRuleResponse,
)

Context = ServicerContext[Any, Any]


class RuleCalls:
    """The calls about rules."""

    _store: Store
    _pages: Pages

    async def CreateRule(self, request: CreateRuleRequest, context: Context) -> CreateRuleResponse:
        return await self._store.write(caller(), request.book_id, request, commands.create_rule, CreateRuleResponse)

    async def GetRule(self, request: GetRuleRequest, context: Context) -> GetRuleResponse:
        tx = self._store.reader(caller(), request.book_id, request)
        return GetRuleResponse(rule=await get_noun(tx, queries.RULES, request))

    async def ListRules(self, request: ListRulesRequest, context: Context) -> ListRulesResponse:
        tx = self._store.reader(caller(), request.book_id, request)
        page = await queries.list_rules(tx, request, self._pages.position(caller(), request))
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListRulesResponse(rules=page.items, next_page_token=token)

    async def UpdateRule(self, request: UpdateRuleRequest, context: Context) -> UpdateRuleResponse:
        return await self._store.write(caller(), request.book_id, request, commands.update_rule, UpdateRuleResponse)

    async def ReorderRules(self, request: ReorderRulesRequest, context: Context) -> ReorderRulesResponse:
        return await self._store.write(caller(), request.book_id, request, commands.reorder_rules, ReorderRulesResponse)

    async def DeleteRule(self, request: DeleteRuleRequest, context: Context) -> DeleteRuleResponse:
        return await self._store.write(caller(), request.book_id, request, commands.delete_rule, DeleteRuleResponse)

    async def RestoreRule(self, request: RestoreRuleRequest, context: Context) -> RestoreRuleResponse:
        return await self._store.write(caller(), request.book_id, request, commands.restore_rule, RestoreRuleResponse)

    async def PreviewRule(self, request: PreviewRuleRequest, context: Context) -> PreviewRuleResponse:
        tx = self._store.reader(caller(), request.book_id, request)
        page = await queries.list_fitting(tx, request, self._pages.position(caller(), request))
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return PreviewRuleResponse(transactions=page.items, next_page_token=token)
