"""What do the calls about templates mean in our words, and back? One short method per RPC."""

from typing import Any

from grpc.aio import ServicerContext

from tallystick.caller import caller
from tallystick.ledger.nouns.queries import get_noun, list_nouns
from tallystick.ledger.templates import commands, queries, rules
from tallystick.ledger.templates.queries import TEMPLATES
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.ledger_templates_pb2 import (
    CreateTemplateRequest,
    CreateTemplateResponse,
    DeleteTemplateRequest,
    DeleteTemplateResponse,
    ExecuteTemplateRequest,
    ExecuteTemplateResponse,
    GetTemplateRequest,
    GetTemplateResponse,
    ListDueOccurrencesRequest,
    ListDueOccurrencesResponse,
    ListTemplatesRequest,
    ListTemplatesResponse,
    PreviewTemplateRequest,
    PreviewTemplateResponse,
    RestoreTemplateRequest,
    RestoreTemplateResponse,
    SkipOccurrenceRequest,
    SkipOccurrenceResponse,
    UpdateTemplateRequest,
    UpdateTemplateResponse,
)

Context = ServicerContext[Any, Any]

PREVIEW_DEFAULT = 12


class TemplateCalls:
    """The calls about templates."""

    _store: Store
    _pages: Pages

    async def CreateTemplate(self, request: CreateTemplateRequest, context: Context) -> CreateTemplateResponse:
        return await self._store.write(
            caller(), request.book_id, request, commands.create_template, CreateTemplateResponse
        )

    async def GetTemplate(self, request: GetTemplateRequest, context: Context) -> GetTemplateResponse:
        tx = self._store.reader(caller(), request.book_id, request)
        return GetTemplateResponse(template=await get_noun(tx, TEMPLATES, request))

    async def ListTemplates(self, request: ListTemplatesRequest, context: Context) -> ListTemplatesResponse:
        tx = self._store.reader(caller(), request.book_id, request)
        page = await list_nouns(tx, TEMPLATES, request, self._pages.position(caller(), request))
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListTemplatesResponse(templates=page.items, next_page_token=token)

    async def UpdateTemplate(self, request: UpdateTemplateRequest, context: Context) -> UpdateTemplateResponse:
        return await self._store.write(
            caller(), request.book_id, request, commands.update_template, UpdateTemplateResponse
        )

    async def DeleteTemplate(self, request: DeleteTemplateRequest, context: Context) -> DeleteTemplateResponse:
        return await self._store.write(
            caller(), request.book_id, request, commands.delete_template, DeleteTemplateResponse
        )

    async def RestoreTemplate(self, request: RestoreTemplateRequest, context: Context) -> RestoreTemplateResponse:
        return await self._store.write(
            caller(), request.book_id, request, commands.restore_template, RestoreTemplateResponse
        )

    async def PreviewTemplate(self, request: PreviewTemplateRequest, context: Context) -> PreviewTemplateResponse:
        template = await get_noun(self._store.reader(caller(), request.book_id, request), TEMPLATES, request)
        found = rules.coming(template, request.count or PREVIEW_DEFAULT)
        return PreviewTemplateResponse(occurrences=queries.compose_occurrences(template, found))

    async def SkipOccurrence(self, request: SkipOccurrenceRequest, context: Context) -> SkipOccurrenceResponse:
        asked = queries.asked_by(request)
        return await self._store.write(
            caller(), request.book_id, request, commands.skip_occurrence, SkipOccurrenceResponse, ahead=asked
        )

    async def ExecuteTemplate(self, request: ExecuteTemplateRequest, context: Context) -> ExecuteTemplateResponse:
        asked = queries.asked_by(request)
        return await self._store.write(
            caller(), request.book_id, request, commands.execute_template, ExecuteTemplateResponse, ahead=asked
        )

    async def ListDueOccurrences(
        self, request: ListDueOccurrencesRequest, context: Context
    ) -> ListDueOccurrencesResponse:
        tx = self._store.reader(caller(), request.book_id, request)
        after = self._pages.position(caller(), request)
        page = await queries.list_due(tx, request, self._store.clock.now(), after)
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListDueOccurrencesResponse(occurrences=page.items, next_page_token=token)
