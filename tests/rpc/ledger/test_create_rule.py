"""What CreateRule promises."""

from typing import Any

import grpc
import pytest

from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.ledger.categories import archive, category_of
from rpc.ledger.labels import PAYEES, PAYMENT_METHODS, TAGS
from rpc.ledger.promises import keeps_the_promises_of_a_write
from rpc.ledger.rule_book import (
    EXPENSE,
    INCOME,
    Rule,
    compose_rule,
    delete_rule,
    euros,
    get_rule,
    make_rule,
    update_rule,
)
from tallystick_client.v1 import ledger_pb2, ledger_transactions_pb2
from tallystick_client.v1.money_pb2 import Money


async def test_create_rule_is_what_was_asked_for(book: BookOf) -> None:
    payee, method, tag = [await kind.make(book) for kind in (PAYEES, PAYMENT_METHODS, TAGS)]
    made = await make_rule(
        book,
        {
            "payee_contains": "Baker",
            "text_contains": "rye",
            "payee_id": payee.id.upper(),
            "account_id": book.account_id.upper(),
            "min_amount": euros(0),
            "max_amount": euros(900),
            "kinds": [EXPENSE],
        },
        name=" Bread ",
        position=7,
        category_id=book.spending_id.upper(),
        payee_id=payee.id,
        payment_method_id=method.id,
        tag_ids=[tag.id.upper()],
    )
    assert (made.name, made.position, made.disabled) == ("Bread", 7, False)
    assert (made.when.payee_id, made.when.account_id) == (payee.id, book.account_id)
    assert (made.then.category_id, list(made.then.tag_ids)) == (book.spending_id, [tag.id])
    assert await get_rule(book, made.id) == made


async def test_create_rule_decides_after_all_others_unless_it_says_where(book: BookOf) -> None:
    positions = [(await make_rule(book, position=at, category_id=book.spending_id)).position for at in (0, 5, 0, 2, 0)]
    assert positions == [1, 5, 6, 2, 7]


async def test_create_rule_keeps_the_promises_of_a_write(book: BookOf) -> None:
    request = compose_rule(book, category_id=book.spending_id)
    await keeps_the_promises_of_a_write(book, "CreateRule", request, name="Other")


async def test_create_rule_keeps_the_id_that_the_client_made_in_its_one_form(book: BookOf) -> None:
    chosen = new_id()
    assert (await make_rule(book, rule_id=chosen.upper(), category_id=book.spending_id)).id == chosen
    taken = await refusal_of(make_rule(book, rule_id=chosen, category_id=book.spending_id))
    assert (taken.code, taken.reason) == (grpc.StatusCode.ALREADY_EXISTS, "ID_TAKEN")


@pytest.mark.parametrize(
    ("when", "reason", "field"),
    [
        ({}, "INVALID_FIELD", "when"),
        ({"payee_contains": " ", "text_contains": "\t"}, "INVALID_FIELD", "when"),
        ({"min_amount": euros(-1)}, "INVALID_FIELD", "when.min_amount.minor"),
        ({"min_amount": euros(2), "max_amount": euros(1)}, "INVALID_FIELD", "when.max_amount.minor"),
        (
            {"min_amount": euros(1), "max_amount": Money(currency="USD", minor=2)},
            "CURRENCY_MISMATCH",
            "when.max_amount.currency",
        ),
        ({"max_amount": Money(currency="ZZZ", minor=2)}, "UNKNOWN_CURRENCY", "when.max_amount.currency"),
        ({"kinds": [0]}, "INVALID_FIELD", "when.kinds[0]"),
        ({"payee_id": "baker"}, "INVALID_FIELD", "when.payee_id"),
    ],
    ids=str,
)
async def test_create_rule_refuses_what_looks_for_nothing(
    book: BookOf, when: dict[str, Any], reason: str, field: str
) -> None:
    refusal = await refusal_of(make_rule(book, when, category_id=book.spending_id))
    assert (refusal.reason, refusal.fields) == (reason, (field,))


async def test_create_rule_refuses_what_fills_in_nothing(book: BookOf) -> None:
    refusal = await refusal_of(make_rule(book))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("then",))


@pytest.mark.parametrize("name", ["", " \t"])
async def test_create_rule_needs_a_name(book: BookOf, name: str) -> None:
    refusal = await refusal_of(make_rule(book, name=name, category_id=book.spending_id))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("name",))


async def test_create_rule_refuses_an_archived_category(book: BookOf) -> None:
    await archive(book, book.spending_id)
    refusal = await refusal_of(make_rule(book, category_id=book.spending_id))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "CATEGORY_ARCHIVED")


async def test_create_rule_does_not_see_what_is_not_there(book: BookOf, bob: Person) -> None:
    theirs = await make_book(bob)
    foreign = {kind.word: (await kind.make(theirs)).id for kind in (PAYEES, PAYMENT_METHODS, TAGS)}
    gone = await PAYEES.make(book)
    await PAYEES.call("Delete", book, payee_id=gone.id)
    rules: list[Any] = [
        {"category_id": theirs.spending_id},
        {"payee_id": foreign["payee"]},
        {"payee_id": gone.id},
        {"payment_method_id": foreign["payment_method"]},
        {"tag_ids": [foreign["tag"]]},
        {"category_id": new_id()},
        {"when": {"payee_id": foreign["payee"]}, "category_id": book.spending_id},
        {"when": {"account_id": theirs.account_id}, "category_id": book.spending_id},
        # An id of another kind of thing is not there, either.
        {"payee_id": book.spending_id},
        {"when": {"account_id": book.spending_id}, "category_id": book.spending_id},
    ]
    for rule in rules:
        assert (await refusal_of(make_rule(book, **rule))).reason == "NOT_FOUND"


async def record(book: BookOf, **other: Any) -> ledger_pb2.Transaction:
    fields: dict[str, Any] = {"category_id": "", "apply_rules": True, **other}
    return (await book.spend(**fields)).transaction


async def test_create_rule_fills_in_what_a_transaction_leaves_open(book: BookOf) -> None:
    payee, method, tag = [await kind.make(book) for kind in (PAYEES, PAYMENT_METHODS, TAGS)]
    await make_rule(
        book,
        category_id=book.spending_id,
        payee_id=payee.id,
        payment_method_id=method.id,
        tag_ids=[tag.id],
    )
    made = await record(book, payee="BAKERY Müller")
    assert [entry.category_id for entry in made.entries] == [book.spending_id]
    assert (made.payee_id, made.payment_method_id, list(made.tag_ids)) == (payee.id, method.id, [tag.id])
    for other in ({"payee": "Butcher"}, {"apply_rules": False}):
        left = await record(book, **other)
        assert (left.entries[0].category_id, left.payee_id, list(left.tag_ids)) == ("", "", [])


async def test_create_rule_fills_in_a_batch(book: BookOf) -> None:
    await make_rule(book, category_id=book.spending_id)
    drafts = [
        ledger_pb2.TransactionDraft(
            kind=kind, account_id=book.account_id, amount=euros(5), booked_on="2026-02-03", payee=payee
        )
        for kind, payee in ((EXPENSE, "bakery"), (EXPENSE, "butcher"), (INCOME, "bakery"))
    ]
    answer = await book.person.ledger.BatchCreateTransactions(
        ledger_transactions_pb2.BatchCreateTransactionsRequest(
            request_id=new_id(), book_id=book.id, transactions=drafts, apply_rules=True
        )
    )
    assert await categories_of(book, answer.transaction_ids) == [book.spending_id, "", ""]


async def categories_of(book: BookOf, transaction_ids: Any) -> list[str]:
    return [(await category_of(book, each))[0] for each in transaction_ids]


async def test_create_rule_decides_by_position_and_not_while_it_is_disabled_or_deleted(book: BookOf) -> None:
    tags = [(await TAGS.make(book)).id for _ in range(3)]
    rules: list[Rule] = [
        await make_rule(book, position=at, tag_ids=[tag]) for at, tag in zip((3, 1, 2), tags, strict=True)
    ]
    assert list((await record(book)).tag_ids) == [tags[1]]
    await update_rule(book, rules[1].id, disabled=True)
    assert list((await record(book)).tag_ids) == [tags[2]]
    await delete_rule(book, rules[2].id)
    assert list((await record(book)).tag_ids) == [tags[0]]


async def test_create_rule_does_not_fill_in_what_is_gone_or_out_of_use(book: BookOf) -> None:
    payee, method, *tags = [await kind.make(book) for kind in (PAYEES, PAYMENT_METHODS, TAGS, TAGS)]
    await make_rule(
        book,
        category_id=book.spending_id,
        payee_id=payee.id,
        payment_method_id=method.id,
        tag_ids=[tag.id for tag in tags],
    )
    await archive(book, book.spending_id)
    await PAYEES.call("Delete", book, payee_id=payee.id)
    await PAYMENT_METHODS.call("Delete", book, payment_method_id=method.id)
    await TAGS.call("Delete", book, tag_id=tags[0].id)
    made = await record(book)
    assert (made.entries[0].category_id, made.payee_id, made.payment_method_id) == ("", "", "")
    assert list(made.tag_ids) == [tags[1].id]
