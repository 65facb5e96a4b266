"""How is noted what happens to backups while they are made? By commits in the user's home, each under a request id of its own."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from google.protobuf.message import Message

from tallystick.caller import Caller
from tallystick.store.store import Store
from tallystick.store.tx import WriteTx
from tallystick.v1.backup_service_pb2 import CreateBackupRequest, CreateBackupResponse

Response = TypeVar("Response", bound=Message)
Step = Callable[[WriteTx], Awaitable[None]]


class _NotYet(Exception):
    """The request was not answered. Raised so that nothing is written."""


async def find_first(store: Store, caller: Caller, request: Message, response: type[Response]) -> Response | None:
    """What this very request was answered before, or None. For calls that ask a Drive for something before they write."""

    async def refuse(tx: WriteTx, request: Message) -> Response:
        raise _NotYet

    try:
        return await store.write(caller, caller.home_id, request, refuse, response)
    except _NotYet:
        return None


async def take_step(store: Store, caller: Caller, step: Step) -> None:
    """For a caller who was admitted before. It may run twice, as every command."""

    async def command(tx: WriteTx, request: CreateBackupRequest) -> CreateBackupResponse:
        await step(tx)
        return CreateBackupResponse()

    request = CreateBackupRequest(request_id=str(store.clock.new_id()))
    await store.write(caller, caller.home_id, request, command, CreateBackupResponse)
