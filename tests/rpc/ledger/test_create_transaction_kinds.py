"""What CreateTransaction promises of transfers, splits, refunds, statuses, labels and import keys."""

from typing import Any

import grpc
import pytest

from files.desk import bring
from people import make_book, new_id, refusal_of, sign_up
from rpc.ledger.money import (
    CLEARED,
    EXPENSE,
    INCOME,
    PENDING,
    RECONCILED,
    REFUND,
    TRANSFER,
    Purse,
    eur,
    part,
    usd,
)
from rpc.spaces.sharing import EDITOR, share
from tallystick_client.v1 import ledger_categories_pb2, ledger_labels_pb2, ledger_pb2, ledger_service_pb2
from tallystick_client.v1.money_pb2 import Money

NOBODY = "00000000-0000-4000-8000-000000000000"


async def test_t7_a_transfer_has_both_legs(purse: Purse) -> None:
    answer = await purse.book.spend(1000, kind=TRANSFER, category_id="", to_account_id=purse.bank_id)
    entries = answer.transaction.entries
    assert [(e.account_id, e.amount.minor, e.line) for e in entries] == [
        (purse.cash_id, -1000, 0),
        (purse.bank_id, 1000, 1),
    ]
    assert (answer.balance.account_id, answer.balance.balance.minor) == (purse.cash_id, -1000)
    assert [(b.account_id, b.balance.minor) for b in answer.other_balances] == [(purse.bank_id, 1000)]


@pytest.mark.parametrize(
    ("leaving", "arriving", "rate"),
    [(10000, 4000, "0.4"), (100, 109, "1.09"), (3, 1, "0.333333333333"), (1, 2**62, "4611686018430000000")],
)
async def test_t38_a_transfer_between_currencies_keeps_both_amounts(
    purse: Purse, leaving: int, arriving: int, rate: str
) -> None:
    made = await purse.transfer(leaving, to_account_id=purse.dollars_id, to_amount=usd(arriving))
    assert [e.amount for e in made.entries] == [eur(-leaving), usd(arriving)]
    assert made.implied_rate == rate


async def test_t41_currencies_keep_their_own_decimals(purse: Purse) -> None:
    accounts = {}
    for code in ("JPY", "KWD", "CLF"):
        made = await purse.ledger.CreateAccount(
            ledger_service_pb2.CreateAccountRequest(
                request_id=new_id(),
                book_id=purse.id,
                name=code,
                type=ledger_pb2.AccountType.ACCOUNT_TYPE_CASH,
                currency=code,
            )
        )
        accounts[code] = made.account.id
    pairs = [("JPY", 12_345), ("KWD", 1_001), ("CLF", 10_001)]
    for code, minor in pairs:
        made = await purse.transfer(100, to_account_id=accounts[code], to_amount=Money(currency=code, minor=minor))
        assert made.entries[1].amount == Money(currency=code, minor=minor)
    # 123.45 JPY would be 12345 hundredths; a yen has none, so 1 EUR was 12345 JPY.
    assert made.implied_rate == "1.0001"


async def test_splits_count_for_their_own_categories(purse: Purse) -> None:
    made = await purse.split(part(100, purse.food_id, note="bread"), part(150, purse.home_id), part(50))
    assert [(e.category_id, e.amount.minor, e.line) for e in made.entries] == [
        (purse.food_id, -100, 0),
        (purse.home_id, -150, 1),
        ("", -50, 2),
    ]
    assert made.entries[0].note == "bread"
    assert await purse.held() == -300


async def test_splits_may_be_paid_from_several_accounts(purse: Purse) -> None:
    made = await purse.split(part(100, purse.food_id), part(150, purse.food_id, account_id=purse.bank_id))
    assert [e.account_id for e in made.entries] == [purse.cash_id, purse.bank_id]
    assert (await purse.held(), await purse.held(purse.bank_id)) == (-100, -150)


@pytest.mark.parametrize("actual", [249, 251, 1, 2**62])
async def test_t1_splits_that_do_not_add_up_are_refused(purse: Purse, actual: int) -> None:
    refusal = await refusal_of(purse.spend(250, category_id="", splits=[part(actual, purse.food_id)]))
    assert (refusal.reason, refusal.code) == ("SPLITS_UNBALANCED", grpc.StatusCode.INVALID_ARGUMENT)
    assert refusal.metadata == {"expected": "250", "actual": str(actual), "difference": str(250 - actual)}
    assert await purse.held() == 0


async def test_t39_no_split_is_below_the_smallest_unit(purse: Purse) -> None:
    for wrong in (part(0), part(-1)):
        refusal = await refusal_of(purse.spend(250, category_id="", splits=[part(250), wrong]))
        assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("splits[1].amount",))


def refused_cases(purse: Purse) -> list[tuple[dict[str, Any], str, str]]:
    transfer = {"kind": TRANSFER, "category_id": "", "to_account_id": purse.bank_id}
    abroad = transfer | {"to_account_id": purse.dollars_id}
    return [
        (transfer | {"to_account_id": purse.cash_id}, "SAME_ACCOUNT", "to_account_id"),
        (transfer | {"to_account_id": ""}, "INVALID_FIELD", "to_account_id"),
        (transfer | {"category_id": purse.food_id}, "INVALID_FIELD", "category_id"),
        (transfer | {"splits": [part(250)]}, "INVALID_FIELD", "splits"),
        (transfer | {"to_amount": eur(249)}, "INVALID_FIELD", "to_amount.minor"),
        (abroad, "CURRENCY_MISMATCH", "to_amount.currency"),
        (abroad | {"to_amount": eur(1)}, "CURRENCY_MISMATCH", "to_amount.currency"),
        (abroad | {"to_amount": usd(0)}, "INVALID_FIELD", "to_amount"),
        ({"to_account_id": purse.bank_id}, "INVALID_FIELD", "to_account_id"),
        ({"to_amount": eur(1)}, "INVALID_FIELD", "to_amount"),
        ({"splits": [part(250)]}, "INVALID_FIELD", "category_id"),
        (
            {"category_id": "", "splits": [part(250, account_id=purse.dollars_id)]},
            "CURRENCY_MISMATCH",
            "splits[0].amount.currency",
        ),
        (
            {"category_id": "", "splits": [part(250, purse.book.earning_id)]},
            "CATEGORY_KIND_MISMATCH",
            "splits[0].category_id",
        ),
        ({"category_id": "", "splits": [part(250, line=0)]}, "INVALID_FIELD", "splits[0].line"),
        ({"status": RECONCILED}, "INVALID_FIELD", "status"),
        ({"kind": 5}, "INVALID_FIELD", "kind"),
        ({"kind": INCOME, "category_id": "", "refund_of_id": NOBODY}, "INVALID_REFUND", "refund_of_id"),
        ({"tag_ids": [NOBODY, NOBODY]}, "INVALID_FIELD", "tag_ids"),
    ]


async def test_create_refuses_what_does_not_fit_together(purse: Purse) -> None:
    for change, reason, field in refused_cases(purse):
        refusal = await refusal_of(purse.spend(250, **change))
        assert (refusal.reason, refusal.fields) == (reason, (field,)), change
        assert refusal.code == grpc.StatusCode.INVALID_ARGUMENT
    assert await purse.held() == 0


async def test_create_refuses_what_is_not_there(purse: Purse) -> None:
    tag = await purse.make_tag()
    for change in (
        {"payee_id": NOBODY},
        {"payee_id": tag},
        {"payment_method_id": NOBODY},
        {"tag_ids": [tag, NOBODY]},
        {"kind": REFUND, "refund_of_id": NOBODY},
        {"kind": TRANSFER, "category_id": "", "to_account_id": NOBODY},
    ):
        assert (await refusal_of(purse.spend(250, **change))).reason == "NOT_FOUND", change


async def test_create_refuses_a_category_that_is_out_of_use(purse: Purse) -> None:
    await purse.ledger.UpdateCategory(
        ledger_categories_pb2.UpdateCategoryRequest(
            request_id=new_id(), book_id=purse.id, category_id=purse.food_id, archived=True
        )
    )
    refusal = await refusal_of(purse.spend(250))
    assert (refusal.reason, refusal.code) == ("CATEGORY_ARCHIVED", grpc.StatusCode.FAILED_PRECONDITION)


async def test_create_on_a_closed_account(purse: Purse) -> None:
    await purse.close(purse.bank_id, "2026-06-30")
    await purse.spend(250, account_id=purse.bank_id, booked_on="2026-06-30")
    refusal = await refusal_of(purse.spend(250, account_id=purse.bank_id, booked_on="2026-07-01"))
    assert (refusal.reason, refusal.metadata["closed_on"]) == ("ACCOUNT_CLOSED", "2026-06-30")
    assert (await refusal_of(purse.transfer(1, booked_on="2026-07-01"))).reason == "ACCOUNT_CLOSED"


async def test_a_refund_gives_back_at_most_its_expense(purse: Purse) -> None:
    expense = await purse.spend(1000)
    first = await purse.spend(400, kind=REFUND, refund_of_id=expense.id)
    assert (first.entries[0].amount.minor, first.refund_of_id) == (400, expense.id)
    refusal = await refusal_of(purse.spend(601, kind=REFUND, refund_of_id=expense.id))
    assert (refusal.reason, refusal.metadata["transaction_id"]) == ("REFUND_EXCEEDS_ORIGINAL", expense.id)
    await purse.spend(600, kind=REFUND, refund_of_id=expense.id, account_id=purse.bank_id)
    assert (await purse.held(), await purse.held(purse.bank_id)) == (-600, 600)


async def test_a_refund_is_of_an_expense_in_its_currency(purse: Purse) -> None:
    income = await purse.spend(1000, kind=INCOME, category_id=purse.book.earning_id)
    for wrong in ({"refund_of_id": income.id}, {"account_id": purse.dollars_id, "amount": usd(1)}):
        request = {"kind": REFUND, "refund_of_id": (await purse.spend(1000)).id} | wrong
        refusal = await refusal_of(purse.spend(1, **request))
        assert (refusal.reason, refusal.fields) == ("INVALID_REFUND", ("refund_of_id",))


async def test_create_keeps_status_labels_and_attachments(purse: Purse) -> None:
    method = await purse.ledger.CreatePaymentMethod(
        ledger_labels_pb2.CreatePaymentMethodRequest(request_id=new_id(), book_id=purse.id, name="Card")
    )
    labels = {
        "payee_id": await purse.make_payee(),
        "payment_method_id": method.payment_method.id,
        "tag_ids": [await purse.make_tag("a"), await purse.make_tag("b")],
        "attachment_ids": [(await bring(purse.book.person, purse.id, b"receipt")).id],
    }
    upper = {
        name: value.upper() if isinstance(value, str) else [v.upper() for v in value] for name, value in labels.items()
    }
    made = await purse.spend(250, status=PENDING, **upper)
    assert {name: getattr(made, name) for name in labels} == labels
    assert made.status == made.entries[0].status == PENDING
    assert (await purse.spend(250)).status == CLEARED


async def test_t19_an_import_key_is_taken_on_its_account_only(purse: Purse) -> None:
    first = await purse.spend(250, import_key="fitid-1")
    refusal = await refusal_of(purse.spend(300, import_key="fitid-1"))
    assert (refusal.reason, refusal.code) == ("IMPORT_KEY_TAKEN", grpc.StatusCode.ALREADY_EXISTS)
    assert refusal.metadata["transaction_id"] == first.id
    await purse.spend(250, import_key="fitid-1", account_id=purse.bank_id)
    moved = await purse.transfer(100, import_key="fitid-2", to_import_key="fitid-2")
    assert [e.import_key for e in moved.entries] == ["fitid-2", "fitid-2"]
    assert (await refusal_of(purse.spend(1, import_key="fitid-2"))).reason == "IMPORT_KEY_TAKEN"


async def test_an_editor_of_a_household_books_beside_the_owner(purse: Purse) -> None:
    ben = await sign_up(purse.book.person.client, "Ben")
    await share(purse.book.person, purse.id, ben, EDITOR)
    answer = await ben.ledger.CreateTransaction(purse.book.expense(100))
    assert answer.balance.balance.minor == -100
    theirs = await make_book(ben)
    assert (
        await refusal_of(ben.ledger.CreateTransaction(theirs.expense(1, account_id=purse.cash_id)))
    ).reason == "NOT_FOUND"
    assert answer.transaction.kind == EXPENSE
