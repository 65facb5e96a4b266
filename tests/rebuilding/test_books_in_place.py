"""Does a book come back in its place, whatever became of it?"""

from google.protobuf.field_mask_pb2 import FieldMask

import proof
from files.desk import bring
from ledger.whole_book import WholeBook, eur, make_whole_book
from people import BookOf, Person, new_id
from rebuilding.comparing import derived_of, entities_of, history_of
from rebuilding.journal import Saved, caller_of, save
from rebuilding.proving import require_sound
from tallystick.app import App
from tallystick.rebuilding.source import Rebuilt
from tallystick.v1.ledger_service_pb2 import CreateBookRequest
from tallystick_client.v1 import (
    file_pb2,
    file_service_pb2,
    ledger_accounts_pb2,
    ledger_books_pb2,
    ledger_labels_pb2,
)


async def put_back(server: App, person: Person, saved: Saved) -> Rebuilt:
    request = CreateBookRequest(request_id=new_id())
    return await server.rebuilding.over(caller_of(person), request, saved, lambda _: None)


async def change_much(whole: WholeBook) -> None:
    """Of everything something is changed, made and deleted."""
    book = whole.book
    await whole.update(
        whole.expense_ids[0],
        "amount",
        amount=eur(5),
    )
    await whole.update(whole.expense_ids[5], "tag_ids", tag_ids=[])
    await whole.update(whole.expense_ids[8], "booked_on", booked_on="2027-01-01")
    for name in ("Holiday", "Rainy days"):
        # And back to what it was.
        mask = FieldMask(paths=["name"])
        await whole.call("UpdateAccount", ledger_accounts_pb2, account_id=whole.savings_id, name=name, update_mask=mask)
    # With a line more than it had.
    await whole.update(whole.expense_ids[8], "splits", "amount", amount=eur(600), splits=whole.splits(100, 100, 400))
    await whole.delete(whole.expense_ids[1])
    await whole.delete(whole.transfer_ids[2])
    tag = (await whole.call("CreateTag", ledger_labels_pb2, name="later")).tag.id
    await whole.call("DeleteTag", ledger_labels_pb2, tag_id=whole.tag_ids[0])
    account = await whole.account("Later", "EUR")
    await whole.record(**whole.spending(tag_ids=[tag, whole.tag_ids[1]]))
    await whole.record(**whole.spending(account_id=account))
    await whole.record(**whole.spending(account_id=whole.private_id))
    await whole.call("UpdateBook", ledger_books_pb2, name="Other", update_mask=FieldMask(paths=["name"]))
    kept = (await book.person.files.ListFiles(file_service_pb2.ListFilesRequest(space_id=book.id))).files[0]
    gone = file_pb2.DeleteFileRequest(request_id=new_id(), space_id=book.id, file_id=kept.id)
    await book.person.files.DeleteFile(gone)
    await bring(book.person, book.id, b"later")


async def test_a_book_is_again_what_it_was(server: App, database: proof.Connection, book: BookOf) -> None:
    whole = await make_whole_book(book)
    before = entities_of(server, database, book.id, versions=False)
    derived = derived_of(server, database, book.id)
    saved = await save(server, book.person, book.id)
    await change_much(whole)
    head = proof.heads(database)[saved.space_id]
    past = history_of(server, database, book.id, until=head)
    rebuilt = await put_back(server, book.person, saved)
    assert str(rebuilt.space_id) == book.id
    after = entities_of(server, database, book.id, versions=False)
    made_since = after.keys() - before.keys()
    assert {key: after[key] for key in before} == before
    assert made_since
    assert all(after[key][1] for key in made_since)
    assert derived_of(server, database, book.id) == derived
    # Nothing of what happened meanwhile is forgotten.
    assert history_of(server, database, book.id, until=head) == past
    await require_sound(server, database, book.person, book.id)
    await whole.record(**whole.spending(tag_ids=whole.tag_ids))
    await require_sound(server, database, book.person, book.id)
