"""What does every writing call of a book promise? Its repeat, its request id, who may call it, and what is not there."""

from typing import Any

import grpc
from google.protobuf.message import Message

from people import BookOf, Person, new_id, refusal_of, sign_up
from rpc.spaces.sharing import VIEWER, share


def changed(request: Any, **fields: Any) -> Any:
    """The same request with other fields."""
    other = type(request)()
    other.CopyFrom(request)
    for name, value in fields.items():
        other.ClearField(name)
        other.MergeFrom(type(request)(**{name: value}))
    return other


async def viewer_of(book: BookOf) -> Person:
    """Somebody who may only look."""
    viewer = await sign_up(book.person.client, "Vic")
    await share(book.person, book.id, viewer, VIEWER)
    return viewer


async def keeps_the_promises_of_a_write(
    book: BookOf, rpc: str, request: Message, *, service: str = "ledger", **other: Any
) -> Any:
    """A viewer is refused; the first call is answered; a repeat is answered alike; another body under its id is refused; and nobody
    else's book is there."""
    viewer = await viewer_of(book)
    low = await refusal_of(getattr(getattr(viewer, service), rpc)(request))
    assert (low.code, low.reason) == (grpc.StatusCode.PERMISSION_DENIED, "ROLE_TOO_LOW")

    call = getattr(getattr(book.person, service), rpc)
    first = await call(request)
    assert (await call(request)).SerializeToString(deterministic=True) == first.SerializeToString(deterministic=True)

    reused = await refusal_of(call(changed(request, **other)))
    assert (reused.code, reused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_ID_REUSED")

    foreign = await refusal_of(call(changed(request, request_id=new_id(), book_id=new_id())))
    assert (foreign.code, foreign.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
    return first
