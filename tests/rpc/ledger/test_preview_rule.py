"""What PreviewRule promises."""

from itertools import chain
from typing import Any

import pytest

from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.ledger.promises import viewer_of
from rpc.ledger.rule_book import TRANSFER, euros
from tallystick.ledger.filling import queries as queries_rules
from tallystick_client.v1 import ledger_pb2, ledger_service_pb2, ledger_transactions_pb2
from tallystick_client.v1.ledger_rules_pb2 import PreviewRuleRequest, PreviewRuleResponse, RuleCondition


async def preview(book: BookOf, when: dict[str, Any] | None = None, **other: Any) -> PreviewRuleResponse:
    condition = RuleCondition(**{"payee_contains": "baker"} if when is None else when)
    fields: dict[str, Any] = {"book_id": book.id, "when": condition}
    response: PreviewRuleResponse = await book.person.ledger.PreviewRule(PreviewRuleRequest(**fields | other))
    return response


async def previewed(book: BookOf, when: dict[str, Any] | None = None) -> list[str]:
    return [one.id for one in (await preview(book, when)).transactions]


async def spend(book: BookOf, **other: Any) -> str:
    transaction_id: str = (await book.spend(**other)).transaction.id
    return transaction_id


async def test_preview_rule_finds_what_fits_the_newest_first(book: BookOf) -> None:
    old = await spend(book, booked_on="2026-01-01", payee="Bakery")
    new = await spend(book, booked_on="2026-03-01", payee="BAKER & Co")
    middle = await spend(book, booked_on="2026-02-01", payee="the baker")
    await spend(book, booked_on="2026-02-01", payee="Butcher", note="baker")
    assert await previewed(book) == [new, middle, old]
    assert (await preview(book)).transactions[0].payee == "BAKER & Co"


async def test_preview_rule_asks_for_everything_that_a_rule_can(book: BookOf) -> None:
    account = await book.person.ledger.CreateAccount(
        ledger_service_pb2.CreateAccountRequest(
            request_id=new_id(),
            book_id=book.id,
            name="Bank",
            type=ledger_pb2.AccountType.ACCOUNT_TYPE_CHECKING,
            currency="EUR",
        )
    )
    bank = account.account.id
    small = await spend(book, minor=100, note="rye")
    large = await spend(book, minor=900, account_id=bank, note="")
    move = await spend(
        book, minor=500, kind=TRANSFER, category_id="", to_account_id=bank, payee="Bakery", booked_on="2026-02-04"
    )
    assert await previewed(book, {"text_contains": "RYE"}) == [small]
    assert await previewed(book, {"min_amount": euros(101)}) == [large]
    assert await previewed(book, {"max_amount": euros(100)}) == [small]
    assert await previewed(book, {"account_id": bank.upper()}) == [large]
    assert await previewed(book, {"account_id": bank, "kinds": [TRANSFER]}) == [move]
    assert await previewed(book, {"kinds": [TRANSFER]}) == [move]
    assert await previewed(book, {"payee_id": new_id()}) == []


async def test_preview_rule_does_not_find_what_is_deleted(book: BookOf) -> None:
    gone = await spend(book)
    await book.person.ledger.DeleteTransaction(
        ledger_transactions_pb2.DeleteTransactionRequest(request_id=new_id(), book_id=book.id, transaction_id=gone)
    )
    assert await previewed(book) == []


async def all_pages(book: BookOf, size: int, pages_max: int) -> list[list[str]]:
    pages: list[list[str]] = []
    token = ""
    while not pages or token:
        assert len(pages) < pages_max, "this list never ends"
        page = await preview(book, page_size=size, page_token=token)
        pages.append([one.id for one in page.transactions])
        token = page.next_page_token
    return pages


async def test_preview_rule_pages_follow_each_other(book: BookOf) -> None:
    fitting = [await spend(book, booked_on=f"2026-02-0{day}") for day in (1, 2, 2, 3, 4)]
    for day in (1, 2, 3, 5):
        await spend(book, booked_on=f"2026-02-0{day}", payee="Butcher")
    everything = await previewed(book)
    assert sorted(everything) == sorted(fitting)
    pages = await all_pages(book, 2, 4)
    assert [len(page) for page in pages][:2] == [2, 2]
    assert list(chain.from_iterable(pages)) == everything


@pytest.mark.parametrize("size", [1, 2, 50])
async def test_preview_rule_looks_at_so_many_rows_a_call_and_goes_on_where_it_was(
    book: BookOf, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(queries_rules, "SLICE_ROWS", 2)
    monkeypatch.setattr(queries_rules, "PREVIEW_ROWS_MAX", 4)
    fitting = []
    for number in range(11):
        payee = "Bakery" if number in {0, 5, 9} else "Butcher"
        made = await spend(book, booked_on=f"2026-02-{number + 1:02}", payee=payee)
        fitting += [made] if payee == "Bakery" else []
    pages = await all_pages(book, size, 8)
    assert list(chain.from_iterable(pages)) == fitting[::-1]
    assert all(len(page) <= size for page in pages)
    assert len(pages) > 1


async def test_preview_rule_ends_where_the_last_row_fits(book: BookOf) -> None:
    await spend(book)
    assert [len(page) for page in await all_pages(book, 1, 2)] == [1]


async def test_preview_rule_may_be_called_by_viewers(book: BookOf) -> None:
    made, viewer = await spend(book), await viewer_of(book)
    request = PreviewRuleRequest(book_id=book.id, when=RuleCondition(payee_contains="baker"))
    assert [one.id for one in (await viewer.ledger.PreviewRule(request)).transactions] == [made]


@pytest.mark.parametrize(
    ("when", "field"),
    [({}, "when"), ({"text_contains": " "}, "when"), ({"min_amount": euros(-1)}, "when.min_amount.minor")],
    ids=str,
)
async def test_preview_rule_refuses_what_no_rule_may_look_for(book: BookOf, when: dict[str, Any], field: str) -> None:
    refusal = await refusal_of(preview(book, when))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", (field,))


async def test_preview_rule_refuses_a_token_of_another_query(book: BookOf) -> None:
    for _ in range(2):
        await spend(book)
    token = (await preview(book, page_size=1)).next_page_token
    refusal = await refusal_of(preview(book, {"payee_contains": "bak"}, page_token=token))
    assert refusal.reason == "INVALID_PAGE_TOKEN"


async def test_preview_rule_of_a_foreign_book_is_not_found(book: BookOf, bob: Person) -> None:
    theirs = await make_book(bob)
    assert (await refusal_of(preview(book, book_id=theirs.id))).reason == "NOT_FOUND"
