"""What CreateTemplate promises."""

from typing import Any

import grpc
import pytest

from people import BookOf, Person, make_book, new_id, refusal_of
from recurring import (
    POST,
    REMIND,
    close_account,
    draft_of,
    due_slots,
    eur,
    get,
    make_template,
    new_template,
    preview,
    schedule_of,
)
from rpc.ledger.promises import keeps_the_promises_of_a_write
from tallystick_client.v1 import ledger_pb2, ledger_service_pb2, money_pb2
from tallystick_client.v1 import ledger_templates_pb2 as pb

kinds = ledger_pb2.TransactionKind


async def test_create_template_remembers_what_recurs_and_when(book: BookOf) -> None:
    request = new_template(book, name=" Rent ")
    made = (await book.person.ledger.CreateTemplate(request)).template
    assert (made.name, made.book_id, made.user_id) == ("Rent", book.id, book.person.user.id)
    assert (made.draft, made.schedule, made.mode) == (request.draft, request.schedule, REMIND)
    assert (made.next_on, made.handled_until, made.posted_count, made.paused) == ("2026-01-31", "", 0, False)
    assert await get(book, made) == made


async def test_create_template_keeps_the_promises_of_a_write(book: BookOf) -> None:
    await keeps_the_promises_of_a_write(book, "CreateTemplate", new_template(book), name="Other")


async def test_create_template_keeps_the_id_that_the_client_made(book: BookOf) -> None:
    chosen = new_id()
    assert (await make_template(book, template_id=chosen.upper())).id == chosen
    refusal = await refusal_of(book.person.ledger.CreateTemplate(new_template(book, template_id=chosen)))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.ALREADY_EXISTS, "ID_TAKEN")


async def test_create_template_writes_ids_in_one_way(book: BookOf) -> None:
    made = await make_template(book, draft=draft_of(book, account_id=book.account_id.upper()))
    assert made.draft.account_id == book.account_id


async def test_t47_what_is_due_already_is_due_from_the_first_day_on(book: BookOf) -> None:
    await make_template(book, schedule=schedule_of("2026-01-15", "FREQ=MONTHLY"))
    assert await due_slots(book, "2026-03-14") == ["2026-01-15", "2026-02-15"]


@pytest.mark.parametrize(
    ("rule", "month_end", "expected"),
    [
        ("FREQ=MONTHLY", 0, ["2026-01-31", "2026-02-28", "2026-03-31"]),
        ("FREQ=MONTHLY", pb.MonthEnd.MONTH_END_CLAMP, ["2026-01-31", "2026-02-28", "2026-03-31"]),
        ("FREQ=MONTHLY", pb.MonthEnd.MONTH_END_SKIP, ["2026-01-31", "2026-03-31", "2026-05-31"]),
        ("FREQ=MONTHLY;INTERVAL=6", 0, ["2026-01-31", "2026-07-31", "2027-01-31"]),
    ],
)
async def test_t42_the_31st_comes_in_short_months_too_unless_asked_otherwise(
    book: BookOf, rule: str, month_end: Any, expected: list[str]
) -> None:
    made = await make_template(book, schedule=schedule_of("2026-01-31", rule, month_end=month_end))
    assert await preview(book, made) == expected


REFUSED_SCHEDULES = [
    ("denser than days", {"rule": "FREQ=HOURLY"}, "INVALID_RECURRENCE", "schedule"),
    ("no rule at all", {"rule": "every day"}, "INVALID_RECURRENCE", "schedule"),
    (
        "a rule that never gives a day",
        {"rule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31"},
        "INVALID_RECURRENCE",
        "schedule",
    ),
    ("a count in the rule", {"rule": "FREQ=DAILY;COUNT=3"}, "INVALID_RECURRENCE", "schedule"),
    ("an end before the start", {"ends_on": "2026-01-30"}, "INVALID_RECURRENCE", "schedule"),
    ("no rule", {"rule": ""}, "INVALID_FIELD", "schedule.rule"),
    ("a start that does not exist", {"starts_on": "2026-02-30"}, "INVALID_DATE", "schedule.starts_on"),
    ("an end that does not exist", {"ends_on": "2026-02-30"}, "INVALID_DATE", "schedule.ends_on"),
    ("a count below zero", {"count": -1}, "INVALID_FIELD", "schedule.count"),
]


@pytest.mark.parametrize(
    ("change", "reason", "field"), [case[1:] for case in REFUSED_SCHEDULES], ids=[case[0] for case in REFUSED_SCHEDULES]
)
async def test_create_template_refuses_a_schedule(
    book: BookOf, change: dict[str, Any], reason: str, field: str
) -> None:
    usual = {"month_end": pb.MonthEnd.MONTH_END_SKIP}
    refusal = await refusal_of(make_template(book, schedule=schedule_of(**usual | change)))
    assert (refusal.code, refusal.reason, refusal.fields) == (grpc.StatusCode.INVALID_ARGUMENT, reason, (field,))


REFUSED_DRAFTS = [
    ("a day", {"booked_on": "2026-01-31"}, "INVALID_FIELD", "draft.booked_on"),
    ("an id", {"transaction_id": new_id()}, "INVALID_FIELD", "draft.transaction_id"),
    ("an import key", {"import_key": "x"}, "INVALID_FIELD", "draft.import_key"),
    ("the other import key", {"to_import_key": "x"}, "INVALID_FIELD", "draft.to_import_key"),
    ("no kind", {"kind": 0}, "INVALID_FIELD", "draft.kind"),
    ("a kind of other calls", {"kind": kinds.TRANSACTION_KIND_OPENING}, "INVALID_FIELD", "draft.kind"),
    ("no account", {"account_id": ""}, "INVALID_FIELD", "draft.account_id"),
    ("no amount", {"amount": None}, "INVALID_FIELD", "draft.amount"),
    ("an amount of nothing", {"amount": eur(0)}, "AMOUNT_OUT_OF_RANGE", "draft.amount.minor"),
    ("an amount below zero", {"amount": eur(-1)}, "INVALID_FIELD", "draft.amount.minor"),
    (
        "another currency",
        {"amount": money_pb2.Money(currency="USD", minor=1)},
        "CURRENCY_MISMATCH",
        "draft.amount.currency",
    ),
    (
        "t1 splits that do not add up",
        {"category_id": "", "splits": [ledger_pb2.Split(amount=eur(949))]},
        "SPLITS_UNBALANCED",
        "draft.splits",
    ),
    ("a transfer to nowhere", {"kind": kinds.TRANSACTION_KIND_TRANSFER}, "INVALID_FIELD", "draft.to_account_id"),
    ("a refund that is none", {"refund_of_id": new_id()}, "INVALID_REFUND", "draft.refund_of_id"),
]


@pytest.mark.parametrize(
    ("change", "reason", "field"), [case[1:] for case in REFUSED_DRAFTS], ids=[case[0] for case in REFUSED_DRAFTS]
)
async def test_create_template_refuses_a_draft(book: BookOf, change: dict[str, Any], reason: str, field: str) -> None:
    refusal = await refusal_of(make_template(book, draft=draft_of(book, **change)))
    assert (refusal.code, refusal.reason, refusal.fields) == (grpc.StatusCode.INVALID_ARGUMENT, reason, (field,))


async def test_create_template_refuses_a_category_of_the_other_kind(book: BookOf) -> None:
    refusal = await refusal_of(make_template(book, draft=draft_of(book, category_id=book.earning_id)))
    assert (refusal.reason, refusal.fields) == ("CATEGORY_KIND_MISMATCH", ("draft.category_id",))


async def test_create_template_refuses_an_account_that_is_closed_by_then(book: BookOf) -> None:
    await close_account(book, "2026-01-15")
    refusal = await refusal_of(make_template(book))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "ACCOUNT_CLOSED")
    await make_template(book, schedule=schedule_of("2026-01-15"))


@pytest.mark.parametrize("field", ["account_id", "category_id", "payee_id", "payment_method_id", "tag_ids"])
async def test_create_template_does_not_see_what_belongs_to_another_book(book: BookOf, bob: Person, field: str) -> None:
    theirs = await make_book(bob)
    foreign = {"account_id": theirs.account_id, "category_id": theirs.spending_id}.get(field, new_id())
    value: Any = [foreign] if field == "tag_ids" else foreign
    refusal = await refusal_of(make_template(book, draft=draft_of(book, **{field: value})))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")


@pytest.mark.parametrize("name", ["", "  "])
async def test_create_template_needs_a_name(book: BookOf, name: str) -> None:
    refusal = await refusal_of(make_template(book, name=name))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("name",))


async def test_create_template_needs_a_mode(book: BookOf) -> None:
    refusal = await refusal_of(make_template(book, mode=0))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("mode",))


async def test_t33_a_template_of_a_transfer_keeps_both_amounts(book: BookOf) -> None:
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
    made = await make_template(book, draft=draft, mode=POST, schedule=schedule_of("2126-01-31"))
    assert (made.draft.amount, made.draft.to_amount) == (eur(950), money_pb2.Money(currency="USD", minor=1100))
