"""Do proofs know files? They follow what is attached, and say what leads nowhere."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Uuid, bindparam, select

from circle import Circle
from files.desk import bring, delete
from people import MISSING_ID, BookOf, Person, new_id
from tallystick.app import App
from tallystick.caller import Caller
from tallystick.groups.tables import EXPENSE
from tallystick.ledger.tables import TRANSACTION
from tallystick.store.entity import Entity
from tallystick.store.statements import prepare
from tallystick.store.tx import WriteTx
from tallystick.v1.file_pb2 import DeleteFileRequest, DeleteFileResponse
from tallystick_client.v1 import group_balances_pb2, ledger_proof_pb2
from tallystick_client.v1.ledger_service_pb2_grpc import LedgerServiceStub


async def spoil(server: App, person: Person, space_id: str, entity: Entity[Any], row_id: str, field: str) -> None:
    """Lets an entity name a file that never was, as no call could."""
    columns = entity.table.c
    row = select(columns.id, columns.version, columns.body).where(columns.id == bindparam("id", type_=Uuid))

    async def command(tx: WriteTx, request: DeleteFileRequest) -> DeleteFileResponse:
        before = tx.require(entity, await tx.fetch(prepare(row)(id=UUID(row_id))))
        after = type(before)()
        after.CopyFrom(before)
        getattr(after, field).append(MISSING_ID)
        tx.put(entity, before, after)
        return DeleteFileResponse()

    caller = Caller(UUID(person.user.id), UUID(person.user.home_id), None, "")
    request = DeleteFileRequest(request_id=new_id(), space_id=space_id, file_id=MISSING_ID)
    await server.store.write(caller, space_id, request, command, DeleteFileResponse)


async def differences(steps: Any) -> list[Any]:
    return [step.difference async for step in steps if step.HasField("difference")]


@pytest.mark.parametrize("is_spoilt", [False, True])
async def test_a_book_is_held_against_its_files(book: BookOf, server: App, is_spoilt: bool) -> None:
    kept, gone = await bring(book.person, book.id, b"abc"), await bring(book.person, book.id, b"x", private=True)
    made = (await book.spend(attachment_ids=[kept.id, gone.id])).transaction
    await delete(book.person, gone)
    if is_spoilt:
        await spoil(server, book.person, book.id, TRANSACTION, made.id, "attachment_ids")
    stub: Any = LedgerServiceStub(book.person.channel)
    request = ledger_proof_pb2.VerifyBookRequest(book_id=book.id)
    found = await differences(stub.VerifyBook(request, metadata=book.person.metadata))
    assert len(found) == is_spoilt
    assert all("attachment_ids" in str(each) or MISSING_ID in str(each) for each in found)


@pytest.mark.parametrize("is_spoilt", [False, True])
async def test_a_group_is_held_against_its_files(circle: Circle, server: App, is_spoilt: bool) -> None:
    file = await bring(circle.person, circle.id, b"abc")
    made = await circle.spend(receipt_ids=[file.id])
    if is_spoilt:
        await spoil(server, circle.person, circle.id, EXPENSE, made.id, "receipt_ids")
    request = group_balances_pb2.VerifyGroupRequest(group_id=circle.id)
    found = await differences(circle.person.proofs.VerifyGroup(request))
    assert len(found) == is_spoilt
    assert all("receipt_ids" in str(each) or MISSING_ID in str(each) for each in found)
