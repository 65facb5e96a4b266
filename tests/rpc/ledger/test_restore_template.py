"""What RestoreTemplate promises."""

from people import BookOf, new_id, refusal_of
from recurring import DAILY, call, days_ago, due_slots, get, make_template, schedule_of, skip
from rpc.ledger.promises import keeps_the_promises_of_a_write
from rpc.spaces.sharing import back
from tallystick_client.v1 import ledger_templates_pb2 as pb
from turned_clock import TurnedClock


async def test_restore_template_brings_it_back_as_it_was(book: BookOf) -> None:
    made = await make_template(book, schedule=schedule_of(days_ago(1), DAILY))
    handled = await skip(book, made)
    await call("DeleteTemplate", made, book)
    restored = (await call("RestoreTemplate", made, book)).template
    assert (restored.name, restored.next_on, restored.handled_until) == ("Rent", days_ago(0), handled.handled_until)
    assert restored.version > handled.version
    assert await get(book, made) == restored


async def test_restore_template_skips_what_passed_while_it_was_deleted(book: BookOf, clock: TurnedClock) -> None:
    made = await make_template(book, schedule=schedule_of(days_ago(1), DAILY))
    await call("DeleteTemplate", made, book)
    with clock.later(days=5):
        book.person = await back(book.person)
        await call("RestoreTemplate", made, book)
        assert await due_slots(book) == [days_ago(1), days_ago(0), days_ago(-5)]


async def test_restore_template_leaves_one_that_is_not_deleted_as_it_is(book: BookOf) -> None:
    made = await make_template(book)
    assert (await call("RestoreTemplate", made, book)).template == made
    assert (await get(book, made)).version == made.version


async def test_restore_template_keeps_the_promises_of_a_write(book: BookOf) -> None:
    made, other = await make_template(book), await make_template(book)
    await call("DeleteTemplate", made, book)
    request = pb.RestoreTemplateRequest(request_id=new_id(), book_id=book.id, template_id=made.id)
    await keeps_the_promises_of_a_write(book, "RestoreTemplate", request, template_id=other.id)


async def test_restore_template_finds_nothing_that_never_was(book: BookOf) -> None:
    assert (await refusal_of(call("RestoreTemplate", pb.Template(id=new_id()), book))).reason == "NOT_FOUND"
