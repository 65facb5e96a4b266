"""What does every writing call about files promise? Its repeat, its request id, who may call it, and what is not there."""

from typing import Any

import grpc
from google.protobuf.message import Message

from people import BookOf, new_id, refusal_of, sign_up
from rpc.ledger.promises import changed
from rpc.spaces.sharing import VIEWER, share


async def keeps_the_promises_of_a_write(book: BookOf, rpc: str, request: Message, **other: Any) -> Any:
    """A viewer is refused; the first call is answered; a repeat is answered alike; another body under its id is refused; and nobody
    else's book is there."""
    viewer = await sign_up(book.person.client, "Vic")
    await share(book.person, book.id, viewer, VIEWER)
    low = await refusal_of(getattr(viewer.files, rpc)(request))
    assert (low.code, low.reason) == (grpc.StatusCode.PERMISSION_DENIED, "ROLE_TOO_LOW")

    call = getattr(book.person.files, rpc)
    first = await call(request)
    assert (await call(request)).SerializeToString(deterministic=True) == first.SerializeToString(deterministic=True)

    reused = await refusal_of(call(changed(request, **other)))
    assert (reused.code, reused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_ID_REUSED")

    foreign = await refusal_of(call(changed(request, request_id=new_id(), space_id=new_id())))
    assert (foreign.code, foreign.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
    return first
