"""What DeleteTemplate promises."""

from people import BookOf, new_id, refusal_of
from recurring import call, due_slots, execute, get, make_template, skip
from rpc.ledger.promises import keeps_the_promises_of_a_write
from tallystick_client.v1 import ledger_service_pb2
from tallystick_client.v1 import ledger_templates_pb2 as pb


async def test_delete_template_hides_it_and_what_it_posted_stays(book: BookOf) -> None:
    made = await make_template(book)
    posted = (await execute(book, made)).transaction
    before = await get(book, made)
    deleted = (await call("DeleteTemplate", made, book)).template
    assert (deleted.name, deleted.next_on, deleted.posted_count) == (before.name, before.next_on, 1)
    assert await due_slots(book) == []
    request = ledger_service_pb2.GetTransactionRequest(book_id=book.id, transaction_id=posted.id)
    assert (await book.person.ledger.GetTransaction(request)).transaction == posted


async def test_delete_template_keeps_the_promises_of_a_write(book: BookOf) -> None:
    made, other = await make_template(book), await make_template(book)
    request = pb.DeleteTemplateRequest(request_id=new_id(), book_id=book.id, template_id=made.id)
    await keeps_the_promises_of_a_write(book, "DeleteTemplate", request, template_id=other.id)


async def test_nothing_can_be_done_with_a_deleted_template(book: BookOf) -> None:
    made = await make_template(book)
    await call("DeleteTemplate", made, book)
    for doing in (call("DeleteTemplate", made, book), execute(book, made), skip(book, made), get(book, made)):
        assert (await refusal_of(doing)).reason == "NOT_FOUND"
