"""Does a space hold? Asked as any user asks it, and past the server."""

from typing import Any
from uuid import UUID

import proof
from people import Person
from tallystick.app import App
from tallystick_client.v1 import group_balances_pb2, ledger_proof_pb2
from tallystick_client.v1.ledger_service_pb2_grpc import LedgerServiceStub


async def require_sound(server: App, database: proof.Connection, person: Person, space_id: str) -> Any:
    """Returns the verdict."""
    proof.prove(database, server.store.keys, UUID(space_id))
    kind = database.execute("SELECT kind FROM space WHERE id = %s", (UUID(space_id),)).fetchone()
    assert kind is not None
    if kind[0] == 2:
        request = ledger_proof_pb2.VerifyBookRequest(book_id=space_id)
        steps = LedgerServiceStub(person.channel).VerifyBook(request, metadata=person.metadata)
    else:
        steps = person.proofs.VerifyGroup(group_balances_pb2.VerifyGroupRequest(group_id=space_id))
    told = [step async for step in steps]
    assert told[-1].verdict.holds, told
    return told[-1].verdict
