"""What ListRules promises."""

from people import BookOf, Person, make_book, refusal_of
from rpc.ledger.rule_book import delete_rule, list_rules, make_rule
from tallystick_client.v1.ledger_rules_pb2 import ListRulesRequest


async def test_list_rules_is_in_the_order_in_which_they_decide_page_by_page(book: BookOf) -> None:
    made = [await make_rule(book, position=at, category_id=book.spending_id) for at in (4, 2, 2, 1, 9)]
    ordered = [rule.id for rule in sorted(made, key=lambda rule: (rule.position, rule.id))]
    assert await list_rules(book) == ordered
    seen: list[str] = []
    token = ""
    for expected in (2, 2, 1):
        page = await book.person.ledger.ListRules(ListRulesRequest(book_id=book.id, page_size=2, page_token=token))
        assert len(page.rules) == expected
        seen += [rule.id for rule in page.rules]
        token = page.next_page_token
    assert (seen, token) == (ordered, "")


async def test_list_rules_lists_deleted_ones_instead_when_asked_for(book: BookOf) -> None:
    gone, here = [await make_rule(book, category_id=book.spending_id) for _ in range(2)]
    await delete_rule(book, gone.id)
    assert await list_rules(book) == [here.id]
    assert await list_rules(book, deleted=True) == [gone.id]


async def test_list_rules_refuses_a_token_of_another_query(book: BookOf) -> None:
    for _ in range(2):
        await make_rule(book, category_id=book.spending_id)
    first = await book.person.ledger.ListRules(ListRulesRequest(book_id=book.id, page_size=1))
    refusal = await refusal_of(list_rules(book, page_token=first.next_page_token, deleted=True))
    assert refusal.reason == "INVALID_PAGE_TOKEN"


async def test_list_rules_of_a_foreign_book_is_not_found(book: BookOf, bob: Person) -> None:
    theirs = await make_book(bob)
    assert (await refusal_of(list_rules(book, book_id=theirs.id))).reason == "NOT_FOUND"
