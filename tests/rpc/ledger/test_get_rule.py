"""What GetRule promises."""

from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.ledger.rule_book import delete_rule, get_rule, make_rule


async def test_get_rule_returns_one(book: BookOf) -> None:
    made = await make_rule(book, category_id=book.spending_id)
    assert await get_rule(book, made.id.upper()) == made


async def test_get_rule_does_not_find_what_is_not_there(book: BookOf, bob: Person) -> None:
    theirs = await make_book(bob)
    gone = await make_rule(book, category_id=book.spending_id)
    await delete_rule(book, gone.id)
    foreign = await make_rule(theirs, category_id=theirs.spending_id)
    for missing in (gone.id, foreign.id, new_id()):
        assert (await refusal_of(get_rule(book, missing))).reason == "NOT_FOUND"
