"""What RevokeAccessKey promises."""

from typing import Any

import pytest

from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.auth.visitors import Audit, Visitor
from tallystick_client.v1 import auth_service_pb2 as pb
from tallystick_client.v1 import ledger_service_pb2
from tallystick_client.v1.identity_pb2 import AccessKeyScope


@pytest.fixture
async def book(ann: Person) -> BookOf:
    return await make_book(ann)


@pytest.fixture
async def made(ann: Person, book: BookOf) -> Any:
    return await ann.auth.CreateAccessKey(
        pb.CreateAccessKeyRequest(
            request_id=new_id(), name="Cron", book_ids=[book.id], scope=AccessKeyScope.ACCESS_KEY_SCOPE_READ, days=30
        )
    )


def request(key_id: str, request_id: str | None = None) -> pb.RevokeAccessKeyRequest:
    return pb.RevokeAccessKeyRequest(request_id=request_id or new_id(), access_key_id=key_id)


async def test_revoke_access_key_ends_the_key_at_once(
    visitor: Visitor, ann: Person, book: BookOf, made: Any, audit: Audit
) -> None:
    program = visitor.with_token(made.secret)
    read = ledger_service_pb2.GetAccountBalanceRequest(book_id=book.id, account_id=book.account_id)
    await program.ledger.GetAccountBalance(read)
    await ann.auth.RevokeAccessKey(request(made.access_key.id))
    assert (await refusal_of(program.ledger.GetAccountBalance(read))).reason == "INVALID_ACCESS_KEY"
    assert (await audit(ann.user.id))[-1] == "access_key_revoked"


async def test_revoke_access_key_repeated_or_asked_again_succeeds_and_is_audited_once(
    ann: Person, made: Any, audit: Audit
) -> None:
    again = request(made.access_key.id)
    for _ in range(2):
        await ann.auth.RevokeAccessKey(again)
    await ann.auth.RevokeAccessKey(request(made.access_key.id))
    assert (await audit(ann.user.id)).count("access_key_revoked") == 1


async def test_revoke_access_key_does_not_know_somebody_elses_key(bob: Person, made: Any) -> None:
    foreign = await refusal_of(bob.auth.RevokeAccessKey(request(made.access_key.id)))
    missing = await refusal_of(bob.auth.RevokeAccessKey(request(new_id())))
    assert foreign.reason == "NOT_FOUND"
    assert foreign.raw == missing.raw


async def test_revoke_access_key_refuses_another_body_under_one_request_id(ann: Person, made: Any) -> None:
    first = request(made.access_key.id)
    await ann.auth.RevokeAccessKey(first)
    other = request(new_id(), first.request_id)
    assert (await refusal_of(ann.auth.RevokeAccessKey(other))).reason == "REQUEST_ID_REUSED"


async def test_revoke_access_key_needs_a_session(visitor: Visitor, made: Any) -> None:
    refusal = await refusal_of(visitor.auth.RevokeAccessKey(request(made.access_key.id)))
    assert refusal.reason == "NOT_SIGNED_IN"
