"""Does a book come back as a new one, with all that it was?"""

from uuid import UUID

import proof
from ledger.whole_book import make_whole_book
from people import BookOf, new_id
from rebuilding.comparing import derived_of, entities_of, history_of
from rebuilding.journal import caller_of, save
from tallystick.app import App
from tallystick.ledger.proof.proving import Verdict
from tallystick.v1.ledger_service_pb2 import CreateBookRequest

REQUEST = CreateBookRequest


async def proven(server: App, space_id: str) -> int:
    """How many differences a book has."""
    steps = [step async for step in server.rebuilding._shapes[2]._proof.steps(UUID(space_id))]
    assert isinstance(steps[-1], Verdict)
    return steps[-1].differences


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
    proof.prove(database, server.store.keys, rebuilt.space_id)
    assert await proven(server, copy_id) == 0
    assert whole.expense_ids
