"""What MergeCategories promises."""

from typing import Any

import grpc
import pytest

import proof
from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.ledger.categories import (
    archive,
    category_of,
    chain,
    delete,
    get,
    get_payee,
    make,
    make_payee,
    merge,
    merge_request,
)
from rpc.ledger.promises import changed, keeps_the_promises_of_a_write
from rpc.ledger.rule_book import get_rule, make_rule
from rpc.ledger.test_delete_category import make_template
from rpc.spaces.sharing import EDITOR, share
from tallystick.ledger.categories import merging
from tallystick.ledger.slices import SLICE_MAX
from tallystick.ledger.transactions import posting
from tallystick.store import journal
from tallystick_client.v1 import ledger_pb2, ledger_service_pb2, ledger_templates_pb2, ledger_transactions_pb2
from tallystick_client.v1.money_pb2 import Money

DEPTH_MAX = 10


async def spend_often(book: BookOf, category_id: str, times: int) -> list[str]:
    return [(await book.spend(minor, category_id=category_id)).transaction.id for minor in range(1, times + 1)]


async def test_merge_categories_changes_all_that_has_the_one_and_hides_it(book: BookOf) -> None:
    source = await make(book, "Bread")
    spent = await spend_often(book, source.id, 3)
    kept = await spend_often(book, book.spending_id, 1)
    child = await make(book, "Rye", parent_id=source.id)
    payee, rule = await make_payee(book, source.id), await make_rule(book, category_id=source.id)

    answer = await merge(book, source.id.upper(), book.spending_id.upper())

    assert (answer.category.id, answer.transactions_changed) == (book.spending_id, 3)
    for transaction_id in spent + kept:
        assert await category_of(book, transaction_id) == [book.spending_id]
    assert (await get(book, child.id)).parent_id == book.spending_id
    assert (await get_payee(book, payee.id)).default_category_id == book.spending_id
    assert (await get_rule(book, rule.id)).then.category_id == book.spending_id
    assert (await refusal_of(get(book, source.id))).reason == "NOT_FOUND"
    assert await book.balance() == -(1 + 2 + 3 + 1)


@pytest.mark.parametrize("with_splits", [False, True])
async def test_merge_categories_changes_templates(book: BookOf, with_splits: bool) -> None:
    source = await make(book)
    template = await make_template(book, source.id, with_splits=with_splits)
    assert (await merge(book, source.id, book.spending_id)).transactions_changed == 0
    response = await book.person.ledger.GetTemplate(
        ledger_templates_pb2.GetTemplateRequest(book_id=book.id, template_id=template.id)
    )
    draft = response.template.draft
    assert [draft.category_id, *(split.category_id for split in draft.splits)][-1] == book.spending_id


async def test_merge_categories_changes_single_splits(book: BookOf) -> None:
    source = await make(book)
    parts = [
        ledger_pb2.Split(category_id=one, amount=Money(currency="EUR", minor=minor))
        for one, minor in ((source.id, 100), ("", 50), (book.spending_id, 70), (source.id, 30))
    ]
    spent = (await book.spend(250, category_id="", splits=parts)).transaction
    assert (await merge(book, source.id, book.spending_id)).transactions_changed == 1
    assert await category_of(book, spent.id) == [book.spending_id, "", book.spending_id, book.spending_id]


async def test_t14_merge_categories_keeps_what_the_bank_calls_a_transaction(book: BookOf) -> None:
    source = await make(book)
    await book.spend(category_id=source.id, import_key="line 1")
    await merge(book, source.id, book.spending_id)
    refusal = await refusal_of(book.spend(import_key="line 1"))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.ALREADY_EXISTS, "IMPORT_KEY_TAKEN")


async def test_merge_categories_keeps_the_promises_of_a_write(book: BookOf) -> None:
    source = await make(book)
    await spend_often(book, source.id, 1)
    request = merge_request(book, source.id, book.spending_id)
    first = await keeps_the_promises_of_a_write(
        book, "MergeCategories", request, into_category_id=(await make(book)).id
    )
    assert first.transactions_changed == 1


async def test_merge_categories_refuses_the_other_kind(book: BookOf) -> None:
    refusal = await refusal_of(merge(book, book.spending_id, book.earning_id))
    assert (refusal.reason, refusal.fields) == ("CATEGORY_KIND_MISMATCH", ("into_category_id",))


@pytest.mark.parametrize("below", [0, 1, 2])
async def test_merge_categories_refuses_itself_and_what_is_below_it(book: BookOf, below: int) -> None:
    ids = await chain(book, 3)
    refusal = await refusal_of(merge(book, ids[0], ids[below]))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "CATEGORY_CYCLE")


async def test_merge_categories_into_what_is_above_it(book: BookOf) -> None:
    top, middle, low = await chain(book, 3)
    await merge(book, middle, top)
    assert (await get(book, low)).parent_id == top


async def test_merge_categories_goes_only_so_deep(book: BookOf) -> None:
    deep, (source, _) = await chain(book, DEPTH_MAX), await chain(book, 2)
    refusal = await refusal_of(merge(book, source, deep[-1]))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("into_category_id",))
    await merge(book, source, deep[-2])


async def test_merge_categories_of_and_into_what_is_archived(book: BookOf) -> None:
    source, target = await make(book), await make(book)
    spent = await spend_often(book, source.id, 1)
    for one in (source, target):
        await archive(book, one.id)
    assert (await merge(book, source.id, target.id)).category.archived
    assert await category_of(book, spent[0]) == [target.id]


async def test_merge_categories_does_not_see_what_is_not_there(book: BookOf, bob: Person) -> None:
    gone, theirs = await make(book), await make_book(bob)
    await delete(book, gone.id)
    for missing in (gone.id, theirs.spending_id, new_id()):
        assert (await refusal_of(merge(book, missing, book.spending_id))).reason == "NOT_FOUND"
        assert (await refusal_of(merge(book, book.spending_id, missing))).reason == "NOT_FOUND"


async def test_merge_categories_refuses_one_that_somebody_else_s_private_account_has(
    book: BookOf, bob: Person, database: proof.Connection
) -> None:
    await share(book.person, book.id, bob, EDITOR)
    mine = await make_private_account(book, book.person)
    theirs = await make_private_account(book, bob)
    source = await make(book)
    await book.spend(category_id=source.id)
    await book.spend(category_id=source.id, account_id=mine)
    await bob.ledger.CreateTransaction(book.expense(category_id=source.id, account_id=theirs))

    before = proof.count_rows(database)
    refusal = await refusal_of(merge(book, source.id, book.spending_id))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "IN_USE")
    assert proof.count_rows(database) == before


async def test_merge_categories_changes_what_is_on_the_caller_s_own_private_account(book: BookOf) -> None:
    source, mine = await make(book), await make_private_account(book, book.person)
    spent = await book.spend(category_id=source.id, account_id=mine)
    assert (await merge(book, source.id, book.spending_id)).transactions_changed == 1
    assert await category_of(book, spent.transaction.id) == [book.spending_id]


async def make_private_account(book: BookOf, owner: Person) -> str:
    response = await owner.ledger.CreateAccount(
        ledger_service_pb2.CreateAccountRequest(
            request_id=new_id(),
            book_id=book.id,
            name="Mine",
            type=ledger_pb2.AccountType.ACCOUNT_TYPE_CASH,
            currency="EUR",
            private=True,
        )
    )
    account_id: str = response.account.id
    return account_id


async def test_merge_categories_of_more_than_a_commit_holds(book: BookOf) -> None:
    source, times = await make(book), SLICE_MAX + 7
    await book.person.ledger.BatchCreateTransactions(
        ledger_transactions_pb2.BatchCreateTransactionsRequest(
            request_id=new_id(),
            book_id=book.id,
            transactions=[
                ledger_pb2.TransactionDraft(
                    kind=ledger_pb2.TransactionKind.TRANSACTION_KIND_EXPENSE,
                    account_id=book.account_id,
                    category_id=source.id,
                    amount=Money(currency="EUR", minor=1),
                    booked_on="2026-02-03",
                )
                for _ in range(times)
            ],
        )
    )
    request = merge_request(book, source.id, book.spending_id)
    answer = await book.person.ledger.MergeCategories(request)
    assert answer.transactions_changed == times
    assert await book.person.ledger.MergeCategories(request) == answer
    # Whatever else a commit of a merge changes must fit beside its transactions.
    assert SLICE_MAX < journal.CHANGES_MAX


@pytest.fixture
def small_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit holds only three changes of a merge."""
    monkeypatch.setattr(merging, "SLICE_MAX", 3)


@pytest.mark.usefixtures("small_commits")
async def test_merge_categories_counts_over_all_its_commits(book: BookOf, database: proof.Connection) -> None:
    source = await make(book)
    spent = await spend_often(book, source.id, 7)
    children = [(await make(book, parent_id=source.id)).id for _ in range(4)]
    request = merge_request(book, source.id, book.spending_id)
    answer = await book.person.ledger.MergeCategories(request)
    assert answer.transactions_changed == 7
    for transaction_id in spent:
        assert await category_of(book, transaction_id) == [book.spending_id]
    for child in children:
        assert (await get(book, child)).parent_id == book.spending_id
    assert (await refusal_of(get(book, source.id))).reason == "NOT_FOUND"
    assert await book.person.ledger.MergeCategories(request) == answer
    commits = database.execute("SELECT count(*) FROM journal WHERE space_id = %s GROUP BY seq", (book.id,)).fetchall()
    assert max(changes for (changes,) in commits) <= 3 + 1


@pytest.mark.parametrize("commits", [1, 2])
@pytest.mark.usefixtures("small_commits")
async def test_merge_categories_goes_on_after_it_was_cut_off(
    book: BookOf, monkeypatch: pytest.MonkeyPatch, commits: int
) -> None:
    source = await make(book)
    await spend_often(book, source.id, 8)
    request = merge_request(book, source.id, book.spending_id)
    with monkeypatch.context() as broken:
        broken.setattr(merging, "post", fails_after(commits))
        assert (await refusal_of(book.person.ledger.MergeCategories(request))).reason == "INTERNAL"

    assert (await get(book, source.id)).id == source.id
    other = await make(book)
    reused = await refusal_of(book.person.ledger.MergeCategories(changed(request, into_category_id=other.id)))
    assert reused.reason == "REQUEST_ID_REUSED"

    answer = await book.person.ledger.MergeCategories(request)
    assert answer.transactions_changed == 8
    assert await book.person.ledger.MergeCategories(request) == answer
    assert (await refusal_of(get(book, source.id))).reason == "NOT_FOUND"


def fails_after(commits: int) -> Any:
    """A `post` that works so often."""
    left = [commits]

    async def post(*arguments: Any) -> Any:
        if not left[0]:
            raise RuntimeError("cut off")
        left[0] -= 1
        return await posting.post(*arguments)

    return post
