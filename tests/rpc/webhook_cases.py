"""A request for each call about webhooks, which would succeed but for the id that a test puts in."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from people import BookOf, new_id
from tallystick.app import App
from tallystick.webhooks import writes
from tallystick_client.v1 import webhook_service_pb2
from webhooks.desk import ELSEWHERE, creation

_SERVICE = webhook_service_pb2.DESCRIPTOR.services_by_name["WebhookService"]


async def make_hook(book: BookOf) -> dict[str, str]:
    """A webhook, and what a dead letter of it may be called, by the names of the fields that take them."""
    made = await book.person.webhooks.CreateWebhook(creation(book.id))
    return {"webhook_id": made.webhook.id, "dead_letter_id": new_id()}


async def keep_letter(server: App, ids: Mapping[str, str]) -> None:
    """The dead letter, without a day of waiting for it."""
    letter = writes.KEEP_LETTER(
        space_id=UUID(ids["space_id"]),
        webhook_id=UUID(ids["webhook_id"]),
        delivery_id=UUID(ids["dead_letter_id"]),
        from_seq=0,
        seq=1,
        ordinals=[0],
        complete=True,
        given_up_at=datetime.now(UTC),
        problem=1,
        attempts=1,
    )
    await server.apart.fetch_all(letter)


def compose(name: str, ids: Mapping[str, str]) -> Message:
    """A request of the call that asks for nothing out of the ordinary."""
    request_type: Any = GetMessageClass(_SERVICE.methods_by_name[name].input_type)
    known = request_type.DESCRIPTOR.fields_by_name
    usual: dict[str, Any] = {
        "request_id": new_id(),
        "space_id": ids["space_id"],
        "webhook_id": ids["webhook_id"],
        "url": ELSEWHERE,
        "dead_letter_id": ids["dead_letter_id"],
    }
    fields = {each: value for each, value in usual.items() if each in known}
    if name == "CreateWebhook":
        del fields["webhook_id"]
    return request_type(**fields)  # type: ignore[no-any-return]  # a message made from its descriptor
