"""Does a book come back as a new one, with all that it was?"""

from dataclasses import replace

import proof
from ledger.whole_book import make_whole_book
from people import BookOf, new_id
from rebuilding.comparing import derived_of, entities_of, history_of
from rebuilding.journal import caller_of, save
from rebuilding.proving import require_sound
from tallystick.app import App
from tallystick.v1.ledger_service_pb2 import CreateBookRequest
from tallystick_client.v1 import ledger_transactions_pb2

# Any request that writes will do.
REQUEST = CreateBookRequest


async def told_of(book: BookOf, transaction_id: str) -> list[tuple[object, ...]]:
    """Its history, as the API tells it."""
    request = ledger_transactions_pb2.ListTransactionHistoryRequest(book_id=book.id, transaction_id=transaction_id)
    listed = await book.person.ledger.ListTransactionHistory(request)
    assert len(listed.revisions) > 1
    return [
        (each.transaction.version, str(each.changed_at), each.changed_by, [*each.fields], each.deleted)
        for each in listed.revisions
    ]


async def test_a_copy_is_what_the_book_was(server: App, database: proof.Connection, book: BookOf) -> None:
    whole = await make_whole_book(book)
    saved = await save(server, book.person, book.id)
    told = list[int]()
    rebuilt = await server.rebuilding.into_new(
        caller_of(book.person), REQUEST(request_id=new_id()), saved, "", told.append
    )
    copy_id = str(rebuilt.space_id)
    assert copy_id != book.id
    assert rebuilt.files == len(saved.files)
    assert told[-1] == len(saved.changes)
    ours = entities_of(server, database, copy_id, called=book.id)
    assert ours == entities_of(server, database, book.id)
    assert derived_of(server, database, copy_id) == derived_of(server, database, book.id)
    past = history_of(server, database, copy_id, until=saved.seq, called=book.id)
    assert past == history_of(server, database, book.id, until=saved.seq)
    await require_sound(server, database, book.person, copy_id)
    first = whole.expense_ids[0]
    assert await told_of(replace(book, id=copy_id), first) == await told_of(book, first)
    # And it goes on like any other.
    await replace(book, id=copy_id).spend(1234, payee_id=whole.payee_id, tag_ids=whole.tag_ids)
    await require_sound(server, database, book.person, copy_id)
