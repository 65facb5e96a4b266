"""What does every writing call about webhooks promise? Its repeat, its request id, who may call it, and what is not there."""

from typing import Any

import grpc
from google.protobuf.message import Message

from people import BookOf, Person, new_id, refusal_of, sign_up
from rpc.ledger.promises import changed
from rpc.spaces.sharing import EDITOR, share
from tallystick_client.v1 import auth_service_pb2, identity_pb2


async def editor_of(book: BookOf) -> Person:
    """Somebody who may write, and is no owner."""
    editor = await sign_up(book.person.client, "Eve")
    await share(book.person, book.id, editor, EDITOR)
    return editor


async def keeps_the_promises_of_a_write(book: BookOf, rpc: str, request: Message, **other: Any) -> Any:
    """An editor is refused; the first call is answered; a repeat is answered alike; another body under its id is refused; and nobody
    else's book is there."""
    editor = await editor_of(book)
    low = await refusal_of(getattr(editor.webhooks, rpc)(request))
    assert (low.code, low.reason) == (grpc.StatusCode.PERMISSION_DENIED, "ROLE_TOO_LOW")

    call = getattr(book.person.webhooks, rpc)
    first = await call(request)
    assert (await call(request)).SerializeToString(deterministic=True) == first.SerializeToString(deterministic=True)

    reused = await refusal_of(call(changed(request, **other)))
    assert (reused.code, reused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_ID_REUSED")

    foreign = await refusal_of(call(changed(request, request_id=new_id(), space_id=new_id())))
    assert (foreign.code, foreign.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
    return first


async def refuses_keys(book: BookOf, rpc: str, request: Message) -> None:
    """An access key that may write in the book is not enough."""
    with_key = await key_of(book)
    refused = await refusal_of(getattr(with_key.webhooks, rpc)(request))
    assert (refused.code, refused.reason) == (grpc.StatusCode.PERMISSION_DENIED, "SCOPE_TOO_NARROW")


async def key_of(book: BookOf) -> Any:
    """The stubs with an access key."""
    key = await book.person.auth.CreateAccessKey(
        auth_service_pb2.CreateAccessKeyRequest(
            request_id=new_id(),
            name="key",
            book_ids=[book.id],
            scope=identity_pb2.AccessKeyScope.ACCESS_KEY_SCOPE_WRITE,
            days=1,
        )
    )
    return book.person.client.with_token(key.secret)
