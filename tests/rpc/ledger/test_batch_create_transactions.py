"""What BatchCreateTransactions promises."""

import asyncio
from typing import Any

import pytest

from people import new_id, refusal_of
from rpc.ledger.money import INCOME, REFUND, TRANSFER, Purse, eur, part, usd
from rpc.ledger.promises import keeps_the_promises_of_a_write
from tallystick_client.v1.ledger_transactions_pb2 import BatchCreateTransactionsRequest


def batch(purse: Purse, *drafts: Any, **other: Any) -> BatchCreateTransactionsRequest:
    return BatchCreateTransactionsRequest(request_id=new_id(), book_id=purse.id, transactions=drafts, **other)


async def test_batch_create_records_all_kinds_in_one_commit(purse: Purse) -> None:
    drafts = [
        purse.draft(250),
        purse.draft(1000, kind=INCOME, category_id=purse.book.earning_id),
        purse.draft(300, kind=TRANSFER, category_id="", to_account_id=purse.bank_id),
        purse.draft(100, category_id="", splits=[part(60, purse.food_id), part(40, purse.home_id)]),
        purse.draft(20, kind=REFUND),
        purse.draft(70, account_id=purse.dollars_id, amount=usd(70), booked_on="2024-02-29"),
    ]
    answer = await purse.ledger.BatchCreateTransactions(batch(purse, *drafts))
    assert len(set(answer.transaction_ids)) == len(drafts)
    held = {balance.account_id: balance.balance.minor for balance in answer.balances}
    assert held == {purse.cash_id: -250 + 1000 - 300 - 100 + 20, purse.bank_id: 300, purse.dollars_id: -70}
    assert {await purse.held(account_id): minor for account_id, minor in held.items()} == {m: m for m in held.values()}


async def test_batch_create_of_500_is_one_commit(purse: Purse) -> None:
    drafts = [purse.draft(n + 1, booked_on=f"2026-{n % 12 + 1:02}-{n % 28 + 1:02}") for n in range(500)]
    answer = await purse.ledger.BatchCreateTransactions(batch(purse, *drafts))
    assert await purse.held() == -sum(range(1, 501))
    assert answer.balances[0].version == answer.version


async def test_batch_create_of_more_is_refused(purse: Purse) -> None:
    refusal = await refusal_of(purse.ledger.BatchCreateTransactions(batch(purse, *[purse.draft()] * 501)))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("transactions",))


@pytest.mark.parametrize(
    ("change", "reason", "field"),
    [
        ({"booked_on": "2026-02-30"}, "INVALID_DATE", "transactions[2].booked_on"),
        ({"booked_on": ""}, "INVALID_FIELD", "transactions[2].booked_on"),
        ({"kind": 0}, "INVALID_FIELD", "transactions[2].kind"),
        ({"kind": 5}, "INVALID_FIELD", "transactions[2].kind"),
        ({"amount": eur(-1)}, "INVALID_FIELD", "transactions[2].amount.minor"),
        ({"amount": usd(1)}, "CURRENCY_MISMATCH", "transactions[2].amount.currency"),
        ({"category_id": "", "splits": [part(1)]}, "SPLITS_UNBALANCED", "transactions[2].splits"),
        ({"account_id": ""}, "INVALID_FIELD", "transactions[2].account_id"),
    ],
)
async def test_t53_batch_create_with_one_bad_row_writes_nothing_and_names_it(
    purse: Purse, change: dict[str, Any], reason: str, field: str
) -> None:
    drafts = [purse.draft(), purse.draft(), purse.draft(**change), purse.draft()]
    refusal = await refusal_of(purse.ledger.BatchCreateTransactions(batch(purse, *drafts)))
    assert (refusal.reason, refusal.fields, refusal.metadata["index"]) == (reason, (field,), "2")
    assert await purse.held() == 0


async def test_batch_create_names_the_row_that_names_what_is_not_there(purse: Purse) -> None:
    drafts = [purse.draft(), purse.draft(account_id=new_id())]
    refusal = await refusal_of(purse.ledger.BatchCreateTransactions(batch(purse, *drafts)))
    assert (refusal.reason, refusal.metadata["index"]) == ("NOT_FOUND", "1")


async def test_batch_create_with_an_id_twice_is_refused(purse: Purse) -> None:
    chosen = new_id()
    drafts = [purse.draft(transaction_id=chosen), purse.draft(transaction_id=chosen.upper())]
    refusal = await refusal_of(purse.ledger.BatchCreateTransactions(batch(purse, *drafts)))
    assert (refusal.reason, refusal.fields) == ("DUPLICATE_IN_BATCH", ("transactions[1].transaction_id",))


async def test_t12_the_same_import_key_twice_in_one_batch_is_refused(purse: Purse) -> None:
    drafts = [purse.draft(import_key="fitid-1"), purse.draft(), purse.draft(import_key="fitid-1")]
    refusal = await refusal_of(purse.ledger.BatchCreateTransactions(batch(purse, *drafts)))
    assert (refusal.reason, refusal.fields) == ("DUPLICATE_IN_BATCH", ("transactions[2].import_key",))


async def test_t10_identical_purchases_without_an_import_key_are_all_kept(purse: Purse) -> None:
    """T10, T13 and T22: nothing is taken for a duplicate but what the bank itself calls the same."""
    answer = await purse.ledger.BatchCreateTransactions(batch(purse, *[purse.draft(250)] * 3))
    assert len(set(answer.transaction_ids)) == 3
    assert await purse.held() == -750


async def test_t19_import_keys_are_unique_per_account(purse: Purse) -> None:
    await purse.spend(250, import_key="fitid-1")
    drafts = [purse.draft(import_key="fitid-1", account_id=purse.bank_id), purse.draft(import_key="fitid-2")]
    await purse.ledger.BatchCreateTransactions(batch(purse, *drafts))
    taken = batch(purse, purse.draft(import_key="fitid-3"), purse.draft(import_key="fitid-2"))
    refusal = await refusal_of(purse.ledger.BatchCreateTransactions(taken))
    assert (refusal.reason, refusal.metadata["index"]) == ("IMPORT_KEY_TAKEN", "1")


async def test_the_same_import_by_many_at_once_happens_once(purse: Purse) -> None:
    drafts = [purse.draft(import_key=f"fitid-{n}") for n in range(5)]
    calls = [purse.ledger.BatchCreateTransactions(batch(purse, *drafts)) for _ in range(6)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert len([answer for answer in answers if not isinstance(answer, BaseException)]) == 1
    assert await purse.held() == -5 * 250


async def test_batch_create_keeps_the_promises_of_a_write(purse: Purse) -> None:
    request = batch(purse, purse.draft(), purse.draft(100))
    await keeps_the_promises_of_a_write(purse.book, "BatchCreateTransactions", request, apply_rules=True)
    assert await purse.held() == -350


async def test_batch_create_counts_the_refunds_before_it_in_the_batch(purse: Purse) -> None:
    expense = await purse.spend(1000)
    refunds = [purse.draft(600, kind=REFUND, refund_of_id=expense.id) for _ in range(2)]
    refusal = await refusal_of(purse.ledger.BatchCreateTransactions(batch(purse, *refunds)))
    assert (refusal.reason, refusal.metadata["index"]) == ("REFUND_EXCEEDS_ORIGINAL", "1")
    chosen = new_id()
    both = [purse.draft(500, transaction_id=chosen), purse.draft(500, kind=REFUND, refund_of_id=chosen)]
    await purse.ledger.BatchCreateTransactions(batch(purse, *both))
    assert (await refusal_of(purse.spend(1, kind=REFUND, refund_of_id=chosen))).reason == "REFUND_EXCEEDS_ORIGINAL"
