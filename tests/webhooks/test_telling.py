"""What is told, to whom, and in which pieces?"""

from typing import Any
from uuid import UUID

import pytest

from people import PASSWORD, BookOf, Person, make_book, new_id, sign_up
from rpc.spaces.sharing import EDITOR, OWNER, member_of, remove, share
from rpc.spaces.sharing import update as update_member
from tallystick import schema
from tallystick.app import App
from tallystick.store.epochs import renew_epochs
from tallystick.store.reseal import Resealing
from tallystick.webhooks import bodies, job, queries
from tallystick_client.v1 import (
    auth_service_pb2,
    ledger_accounts_pb2,
    ledger_books_pb2,
    ledger_pb2,
    ledger_service_pb2,
    ledger_transactions_pb2,
    sync_service_pb2,
)
from turned_clock import TurnedClock
from webhooks.desk import PROBLEMS, Hooked, hook
from webhooks.receiver import Receiver


async def pulled(person: Person, space_id: str, after: int = 0) -> list[Any]:
    """What a copy is told: the current state of everything, as changes."""
    pages = [page async for page in person.streams.Pull(sync_service_pb2.PullRequest(space_id=space_id))]
    return [change for page in pages for change in page.changes if change.version > after]


async def batch(book: BookOf, many: int) -> int:
    """So many expenses in one commit, and its version."""
    drafts = [
        ledger_pb2.TransactionDraft(
            kind=ledger_pb2.TransactionKind.TRANSACTION_KIND_EXPENSE,
            account_id=book.account_id,
            amount=book.expense(number + 1).amount,
            booked_on="2026-02-03",
        )
        for number in range(many)
    ]
    request = ledger_transactions_pb2.BatchCreateTransactionsRequest(
        request_id=new_id(), book_id=book.id, transactions=drafts
    )
    answer = await book.person.ledger.BatchCreateTransactions(request)
    return int(answer.version)


async def make_account(person: Person, book: BookOf, *, private: bool = False) -> Any:
    request = ledger_service_pb2.CreateAccountRequest(
        request_id=new_id(),
        book_id=book.id,
        name="Purse",
        type=ledger_pb2.AccountType.ACCOUNT_TYPE_CASH,
        currency="EUR",
        private=private,
    )
    return (await person.ledger.CreateAccount(request)).account


async def test_every_commit_is_told_as_copies_are_told(hooked: Hooked, receiver: Receiver, clock: TurnedClock) -> None:
    first = (await hooked.book.spend()).transaction
    await make_account(hooked.person, hooked.book)
    await hooked.deliver()
    told = [change for event in receiver.events for change in event.changes]
    assert told == await pulled(hooked.person, hooked.book.id, hooked.webhook.version)
    assert told[0].entity.transaction == first
    begins = [hooked.webhook.version, *receiver.versions[:-1]]
    assert [event.from_version for event in receiver.events] == begins
    assert all(event.complete and not event.ping for event in receiver.events)
    assert {event.space_id for event in receiver.events} == {hooked.book.id}
    for received in receiver.received:
        received.require_signed(hooked.secret, clock.now())
        assert received.headers["tallystick-webhook"] == hooked.webhook.id
        assert received.headers["content-type"] == "application/json"


async def test_only_the_chosen_kinds_are_told_and_no_gap_is_seen(server: App, book: BookOf, receiver: Receiver) -> None:
    hooked = await hook(server, book, receiver, kinds=["account"])
    await book.spend()
    await make_account(book.person, book)
    await book.spend()
    await hooked.deliver()
    await book.spend()
    await make_account(book.person, book)
    await hooked.deliver()
    assert {change.entity.WhichOneof("kind") for event in receiver.events for change in event.changes} == {"account"}
    first, second = receiver.events
    assert (first.from_version, second.from_version) == (hooked.webhook.version, first.to_version)


async def test_others_private_accounts_are_not_told(server: App, book: BookOf, receiver: Receiver, bob: Person) -> None:
    await share(book.person, book.id, bob, OWNER)
    hooked = await hook(server, book, receiver, kinds=["account", "transaction"])
    theirs, own = await make_account(bob, book, private=True), await make_account(book.person, book, private=True)
    await bob.ledger.CreateTransaction(book.expense(account_id=theirs.id))
    await book.spend(account_id=own.id)
    await hooked.deliver()
    kinds = [change.entity.WhichOneof("kind") for event in receiver.events for change in event.changes]
    assert kinds == ["account", "transaction"]
    assert receiver.events[0].changes[0].entity.account == own


async def test_what_became_private_before_it_was_told_is_not_told(
    server: App, book: BookOf, receiver: Receiver, bob: Person
) -> None:
    await share(book.person, book.id, bob, OWNER)
    hooked = await hook(server, book, receiver)
    seen = await make_account(bob, book)
    request = ledger_accounts_pb2.UpdateAccountRequest(
        request_id=new_id(), book_id=book.id, account_id=seen.id, private=True
    )
    request.update_mask.paths.append("private")
    await bob.ledger.UpdateAccount(request)
    await hooked.deliver()
    await hooked.replay(after_version=0)
    await hooked.deliver()
    assert receiver.received
    assert not any(seen.id.encode() in each.body for each in receiver.received)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "PART_CHANGES", 4)
    monkeypatch.setattr(job, "PAGE_ROWS", 9)


async def test_a_large_commit_comes_in_parts(hooked: Hooked, receiver: Receiver, small_parts: None) -> None:
    await hooked.book.spend()
    large = await batch(hooked.book, 18)
    last = (await hooked.book.spend()).transaction.version
    await hooked.deliver()
    parts = [event for event in receiver.events if event.to_version == large]
    assert [len(event.changes) for event in parts] == [4, 4, 4, 4, 2]
    assert [event.complete for event in parts] == [False] * 4 + [True]
    assert [event.from_version for event in parts] == [large - 1, large, large, large, large]
    assert receiver.events[-1].from_version == large
    assert receiver.versions[-1] == last
    assert len(set(receiver.ids)) == 7


async def test_parts_are_cut_alike_wherever_a_replay_begins(
    hooked: Hooked, receiver: Receiver, small_parts: None
) -> None:
    for many in (3, 18, 7, 1, 9, 4):
        await batch(hooked.book, many)
    await hooked.deliver()
    told = {each.delivery_id: each.event.changes for each in receiver.received}
    order = list(receiver.ids)
    for after in range(hooked.webhook.version, receiver.versions[-1]):
        receiver.received.clear()
        await hooked.replay(after_version=after)
        await hooked.deliver()
        assert receiver.ids == order[-len(receiver.ids) :]
        assert all(told[each.delivery_id] == each.event.changes for each in receiver.received)


async def test_parts_are_bounded_in_bytes(hooked: Hooked, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "PART_BYTES", 3000)
    await batch(hooked.book, 20)
    await hooked.deliver()
    assert len(receiver.received) > 3
    assert all(len(each.body) < 3000 + 600 for each in receiver.received)
    receiver.received.clear()
    # One that is larger than that by itself is told all the same.
    monkeypatch.setattr(bodies, "PART_BYTES", 10)
    await hooked.replay(after_version=hooked.webhook.version)
    await hooked.deliver()
    assert len(receiver.received) == 20


async def test_another_choice_of_kinds_is_another_delivery(hooked: Hooked, receiver: Receiver) -> None:
    """Whoever dropped it as a repeat would lack what it tells besides."""
    request = ledger_books_pb2.UpdateBookRequest(request_id=new_id(), book_id=hooked.book.id, name="House")
    await hooked.person.ledger.UpdateBook(request)
    await batch(hooked.book, 2)
    await hooked.deliver()
    before = set(receiver.ids)
    receiver.received.clear()
    await hooked.update(kinds=["transaction"])
    await hooked.replay(after_version=hooked.webhook.version)
    await hooked.deliver()
    assert set(receiver.ids) < before


async def test_one_whose_user_is_no_owner_any_more_stops(hooked: Hooked, receiver: Receiver, bob: Person) -> None:
    await share(hooked.person, hooked.book.id, bob, OWNER)
    theirs = Hooked(hooked.server, bob, hooked.book, hooked.webhook, hooked.secret)
    ann = await member_of(bob, hooked.book.id, hooked.person)
    await update_member(bob, ann, "role", role=EDITOR)
    await hooked.deliver()
    assert await theirs.problem() == PROBLEMS.WEBHOOK_PROBLEM_ROLE_TOO_LOW
    assert receiver.received == []
    await hooked.deliver()
    ann = await member_of(bob, hooked.book.id, hooked.person)
    await update_member(bob, ann, "role", role=OWNER)
    going_on = await hooked.update(description="again")
    assert (going_on.problem, going_on.user_id) == (0, hooked.person.user.id)
    await hooked.deliver()
    assert receiver.versions[-1] == (await hooked.get()).space_version


async def test_one_whose_user_is_gone_stops(hooked: Hooked, receiver: Receiver, bob: Person) -> None:
    await share(hooked.person, hooked.book.id, bob, OWNER)
    await remove(bob, await member_of(bob, hooked.book.id, hooked.person))
    await hooked.deliver()
    theirs = Hooked(hooked.server, bob, hooked.book, hooked.webhook, hooked.secret)
    assert await theirs.problem() == PROBLEMS.WEBHOOK_PROBLEM_ACCESS_LOST
    assert receiver.received == []


async def test_a_deleted_book_tells_nothing_until_it_is_back(hooked: Hooked, receiver: Receiver) -> None:
    await hooked.book.spend()
    named = {"book_id": hooked.book.id}
    await hooked.person.ledger.DeleteBook(ledger_books_pb2.DeleteBookRequest(request_id=new_id(), **named))
    await hooked.deliver()
    assert receiver.received == []
    await hooked.person.ledger.RestoreBook(ledger_books_pb2.RestoreBookRequest(request_id=new_id(), **named))
    await hooked.deliver()
    assert receiver.versions == sorted(receiver.versions)
    assert receiver.versions[-1] == (await hooked.get()).space_version


async def test_what_happens_during_a_pause_is_told_after_it(hooked: Hooked, receiver: Receiver) -> None:
    await hooked.update("paused", paused=True)
    spent = await hooked.book.spend()
    await hooked.deliver()
    assert receiver.received == []
    await hooked.update("paused", paused=False)
    await hooked.deliver()
    assert spent.transaction.version in receiver.versions


async def test_a_new_key_of_the_space_changes_nothing(hooked: Hooked, receiver: Receiver, clock: TurnedClock) -> None:
    await hooked.book.spend()
    await Resealing(hooked.server.store, schema.SEALED).reseal([UUID(hooked.book.id)], grace_s=0)
    await hooked.book.spend()
    await hooked.deliver()
    assert len(receiver.received) == 2
    for each in receiver.received:
        each.require_signed(hooked.secret, clock.now())


async def test_a_space_that_was_put_back_says_so(hooked: Hooked, receiver: Receiver) -> None:
    await hooked.book.spend()
    await hooked.deliver()
    await renew_epochs(hooked.server.store, [UUID(hooked.book.id)])
    await hooked.book.spend()
    await hooked.deliver()
    before, after = receiver.events
    assert before.epoch != after.epoch
    assert after.to_version > 2**32


async def test_nothing_of_an_erased_user_stays(server: App, receiver: Receiver, ann: Person, bob: Person) -> None:
    book = await make_book(ann)
    eve = await sign_up(ann.client, "Eve")
    await share(ann, book.id, eve, OWNER)
    theirs = await hook(server, BookOf(eve, book.id, "", "", ""), receiver, description="Eve's till")
    await eve.auth.DeleteMe(auth_service_pb2.DeleteMeRequest(request_id=new_id(), password=PASSWORD))
    await theirs.deliver()
    assert receiver.received == []
    for change in await pulled(ann, book.id):
        assert b"till" not in change.SerializeToString()
        assert receiver.url.encode() not in change.SerializeToString()


async def test_of_an_erased_space_no_row_stays(hooked: Hooked) -> None:
    await hooked.ping()
    await hooked.person.auth.DeleteMe(auth_service_pb2.DeleteMeRequest(request_id=new_id(), password=PASSWORD))
    ids = {"space_id": UUID(hooked.book.id), "webhook_id": UUID(hooked.webhook.id)}
    left = await hooked.server.apart.fetch_all(
        queries.TOLD(**ids),
        queries.ATTEMPTS_BEFORE(**ids, before_id=UUID(int=2**128 - 1), limit=1),
        queries.LETTERS_AFTER(**ids, after_seq=-1, after_id=UUID(int=0), limit=1),
    )
    assert left == [[], [], []]
