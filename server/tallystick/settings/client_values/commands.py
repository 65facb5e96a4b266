"""What shall happen to what apps keep for a user? Run inside the write door of the home."""

from tallystick import masks
from tallystick.settings import keeping
from tallystick.settings.client_values import rules
from tallystick.settings.client_values.queries import USED_BESIDES, VALUE_EVER
from tallystick.settings.tables import CLIENT_VALUE
from tallystick.store.tx import WriteTx
from tallystick.v1.settings_client_values_pb2 import (
    ClientValue,
    DeleteClientValueRequest,
    DeleteClientValueResponse,
    PutClientValueRequest,
    PutClientValueResponse,
)


async def put_client_value(tx: WriteTx, request: PutClientValueRequest) -> PutClientValueResponse:
    """What is there already is kept as it is, whatever it was made on."""
    value_id = rules.value_id(tx.space_id, request.key)
    rows, used = await tx.fetch_all(
        VALUE_EVER(space_id=tx.space_id, id=value_id), USED_BESIDES(space_id=tx.space_id, id=value_id)
    )
    standing = keeping.read(tx, CLIENT_VALUE, rows)
    last, there = standing.last, standing.there
    if there is not None and there.value == request.value:
        return PutClientValueResponse(client_value=there)
    rules.require_unchanged(last, there, masks.base_version(request))
    ((count, size),) = used
    rules.require_room(count + 1, int(size) + len(request.value))
    after = ClientValue(id=str(value_id), key=request.key, value=request.value)
    kept = tx.add(CLIENT_VALUE, after) if last is None else tx.put(CLIENT_VALUE, last, after)
    return PutClientValueResponse(client_value=kept)


async def delete_client_value(tx: WriteTx, request: DeleteClientValueRequest) -> DeleteClientValueResponse:
    """Where nothing is, somebody else of the user's devices was faster: what it wanted is so."""
    rows = await tx.fetch(VALUE_EVER(space_id=tx.space_id, id=rules.value_id(tx.space_id, request.key)))
    there = keeping.read(tx, CLIENT_VALUE, rows).there
    return DeleteClientValueResponse(client_value=tx.delete(CLIENT_VALUE, there) if there else None)
