"""How is noted what happens to backups while they are made? By commits in the user's home, each under a request id of its own."""

from collections.abc import Awaitable, Callable

from tallystick.caller import Caller
from tallystick.store.store import Store
from tallystick.store.tx import WriteTx
from tallystick.v1.backup_service_pb2 import CreateBackupRequest, CreateBackupResponse

Step = Callable[[WriteTx], Awaitable[None]]


async def take_step(store: Store, caller: Caller, step: Step) -> None:
    """For a caller who was admitted before. It may run twice, as every command."""

    async def command(tx: WriteTx, request: CreateBackupRequest) -> CreateBackupResponse:
        await step(tx)
        return CreateBackupResponse()

    request = CreateBackupRequest(request_id=str(store.clock.new_id()))
    await store.write(caller, caller.home_id, request, command, CreateBackupResponse)
