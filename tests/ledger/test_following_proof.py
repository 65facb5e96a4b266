"""VerifyBook finds what a book holds of a group that is not what the group says."""

from collections.abc import Callable
from typing import Any

import pytest

import proof
from linked import Linked, make_caught_up
from people import Person
from rpc.spaces.sharing import VIEWER, share
from tallystick.app import App
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.runtime.roles import DATABASE
from tallystick.v1.ledger_proof_pb2 import DifferenceKind
from tallystick_client.v1 import ledger_proof_pb2, ledger_service_pb2_grpc

RECEIVABLE = DifferenceKind.DIFFERENCE_KIND_RECEIVABLE


@pytest.fixture
async def linked(ann: Person, server: App) -> Linked:
    return await make_caught_up(ann, server)


async def differences(person: Person, linked: Linked) -> list[Any]:
    request = ledger_proof_pb2.VerifyBookRequest(book_id=linked.book.id)
    stub = ledger_service_pb2_grpc.LedgerServiceStub(person.channel)
    answers = stub.VerifyBook(request, metadata=person.metadata)
    return [answer.difference async for answer in answers if answer.HasField("difference")]


@pytest.fixture
def skip(postgres: EmbeddedPostgres) -> Callable[[Linked, int], None]:
    """Says that the book is as far as the group, or behind it by so many commits, whatever it holds."""

    def change(linked: Linked, behind: int = 0) -> None:
        with proof.connect(postgres.superuser_dsn, dbname=DATABASE) as database:
            database.execute(
                "UPDATE group_follow SET followed_seq = space.seq - %s FROM space WHERE space.id = group_id AND link_id = %s",
                (behind, linked.link.id),
            )

    return change


async def test_a_book_that_has_followed_holds_what_the_group_says(linked: Linked) -> None:
    made = (await linked.get()).link.accounts[0]
    await linked.book.spend(70, account_id=made.receivable_account_id)
    assert await differences(linked.person, linked) == []


async def test_another_balance_is_told_to_whose_it_is(
    linked: Linked, bob: Person, skip: Callable[[Linked, int], None]
) -> None:
    await share(linked.person, linked.book.id, bob, VIEWER)
    await linked.circle.spend(600)
    skip(linked, 0)
    (found,) = await differences(linked.person, linked)
    assert (found.kind, found.subject) == (RECEIVABLE, f"{linked.link.id}/EUR")
    assert (found.expected, found.actual) == ("sum=6400", "sum=6000")
    (hidden,) = await differences(bob, linked)
    assert (hidden.kind, "6400" in str(hidden)) == (RECEIVABLE, False)
    skip(linked, 1)
    await linked.caught_up()
    assert await differences(linked.person, linked) == []


async def test_what_is_not_followed_yet_and_what_is_no_more_is_no_difference(linked: Linked) -> None:
    await linked.circle.spend(600)
    assert await differences(linked.person, linked) == []
    await linked.unlink(keep=True)
    assert await differences(linked.person, linked) == []
