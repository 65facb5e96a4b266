"""Was this very request answered before? Asked by calls that look a name up, or send something, before they write."""

from typing import TypeVar

from google.protobuf.message import Message

from tallystick.caller import Caller
from tallystick.store.store import Store
from tallystick.store.tx import WriteTx

Response = TypeVar("Response", bound=Message)


class _NotYet(Exception):
    """It was not. Raised so that nothing is written."""


async def find_first(store: Store, caller: Caller, request: Message, response: type[Response]) -> Response | None:
    """The first answer, or None. Raises for whoever may not make the request at all."""

    async def refuse(tx: WriteTx, request: Message) -> Response:
        raise _NotYet

    try:
        return await store.write(caller, request.space_id, request, refuse, response)  # type: ignore[attr-defined]  # requests about webhooks have one
    except _NotYet:
        return None
