"""What ExecuteTemplate promises."""

import asyncio
from typing import Any

import grpc
import pytest

from people import BookOf, new_id, refusal_of
from recurring import (
    DAILY,
    call,
    close_account,
    draft_of,
    due_slots,
    eur,
    execute,
    get,
    make_template,
    pause,
    posted_of,
    preview,
    reopen_account,
    schedule_of,
    skip,
)
from rpc.ledger.promises import keeps_the_promises_of_a_write
from rpc.spaces.sharing import outcome_of
from tallystick_client.v1 import ledger_pb2, ledger_service_pb2, ledger_transactions_pb2, money_pb2
from tallystick_client.v1 import ledger_templates_pb2 as pb

kinds = ledger_pb2.TransactionKind


async def test_execute_template_records_the_next_occurrence(book: BookOf) -> None:
    made = await make_template(book)
    answer = await execute(book, made)
    posted = answer.transaction
    assert (posted.template_id, posted.slot_on, posted.booked_on) == (made.id, "2026-01-31", "2026-01-31")
    assert (posted.kind, posted.payee, posted.entries[0].amount) == (
        kinds.TRANSACTION_KIND_EXPENSE,
        "Landlord",
        eur(-950),
    )
    template = answer.template
    assert (template.next_on, template.handled_until, template.posted_count) == ("2026-02-28", "2026-01-31", 1)
    assert [(held.account_id, held.balance.minor) for held in answer.balances] == [(book.account_id, -950)]
    assert await get(book, made) == template
    assert await book.balance() == -950


async def test_execute_template_keeps_the_promises_of_a_write(book: BookOf) -> None:
    made = await make_template(book)
    request = pb.ExecuteTemplateRequest(request_id=new_id(), book_id=book.id, template_id=made.id)
    await keeps_the_promises_of_a_write(book, "ExecuteTemplate", request, slot_on="2026-02-28")
    assert await book.balance() == -950


async def test_t44_posting_early_does_not_post_it_again(book: BookOf) -> None:
    made = await make_template(book, schedule=schedule_of("2126-01-31"))
    assert (await execute(book, made)).template.next_on == "2126-02-28"
    assert await due_slots(book, "2126-02-27") == []
    assert await preview(book, made, 1) == ["2126-02-28"]
    refusal = await refusal_of(execute(book, made, "2126-01-31"))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "OCCURRENCE_HANDLED")


async def test_t44_posting_a_later_one_first_books_it_on_its_own_day_and_leaves_the_nearer_ones(book: BookOf) -> None:
    made = await make_template(book)
    later = await execute(book, made, "2026-03-31")
    assert (later.transaction.booked_on, later.template.next_on) == ("2026-03-31", "2026-01-31")
    assert list(later.template.handled_ahead) == ["2026-03-31"]
    await execute(book, made)
    last = (await execute(book, made)).template
    assert (last.next_on, last.handled_until, list(last.handled_ahead)) == ("2026-04-30", "2026-03-31", [])
    assert [posted.slot_on for posted in await posted_of(book, made)] == ["2026-01-31", "2026-02-28", "2026-03-31"]


async def test_t48_an_occurrence_executed_by_many_at_once_is_posted_once(book: BookOf) -> None:
    made = await make_template(book)
    outcomes = await asyncio.gather(*(outcome_of(execute(book, made, "2026-01-31")) for _ in range(8)))
    assert sorted(outcomes) == ["OCCURRENCE_HANDLED"] * 7 + ["OK"]
    assert (await book.balance(), len(await posted_of(book, made))) == (-950, 1)


async def test_what_was_posted_and_deleted_is_not_posted_again(book: BookOf) -> None:
    made = await make_template(book)
    posted = (await execute(book, made)).transaction
    request = ledger_transactions_pb2.DeleteTransactionRequest(
        request_id=new_id(), book_id=book.id, transaction_id=posted.id
    )
    await book.person.ledger.DeleteTransaction(request)
    assert (await refusal_of(execute(book, made, "2026-01-31"))).reason == "OCCURRENCE_HANDLED"


async def test_execute_template_takes_another_day_and_amount(book: BookOf) -> None:
    made = await make_template(book)
    answer = await execute(book, made, booked_on="2026-02-02", amount=eur(1000))
    posted = answer.transaction
    assert (posted.booked_on, posted.slot_on, posted.entries[0].amount.minor) == ("2026-02-02", "2026-01-31", -1000)
    assert (answer.template.draft.amount, answer.template.handled_until) == (eur(950), "2026-01-31")


async def test_execute_template_records_splits_and_labels_as_they_are(book: BookOf) -> None:
    parts = [
        ledger_pb2.Split(category_id=book.spending_id, amount=eur(900), note="rent"),
        ledger_pb2.Split(amount=eur(50)),
    ]
    status = ledger_pb2.TransactionStatus.TRANSACTION_STATUS_PENDING
    made = await make_template(book, draft=draft_of(book, category_id="", splits=parts, note="x", status=status))
    posted = (await execute(book, made)).transaction
    assert [entry.amount.minor for entry in posted.entries] == [-900, -50]
    assert (posted.entries[0].note, posted.note, posted.status) == ("rent", "x", status)
    refusal = await refusal_of(execute(book, made, amount=eur(1)))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("amount",))


async def test_t33_execute_template_of_a_transfer_books_both_stored_amounts(book: BookOf) -> None:
    dollars = (
        await book.person.ledger.CreateAccount(
            ledger_service_pb2.CreateAccountRequest(
                request_id=new_id(),
                book_id=book.id,
                name="Dollars",
                type=ledger_pb2.AccountType.ACCOUNT_TYPE_CASH,
                currency="USD",
            )
        )
    ).account
    draft = draft_of(
        book,
        kind=kinds.TRANSACTION_KIND_TRANSFER,
        category_id="",
        to_account_id=dollars.id,
        to_amount=money_pb2.Money(currency="USD", minor=1100),
    )
    made = await make_template(book, draft=draft)
    answer = await execute(book, made)
    amounts = [(entry.amount.currency, entry.amount.minor) for entry in answer.transaction.entries]
    assert amounts == [("EUR", -950), ("USD", 1100)]
    assert sorted(held.balance.minor for held in answer.balances) == [-950, 1100]


REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    ("a day that is no slot", {"slot_on": "2026-02-27"}, "INVALID_DATE", "slot_on"),
    ("a slot that does not exist", {"slot_on": "2026-02-30"}, "INVALID_DATE", "slot_on"),
    ("a slot of another shape", {"slot_on": "tomorrow"}, "INVALID_FIELD", "slot_on"),
    ("a day that does not exist", {"booked_on": "2026-02-30"}, "INVALID_DATE", "booked_on"),
    ("nothing", {"amount": eur(0)}, "INVALID_FIELD", "amount"),
    (
        "another currency",
        {"amount": money_pb2.Money(currency="USD", minor=1)},
        "CURRENCY_MISMATCH",
        "amount.currency",
    ),
]


@pytest.mark.parametrize(
    ("change", "reason", "field"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
async def test_execute_template_refuses(book: BookOf, change: dict[str, Any], reason: str, field: str) -> None:
    made = await make_template(book)
    refusal = await refusal_of(call("ExecuteTemplate", made, book, **change))
    assert (refusal.code, refusal.reason, refusal.fields) == (grpc.StatusCode.INVALID_ARGUMENT, reason, (field,))
    assert await get(book, made) == made


async def test_t46_execute_template_ends_with_the_count(book: BookOf) -> None:
    made = await make_template(book, schedule=schedule_of("2026-01-01", DAILY, count=1))
    assert (await execute(book, made)).template.next_on == ""
    refusal = await refusal_of(execute(book, made))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "TEMPLATE_ENDED")


async def test_execute_template_refused_by_what_there_is_now_leaves_the_occurrence_open(book: BookOf) -> None:
    made = await make_template(book)
    await close_account(book, "2026-01-15")
    assert (await refusal_of(execute(book, made))).reason == "ACCOUNT_CLOSED"
    assert await get(book, made) == made
    await reopen_account(book)
    await execute(book, made)


async def test_execute_template_works_while_it_is_paused_because_somebody_says_so(book: BookOf) -> None:
    made = await pause(book, await make_template(book))
    assert (await execute(book, made)).template.paused


async def test_execute_template_refuses_what_was_skipped(book: BookOf) -> None:
    made = await make_template(book)
    await skip(book, made, "2026-02-28")
    assert (await refusal_of(execute(book, made, "2026-02-28"))).reason == "OCCURRENCE_HANDLED"
