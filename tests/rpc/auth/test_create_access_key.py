"""What CreateAccessKey promises, and what the key that it makes can do."""

from typing import Any

import pytest

from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.auth.visitors import Audit, Rows, Visitor
from tallystick_client.v1 import auth_service_pb2 as pb
from tallystick_client.v1 import ledger_service_pb2
from tallystick_client.v1.identity_pb2 import AccessKeyScope
from turned_clock import TurnedClock


@pytest.fixture
async def book(ann: Person) -> BookOf:
    return await make_book(ann)


def request(
    *book_ids: str, scope: Any = AccessKeyScope.ACCESS_KEY_SCOPE_READ, request_id: str | None = None, **other: Any
) -> pb.CreateAccessKeyRequest:
    fields = {"request_id": request_id or new_id(), "name": "Cron", "book_ids": book_ids, "scope": scope, "days": 30}
    return pb.CreateAccessKeyRequest(**fields | other)


def balance_of(book: BookOf) -> ledger_service_pb2.GetAccountBalanceRequest:
    return ledger_service_pb2.GetAccountBalanceRequest(book_id=book.id, account_id=book.account_id)


async def test_create_access_key_makes_a_key_that_reads_its_book(
    visitor: Visitor, ann: Person, book: BookOf, audit: Audit
) -> None:
    made = await ann.auth.CreateAccessKey(request(book.id))
    assert list(made.access_key.book_ids) == [book.id]
    assert made.secret.startswith("tsk_")
    program = visitor.with_token(made.secret)
    assert (await program.ledger.GetAccountBalance(balance_of(book))).balance.balance.minor == 0
    assert (await audit(ann.user.id))[-1] == "access_key_created"


async def test_create_access_key_makes_a_key_too_narrow_to_write_or_to_act_as_its_owner(
    visitor: Visitor, ann: Person, book: BookOf
) -> None:
    made = await ann.auth.CreateAccessKey(request(book.id))
    program = visitor.with_token(made.secret)
    assert (await refusal_of(program.ledger.CreateTransaction(book.expense()))).reason == "SCOPE_TOO_NARROW"
    assert (await refusal_of(program.auth.GetMe(pb.GetMeRequest()))).reason == "SCOPE_TOO_NARROW"


async def test_create_access_key_makes_a_key_that_does_not_know_other_books(
    visitor: Visitor, ann: Person, book: BookOf
) -> None:
    other = await make_book(ann)
    made = await ann.auth.CreateAccessKey(request(book.id))
    refusal = await refusal_of(visitor.with_token(made.secret).ledger.GetAccountBalance(balance_of(other)))
    assert refusal.reason == "NOT_FOUND"


async def test_create_access_key_makes_a_key_that_writes_when_asked_to(
    visitor: Visitor, ann: Person, book: BookOf
) -> None:
    made = await ann.auth.CreateAccessKey(request(book.id, scope=AccessKeyScope.ACCESS_KEY_SCOPE_WRITE))
    await visitor.with_token(made.secret).ledger.CreateTransaction(book.expense(250))
    assert await book.balance() == -250


async def test_create_access_key_makes_a_key_that_ends(
    visitor: Visitor, ann: Person, book: BookOf, clock: TurnedClock
) -> None:
    made = await ann.auth.CreateAccessKey(request(book.id, days=1))
    program = visitor.with_token(made.secret)
    await program.ledger.GetAccountBalance(balance_of(book))
    with clock.later(days=1, seconds=1):
        refusal = await refusal_of(program.ledger.GetAccountBalance(balance_of(book)))
    assert refusal.reason == "INVALID_ACCESS_KEY"


async def test_create_access_key_does_not_know_a_book_of_somebody_else_a_home_or_nothing(
    ann: Person, bob: Person
) -> None:
    foreign = await make_book(bob)
    refusals = [
        await refusal_of(ann.auth.CreateAccessKey(request(book_id)))
        for book_id in (foreign.id, ann.user.home_id, new_id())
    ]
    assert {refusal.reason for refusal in refusals} == {"NOT_FOUND"}
    assert len({refusal.raw for refusal in refusals}) == 1


async def test_create_access_key_refuses_all_when_one_book_is_not_ones_own(
    ann: Person, bob: Person, book: BookOf
) -> None:
    foreign = await make_book(bob)
    assert (await refusal_of(ann.auth.CreateAccessKey(request(book.id, foreign.id)))).reason == "NOT_FOUND"
    assert not (await ann.auth.ListAccessKeys(pb.ListAccessKeysRequest())).access_keys


@pytest.mark.parametrize(
    ("field", "value"),
    [("days", 0), ("days", 367), ("name", ""), ("scope", 0), ("scope", 99), ("book_ids", []), ("book_ids", ["x"])],
)
async def test_create_access_key_refuses_a_wrong_field(ann: Person, book: BookOf, field: str, value: Any) -> None:
    fields: dict[str, Any] = {"request_id": new_id(), "name": "n", "book_ids": [book.id], "scope": 1, "days": 1}
    wrong = pb.CreateAccessKeyRequest(**fields | {field: value})
    refusal = await refusal_of(ann.auth.CreateAccessKey(wrong))
    assert refusal.reason == "INVALID_FIELD"
    assert refusal.fields[0].startswith(field)


async def test_create_access_key_repeated_shows_the_same_secret_for_an_hour(
    visitor: Visitor, ann: Person, book: BookOf, clock: TurnedClock
) -> None:
    again = request(book.id)
    first = await ann.auth.CreateAccessKey(again)
    assert await ann.auth.CreateAccessKey(again) == first
    with clock.later(minutes=61):
        later = await visitor.sign_in(ann.email)
        assert (await refusal_of(later.auth.CreateAccessKey(again))).reason == "ANSWER_EXPIRED"
        assert len((await later.auth.ListAccessKeys(pb.ListAccessKeysRequest())).access_keys) == 1


async def test_create_access_key_refuses_another_body_under_one_request_id(ann: Person, book: BookOf) -> None:
    first = request(book.id)
    await ann.auth.CreateAccessKey(first)
    other = request(book.id, request_id=first.request_id, days=31)
    assert (await refusal_of(ann.auth.CreateAccessKey(other))).reason == "REQUEST_ID_REUSED"


async def test_create_access_key_makes_a_hundred_and_no_more(ann: Person, book: BookOf, rows: Rows) -> None:
    await ann.auth.CreateAccessKey(request(book.id))
    sql = (
        "INSERT INTO access_key (id, user_id, secret_hash, name_sealed, book_ids, scope, expires_at) SELECT "
        "gen_random_uuid(), user_id, sha256(n::text::bytea || user_id::text::bytea), name_sealed, book_ids, scope, expires_at "
        "FROM access_key, generate_series(1, 99) n WHERE user_id = %s"
    )
    await rows(sql, ann.user.id)
    assert (await refusal_of(ann.auth.CreateAccessKey(request(book.id)))).reason == "QUOTA_EXCEEDED"


async def test_create_access_key_keeps_neither_secret_nor_name_readable(ann: Person, book: BookOf, rows: Rows) -> None:
    made = await ann.auth.CreateAccessKey(request(book.id, name="Zebedee's cron"))
    dump = str(await rows("SELECT access_key::text, answer_apart::text FROM access_key, answer_apart"))
    for word in (made.secret, "Zebedee"):
        assert word not in dump
        assert word.encode().hex() not in dump


async def test_create_access_key_needs_a_session_and_not_another_key(
    visitor: Visitor, ann: Person, book: BookOf
) -> None:
    made = await ann.auth.CreateAccessKey(request(book.id, scope=AccessKeyScope.ACCESS_KEY_SCOPE_WRITE))
    program = visitor.with_token(made.secret)
    assert (await refusal_of(program.auth.CreateAccessKey(request(book.id)))).reason == "SCOPE_TOO_NARROW"
    assert (await refusal_of(visitor.auth.CreateAccessKey(request(book.id)))).reason == "NOT_SIGNED_IN"
