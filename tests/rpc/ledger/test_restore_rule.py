"""What RestoreRule promises."""

from people import BookOf, new_id, refusal_of
from rpc.ledger.categories import delete, make
from rpc.ledger.promises import keeps_the_promises_of_a_write
from rpc.ledger.rule_book import delete_rule, get_rule, make_rule, restore_rule
from tallystick_client.v1.ledger_rules_pb2 import RestoreRuleRequest


async def test_restore_rule_decides_again(book: BookOf) -> None:
    made = await make_rule(book, category_id=book.spending_id)
    await delete_rule(book, made.id)
    back = await restore_rule(book, made.id)
    assert (back.when, back.then, back.position) == (made.when, made.then, made.position)
    assert await get_rule(book, made.id) == back
    spent = (await book.spend(category_id="", apply_rules=True)).transaction
    assert spent.entries[0].category_id == book.spending_id


async def test_restore_rule_does_not_fill_in_a_category_that_was_deleted_meanwhile(book: BookOf) -> None:
    category = await make(book)
    made = await make_rule(book, category_id=category.id)
    await delete_rule(book, made.id)
    await delete(book, category.id)
    await restore_rule(book, made.id)
    spent = (await book.spend(category_id="", apply_rules=True)).transaction
    assert spent.entries[0].category_id == ""


async def test_restore_rule_that_is_not_deleted_stays_as_it_is(book: BookOf) -> None:
    made = await make_rule(book, category_id=book.spending_id)
    assert await restore_rule(book, made.id) == made


async def test_restore_rule_keeps_the_promises_of_a_write(book: BookOf) -> None:
    one, other = [await make_rule(book, category_id=book.spending_id) for _ in range(2)]
    await delete_rule(book, one.id)
    request = RestoreRuleRequest(request_id=new_id(), book_id=book.id, rule_id=one.id)
    await keeps_the_promises_of_a_write(book, "RestoreRule", request, rule_id=other.id)


async def test_restore_rule_does_not_see_what_was_never_there(book: BookOf) -> None:
    assert (await refusal_of(restore_rule(book, new_id()))).reason == "NOT_FOUND"
