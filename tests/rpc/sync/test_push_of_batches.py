"""Is what a device is told about a batch true for all of it?"""

from people import BookOf, new_id
from rpc.sync.copy import Copy, mutation
from rpc.sync.test_push import copy, outcomes, removal
from tallystick_client.v1.ledger_transactions_pb2 import BatchDeleteTransactionsRequest

__all__ = ["copy"]


async def test_a_batch_of_deletes_is_not_done_because_one_of_them_was_gone(book: BookOf, copy: Copy) -> None:
    gone, other = [(await book.spend(minor)).transaction for minor in (100, 200)]
    await copy.pull()
    await book.person.ledger.DeleteTransaction(removal(book, gone.id))
    request = BatchDeleteTransactionsRequest(request_id=new_id(), book_id=book.id, transaction_ids=[gone.id, other.id])
    (result,) = await copy.push(mutation(request, base=other.version))
    await copy.pull()
    is_deleted = copy.rows["transaction", other.id][1]
    assert is_deleted or outcomes([result])[0] in {"CONFLICT", "REJECTED"}
