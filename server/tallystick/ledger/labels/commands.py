"""What shall happen to payees, payment methods and tags? One function per writing call, run inside the write door."""

from typing import Any, TypeVar

from google.protobuf.message import Message

from tallystick.ledger import rules
from tallystick.ledger.categories.queries import find_category, get_usable
from tallystick.ledger.labels.queries import PAYEES, PAYMENT_METHODS, TAGS
from tallystick.ledger.nouns.commands import (
    begin_restore,
    begin_update,
    delete_noun,
    end_restore,
    end_update,
    restore_noun,
)
from tallystick.ledger.nouns.queries import Noun
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
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

M = TypeVar("M", bound=Message)


async def create_payee(tx: WriteTx, request: CreatePayeeRequest) -> CreatePayeeResponse:
    if request.default_category_id:
        await get_usable(tx, request.default_category_id)
    default = rules.canonical(request.default_category_id)
    return CreatePayeeResponse(payee=_create(tx, PAYEES, request, default_category_id=default))


async def update_payee(tx: WriteTx, request: UpdatePayeeRequest) -> UpdatePayeeResponse:
    update = await begin_update(tx, PAYEES, request)
    default = update.after.default_category_id = rules.canonical(update.after.default_category_id)
    if default and default != update.before.default_category_id:
        await get_usable(tx, default)
    return UpdatePayeeResponse(payee=end_update(tx, PAYEES, update))


async def delete_payee(tx: WriteTx, request: DeletePayeeRequest) -> DeletePayeeResponse:
    return DeletePayeeResponse(payee=await delete_noun(tx, PAYEES, request))


async def restore_payee(tx: WriteTx, request: RestorePayeeRequest) -> RestorePayeeResponse:
    """A category that was deleted or merged meanwhile is suggested no more."""
    restore = await begin_restore(tx, PAYEES, request)
    default = restore.after.default_category_id
    if restore.is_deleted and default and await find_category(tx, default) is None:
        restore.after.default_category_id = ""
    return RestorePayeeResponse(payee=end_restore(tx, PAYEES, restore))


async def create_payment_method(tx: WriteTx, request: CreatePaymentMethodRequest) -> CreatePaymentMethodResponse:
    return CreatePaymentMethodResponse(payment_method=_create(tx, PAYMENT_METHODS, request, icon=request.icon))


async def update_payment_method(tx: WriteTx, request: UpdatePaymentMethodRequest) -> UpdatePaymentMethodResponse:
    update = await begin_update(tx, PAYMENT_METHODS, request)
    return UpdatePaymentMethodResponse(payment_method=end_update(tx, PAYMENT_METHODS, update))


async def delete_payment_method(tx: WriteTx, request: DeletePaymentMethodRequest) -> DeletePaymentMethodResponse:
    return DeletePaymentMethodResponse(payment_method=await delete_noun(tx, PAYMENT_METHODS, request))


async def restore_payment_method(tx: WriteTx, request: RestorePaymentMethodRequest) -> RestorePaymentMethodResponse:
    return RestorePaymentMethodResponse(payment_method=await restore_noun(tx, PAYMENT_METHODS, request))


async def create_tag(tx: WriteTx, request: CreateTagRequest) -> CreateTagResponse:
    return CreateTagResponse(tag=_create(tx, TAGS, request, color=request.color))


async def update_tag(tx: WriteTx, request: UpdateTagRequest) -> UpdateTagResponse:
    return UpdateTagResponse(tag=end_update(tx, TAGS, await begin_update(tx, TAGS, request)))


async def delete_tag(tx: WriteTx, request: DeleteTagRequest) -> DeleteTagResponse:
    return DeleteTagResponse(tag=await delete_noun(tx, TAGS, request))


async def restore_tag(tx: WriteTx, request: RestoreTagRequest) -> RestoreTagResponse:
    return RestoreTagResponse(tag=await restore_noun(tx, TAGS, request))


def _create(tx: WriteTx, noun: Noun[M], request: Any, **own: str) -> M:
    """A new label, with the field that only this kind of label has."""
    label = noun.entity.message_type(
        id=rules.canonical(getattr(request, noun.id_field)) or str(tx.new_id()),
        book_id=str(tx.space_id),
        name=rules.require_name("name", request.name),
        created_at=to_timestamp(tx.now),
        **own,
    )
    return tx.add(noun.entity, label)
