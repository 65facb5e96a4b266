"""What ReorderRules promises."""

from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.ledger.labels import TAGS
from rpc.ledger.promises import keeps_the_promises_of_a_write
from rpc.ledger.rule_book import Rule, get_rule, list_rules, make_rule
from tallystick_client.v1.ledger_rules_pb2 import ReorderRulesRequest


def compose(book: BookOf, *ids: str) -> ReorderRulesRequest:
    return ReorderRulesRequest(request_id=new_id(), book_id=book.id, rule_ids=ids)


async def reorder(book: BookOf, *ids: str) -> list[Rule]:
    return list((await book.person.ledger.ReorderRules(compose(book, *ids))).rules)


async def test_reorder_rules_says_which_decides_first(book: BookOf) -> None:
    tags = [(await TAGS.make(book)).id for _ in range(3)]
    made = [(await make_rule(book, tag_ids=[tag])).id for tag in tags]
    wanted = [made[2], made[0], made[1]]
    answer = await reorder(book, *wanted)
    assert [(rule.id, rule.position) for rule in answer] == [(one, place) for place, one in enumerate(wanted, 1)]
    assert await list_rules(book) == wanted
    spent = (await book.spend(apply_rules=True)).transaction
    assert list(spent.tag_ids) == [tags[2]]


async def test_reorder_rules_leaves_others_where_they_are(book: BookOf) -> None:
    made = [await make_rule(book, position=at, category_id=book.spending_id) for at in (1, 2, 3)]
    await reorder(book, made[2].id, made[1].id)
    assert await get_rule(book, made[0].id) == made[0]
    # It was second, and is.
    assert await get_rule(book, made[1].id) == made[1]


async def test_reorder_rules_keeps_the_promises_of_a_write(book: BookOf) -> None:
    one, other = [(await make_rule(book, category_id=book.spending_id)).id for _ in range(2)]
    await keeps_the_promises_of_a_write(book, "ReorderRules", compose(book, other, one), rule_ids=[one])


async def test_reorder_rules_does_not_see_what_is_not_there_and_moves_nothing(book: BookOf, bob: Person) -> None:
    theirs = await make_book(bob)
    one, other = [await make_rule(book, category_id=book.spending_id) for _ in range(2)]
    foreign = await make_rule(theirs, category_id=theirs.spending_id)
    for missing in (foreign.id, new_id()):
        assert (await refusal_of(reorder(book, other.id, one.id, missing))).reason == "NOT_FOUND"
    assert await get_rule(book, one.id) == one


async def test_reorder_rules_refuses_one_that_is_named_twice(book: BookOf) -> None:
    made = await make_rule(book, rule_id=f"{new_id()[:-1]}a", category_id=book.spending_id)
    refusal = await refusal_of(reorder(book, made.id, made.id.upper()))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("rule_ids",))
