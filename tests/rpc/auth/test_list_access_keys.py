"""What ListAccessKeys promises."""

from typing import Any

import pytest

from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.auth.visitors import Visitor
from tallystick_client.v1 import auth_service_pb2 as pb
from tallystick_client.v1 import ledger_service_pb2
from tallystick_client.v1.identity_pb2 import AccessKeyScope
from turned_clock import TurnedClock


@pytest.fixture
async def book(ann: Person) -> BookOf:
    return await make_book(ann)


async def make_key(person: Person, book: BookOf, name: str, days: int = 30) -> Any:
    return await person.auth.CreateAccessKey(
        pb.CreateAccessKeyRequest(
            request_id=new_id(), name=name, book_ids=[book.id], scope=AccessKeyScope.ACCESS_KEY_SCOPE_READ, days=days
        )
    )


async def list_keys(person: Person) -> list[Any]:
    return list((await person.auth.ListAccessKeys(pb.ListAccessKeysRequest())).access_keys)


async def test_list_access_keys_shows_the_newest_first(
    ann: Person, bob: Person, book: BookOf, clock: TurnedClock
) -> None:
    first = await make_key(ann, book, "first")
    with clock.later(minutes=1):
        second = await make_key(ann, book, "second")
    assert await list_keys(ann) == [second.access_key, first.access_key]
    assert await list_keys(bob) == []


async def test_list_access_keys_says_when_a_key_was_last_used_to_the_hour(
    visitor: Visitor, ann: Person, book: BookOf
) -> None:
    made = await make_key(ann, book, "cron")
    assert not (await list_keys(ann))[0].HasField("last_used_at")
    program = visitor.with_token(made.secret)
    request = ledger_service_pb2.GetAccountBalanceRequest(book_id=book.id, account_id=book.account_id)
    await program.ledger.GetAccountBalance(request)
    used = (await list_keys(ann))[0].last_used_at
    assert used.seconds % 3600 == 0
    assert used.nanos == 0
    assert used.seconds > 0


async def test_list_access_keys_leaves_out_what_has_ended(
    visitor: Visitor, ann: Person, book: BookOf, clock: TurnedClock
) -> None:
    await make_key(ann, book, "short", days=1)
    revoked = await make_key(ann, book, "revoked")
    await ann.auth.RevokeAccessKey(pb.RevokeAccessKeyRequest(request_id=new_id(), access_key_id=revoked.access_key.id))
    assert [key.name for key in await list_keys(ann)] == ["short"]
    with clock.later(days=2):
        assert await list_keys(await visitor.sign_in(ann.email)) == []


async def test_list_access_keys_needs_a_session(visitor: Visitor) -> None:
    refusal = await refusal_of(visitor.auth.ListAccessKeys(pb.ListAccessKeysRequest()))
    assert refusal.reason == "NOT_SIGNED_IN"
