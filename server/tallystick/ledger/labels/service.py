"""What do the calls about payees, payment methods and tags mean in our words, and back? One short method per RPC."""

from typing import Any, TypeVar

from google.protobuf.message import Message
from grpc.aio import ServicerContext

from tallystick.caller import caller
from tallystick.ledger.labels import commands
from tallystick.ledger.labels.queries import PAYEES, PAYMENT_METHODS, TAGS
from tallystick.ledger.nouns.queries import Noun, get_noun, list_nouns
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.ledger_labels_pb2 import (
    CreatePayeeRequest,
    CreatePayeeResponse,
    CreatePaymentMethodRequest,
    CreatePaymentMethodResponse,
    CreateTagRequest,
    CreateTagResponse,
    DeletePayeeRequest,
    DeletePayeeResponse,
    DeletePaymentMethodRequest,
    DeletePaymentMethodResponse,
    DeleteTagRequest,
    DeleteTagResponse,
    GetPayeeRequest,
    GetPayeeResponse,
    GetPaymentMethodRequest,
    GetPaymentMethodResponse,
    GetTagRequest,
    GetTagResponse,
    ListPayeesRequest,
    ListPayeesResponse,
    ListPaymentMethodsRequest,
    ListPaymentMethodsResponse,
    ListTagsRequest,
    ListTagsResponse,
    RestorePayeeRequest,
    RestorePayeeResponse,
    RestorePaymentMethodRequest,
    RestorePaymentMethodResponse,
    RestoreTagRequest,
    RestoreTagResponse,
    UpdatePayeeRequest,
    UpdatePayeeResponse,
    UpdatePaymentMethodRequest,
    UpdatePaymentMethodResponse,
    UpdateTagRequest,
    UpdateTagResponse,
)

Context = ServicerContext[Any, Any]
M = TypeVar("M", bound=Message)


class LabelCalls:
    """The calls about payees, payment methods and tags."""

    _store: Store
    _pages: Pages

    async def CreatePayee(self, request: CreatePayeeRequest, context: Context) -> CreatePayeeResponse:
        return await self._store.write(caller(), request.book_id, request, commands.create_payee, CreatePayeeResponse)

    async def GetPayee(self, request: GetPayeeRequest, context: Context) -> GetPayeeResponse:
        return GetPayeeResponse(payee=await self._get_label(PAYEES, request))

    async def ListPayees(self, request: ListPayeesRequest, context: Context) -> ListPayeesResponse:
        payees, token = await self._list_labels(PAYEES, request)
        return ListPayeesResponse(payees=payees, next_page_token=token)

    async def UpdatePayee(self, request: UpdatePayeeRequest, context: Context) -> UpdatePayeeResponse:
        return await self._store.write(caller(), request.book_id, request, commands.update_payee, UpdatePayeeResponse)

    async def DeletePayee(self, request: DeletePayeeRequest, context: Context) -> DeletePayeeResponse:
        return await self._store.write(caller(), request.book_id, request, commands.delete_payee, DeletePayeeResponse)

    async def RestorePayee(self, request: RestorePayeeRequest, context: Context) -> RestorePayeeResponse:
        return await self._store.write(caller(), request.book_id, request, commands.restore_payee, RestorePayeeResponse)

    async def CreatePaymentMethod(
        self, request: CreatePaymentMethodRequest, context: Context
    ) -> CreatePaymentMethodResponse:
        return await self._store.write(
            caller(), request.book_id, request, commands.create_payment_method, CreatePaymentMethodResponse
        )

    async def GetPaymentMethod(self, request: GetPaymentMethodRequest, context: Context) -> GetPaymentMethodResponse:
        return GetPaymentMethodResponse(payment_method=await self._get_label(PAYMENT_METHODS, request))

    async def ListPaymentMethods(
        self, request: ListPaymentMethodsRequest, context: Context
    ) -> ListPaymentMethodsResponse:
        methods, token = await self._list_labels(PAYMENT_METHODS, request)
        return ListPaymentMethodsResponse(payment_methods=methods, next_page_token=token)

    async def UpdatePaymentMethod(
        self, request: UpdatePaymentMethodRequest, context: Context
    ) -> UpdatePaymentMethodResponse:
        return await self._store.write(
            caller(), request.book_id, request, commands.update_payment_method, UpdatePaymentMethodResponse
        )

    async def DeletePaymentMethod(
        self, request: DeletePaymentMethodRequest, context: Context
    ) -> DeletePaymentMethodResponse:
        return await self._store.write(
            caller(), request.book_id, request, commands.delete_payment_method, DeletePaymentMethodResponse
        )

    async def RestorePaymentMethod(
        self, request: RestorePaymentMethodRequest, context: Context
    ) -> RestorePaymentMethodResponse:
        return await self._store.write(
            caller(), request.book_id, request, commands.restore_payment_method, RestorePaymentMethodResponse
        )

    async def CreateTag(self, request: CreateTagRequest, context: Context) -> CreateTagResponse:
        return await self._store.write(caller(), request.book_id, request, commands.create_tag, CreateTagResponse)

    async def GetTag(self, request: GetTagRequest, context: Context) -> GetTagResponse:
        return GetTagResponse(tag=await self._get_label(TAGS, request))

    async def ListTags(self, request: ListTagsRequest, context: Context) -> ListTagsResponse:
        tags, token = await self._list_labels(TAGS, request)
        return ListTagsResponse(tags=tags, next_page_token=token)

    async def UpdateTag(self, request: UpdateTagRequest, context: Context) -> UpdateTagResponse:
        return await self._store.write(caller(), request.book_id, request, commands.update_tag, UpdateTagResponse)

    async def DeleteTag(self, request: DeleteTagRequest, context: Context) -> DeleteTagResponse:
        return await self._store.write(caller(), request.book_id, request, commands.delete_tag, DeleteTagResponse)

    async def RestoreTag(self, request: RestoreTagRequest, context: Context) -> RestoreTagResponse:
        return await self._store.write(caller(), request.book_id, request, commands.restore_tag, RestoreTagResponse)

    async def _get_label(self, noun: Noun[M], request: Any) -> M:
        return await get_noun(self._store.reader(caller(), request.book_id, request), noun, request)

    async def _list_labels(self, noun: Noun[M], request: Any) -> tuple[list[M], str]:
        tx = self._store.reader(caller(), request.book_id, request)
        page = await list_nouns(tx, noun, request, self._pages.position(caller(), request))
        return page.items, self._pages.token(caller(), request, *page.last) if page.last else ""
