"""What DeleteRule promises."""

from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.ledger.promises import keeps_the_promises_of_a_write
from rpc.ledger.rule_book import delete_rule, list_rules, make_rule
from tallystick_client.v1.ledger_rules_pb2 import DeleteRuleRequest


async def test_delete_rule_hides_it_and_leaves_what_it_filled_in(book: BookOf) -> None:
    made = await make_rule(book, category_id=book.spending_id)
    spent = (await book.spend(category_id="", apply_rules=True)).transaction
    gone = await delete_rule(book, made.id)
    assert (gone.id, gone.name, gone.then) == (made.id, made.name, made.then)
    assert await list_rules(book) == []
    assert spent.entries[0].category_id == book.spending_id
    assert (await book.spend(category_id="", apply_rules=True)).transaction.entries[0].category_id == ""


async def test_delete_rule_keeps_the_promises_of_a_write(book: BookOf) -> None:
    one, other = [await make_rule(book, category_id=book.spending_id) for _ in range(2)]
    request = DeleteRuleRequest(request_id=new_id(), book_id=book.id, rule_id=one.id)
    await keeps_the_promises_of_a_write(book, "DeleteRule", request, rule_id=other.id)


async def test_delete_rule_does_not_see_what_is_not_there(book: BookOf, bob: Person) -> None:
    theirs = await make_book(bob)
    gone = await make_rule(book, category_id=book.spending_id)
    await delete_rule(book, gone.id)
    foreign = await make_rule(theirs, category_id=theirs.spending_id)
    for missing in (gone.id, foreign.id, new_id()):
        assert (await refusal_of(delete_rule(book, missing))).reason == "NOT_FOUND"
