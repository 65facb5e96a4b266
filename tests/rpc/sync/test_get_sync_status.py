"""What GetSyncStatus promises."""

from people import BookOf, Person, new_id, refusal_of
from rpc.sync.copy import Copy, mutation
from rpc.sync.test_push import copy, removal
from tallystick_client.v1.sync_service_pb2 import GetSyncStatusRequest

__all__ = ["copy"]


async def test_the_digest_of_a_copy_at_the_head_is_the_server_s(book: BookOf, copy: Copy) -> None:
    await copy.push(*(mutation(book.expense(each)) for each in (1, 2, 3)))
    gone = (await book.spend(5)).transaction
    await book.person.ledger.DeleteTransaction(removal(book, gone.id))
    await copy.pull()
    status = await copy.status()
    assert (status.cursor, status.head) == (copy.cursor, copy.head)
    assert (status.live_count, status.digest) == (len(copy.live), copy.digest())


async def test_get_sync_status_of_what_the_caller_is_not_in_is_not_found(book: BookOf, bob: Person) -> None:
    for space_id in (book.id, new_id()):
        assert (await refusal_of(bob.sync.GetSyncStatus(GetSyncStatusRequest(space_id=space_id)))).reason == "NOT_FOUND"
