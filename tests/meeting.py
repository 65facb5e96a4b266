"""How do two changes meet? An amount is changed, and then changed by a device that has not seen that."""

from people import BookOf, new_id
from tallystick_client.v1.ledger_pb2 import TransactionDraft
from tallystick_client.v1.ledger_transactions_pb2 import UpdateTransactionRequest
from tallystick_client.v1.money_pb2 import Money
from tallystick_client.v1.sync_mutation_pb2 import Mutation
from tallystick_client.v1.sync_pb2 import Conflict
from tallystick_client.v1.sync_service_pb2 import PushRequest


async def make_conflict(book: BookOf) -> Conflict:
    """An open conflict about an expense of the book."""
    spent = (await book.spend(100)).transaction
    theirs, mine = (
        UpdateTransactionRequest(
            request_id=new_id(),
            book_id=book.id,
            transaction_id=spent.id,
            change=TransactionDraft(amount=Money(currency="EUR", minor=minor)),
        )
        for minor in (80, 90)
    )
    await book.person.ledger.UpdateTransaction(theirs)
    mutation = Mutation(base_version=spent.version, update_transaction=mine)
    answer = await book.person.sync.Push(PushRequest(space_id=book.id, mutations=[mutation]))
    conflict: Conflict = answer.results[0].conflict
    assert conflict.id, "two changes of one amount are a conflict"
    return conflict
