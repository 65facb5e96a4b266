"""How is a call done that changes more than one commit holds? In slices, each a commit of its own; the last one carries the answer.

Every slice has a request id that follows from the call's. A call that was cut off is repeated by the client with the same request_id:
its finished slices are found, and the next one goes on.
"""

from collections.abc import Callable, Sequence
from itertools import count
from typing import TypeVar
from uuid import UUID, uuid5

from google.protobuf.message import Message

from tallystick.caller import Caller
from tallystick.store.command import MoreThanOneCommit
from tallystick.store.store import Command, Store

Request = TypeVar("Request", bound=Message)
Response = TypeVar("Response", bound=Message)

# A commit holds 500 changes; the last slice has a few of its own.
SLICE_MAX = 400


async def write_in_slices(
    store: Store,
    caller: Caller,
    book_id: str,
    request: Request,
    slice_command: Command[Request, Response],
    finish: Callable[[Sequence[Response]], Command[Request, Response]],
    response: type[Response],
) -> Response:
    """`finish` makes the last command from the answers of the slices before it."""
    done: list[Response] = []
    for number in count():
        part = type(request)()
        part.CopyFrom(request)
        part.request_id = str(uuid5(UUID(request.request_id), f"slice {number}"))  # type: ignore[attr-defined]  # a write has one
        # Other contents under the id of a call that was cut off are found here, and refused.
        answer = await store.find_answer(caller, book_id, part, response)
        if answer is None:
            try:
                return await store.write(caller, book_id, request, finish(done), response)
            except MoreThanOneCommit:
                answer = await store.write(caller, book_id, part, slice_command, response)
        done.append(answer)
    raise AssertionError("unreachable: counting does not end")
