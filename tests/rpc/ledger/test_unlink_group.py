"""What UnlinkGroup promises."""

import pytest

from circle import money
from linked import ACTIVE, ENDED, TRANSFER, Linked, linking, make_caught_up, unlinking
from people import Person, new_id, refusal_of
from rpc.spaces.sharing import VIEWER, outcome_of, share
from tallystick.app import App
from tallystick.ledger.links import unlinking as server_unlinking
from tallystick_client.v1 import (
    group_expenses_pb2,
    ledger_accounts_pb2,
    ledger_links_pb2,
    ledger_transactions_pb2,
    sync_mutation_pb2,
    sync_service_pb2,
)


@pytest.fixture
async def linked(ann: Person, server: App) -> Linked:
    return await make_caught_up(ann, server)


async def accounts_of(linked: Linked) -> list[str]:
    request = ledger_accounts_pb2.ListAccountsRequest(book_id=linked.book.id)
    return [each.id for each in (await linked.person.ledger.ListAccounts(request)).accounts]


async def test_what_arrived_goes_with_the_accounts_that_were_made(linked: Linked) -> None:
    ended = await linked.unlink(keep=False)
    assert ended.state == ENDED
    assert await linked.transactions() == []
    assert await accounts_of(linked) == [linked.book.account_id]


async def test_what_arrived_stays_and_can_be_changed_like_anything_else(linked: Linked) -> None:
    await linked.unlink(keep=True)
    for each in await linked.transactions():
        delete = ledger_transactions_pb2.DeleteTransactionRequest(
            request_id=new_id(), book_id=linked.book.id, transaction_id=each.id
        )
        await linked.person.ledger.DeleteTransaction(delete)
    assert await linked.holds(linked.book.account_id) == 0


async def test_nothing_more_arrives(linked: Linked) -> None:
    await linked.unlink(keep=True)
    await linked.circle.spend(600)
    await linked.follow()
    assert await linked.spent() == {"EUR": 3000}


@pytest.mark.parametrize("keep", [True, False])
async def test_one_that_begins_again_has_everything_once(linked: Linked, keep: bool) -> None:
    before = {each.id for each in await linked.transactions()}
    await linked.unlink(keep=keep)
    await linked.circle.spend(600)
    await linked.link_again()
    await linked.caught_up()
    assert await linked.spent() == {"EUR": 3200}
    after = {each.id for each in await linked.transactions()}
    assert (after > before, len(after)) == (True, 4)


async def test_what_was_changed_meanwhile_is_as_the_group_says_again(linked: Linked) -> None:
    await linked.unlink(keep=True)
    spent = next(each for each in await linked.transactions() if each.kind != TRANSFER)
    await linked.describe(spent, amount=money(1), booked_on="2026-05-05", note="mine")
    await linked.link_again()
    await linked.caught_up()
    after = next(each for each in await linked.transactions() if each.kind != TRANSFER)
    assert (after.entries[0].amount, after.booked_on, after.note) == (money(-3000), "2026-02-03", "mine")


async def test_accounts_that_something_else_is_booked_on_stay(linked: Linked) -> None:
    (made,) = (await linked.get()).link.accounts
    await linked.book.spend(70, account_id=made.receivable_account_id)
    await linked.unlink(keep=False)
    assert set(await accounts_of(linked)) == {linked.book.account_id, made.receivable_account_id}
    assert await linked.holds(made.receivable_account_id) == -70


async def test_what_a_statement_covers_holds_it_up(linked: Linked) -> None:
    await linked.reconcile(linked.book.account_id)
    assert await outcome_of(linked.unlink(keep=False)) == "ENTRY_RECONCILED"
    assert (await linked.get()).link.state == ACTIVE
    assert (await linked.unlink(keep=True)).state == ENDED


async def test_more_than_one_commit_goes_in_slices(linked: Linked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_unlinking, "SLICE_MAX", 3)
    batch = [linked.circle.draft(300) for _ in range(5)]
    request = group_expenses_pb2.BatchCreateExpensesRequest(
        request_id=new_id(), group_id=linked.circle.id, expenses=batch
    )
    await linked.person.groups.BatchCreateExpenses(request)
    await linked.caught_up()
    call = unlinking(linked, keep=False)
    first = await linked.person.ledger.UnlinkGroup(call)
    assert (await linked.transactions(), await accounts_of(linked)) == ([], [linked.book.account_id])
    assert await linked.person.ledger.UnlinkGroup(call) == first


async def test_a_repeat_gets_the_same_answer_and_another_body_none(linked: Linked) -> None:
    request = unlinking(linked, keep=True)
    first = await linked.person.ledger.UnlinkGroup(request)
    assert await linked.person.ledger.UnlinkGroup(request) == first
    request.keep_transactions = False
    assert (await refusal_of(linked.person.ledger.UnlinkGroup(request))).reason == "REQUEST_ID_REUSED"


async def test_viewers_and_strangers_may_not(linked: Linked, bob: Person) -> None:
    assert await outcome_of(bob.ledger.UnlinkGroup(unlinking(linked, keep=True))) == "NOT_FOUND"
    await share(linked.person, linked.book.id, bob, VIEWER)
    assert await outcome_of(bob.ledger.UnlinkGroup(unlinking(linked, keep=True))) == "ROLE_TOO_LOW"


async def test_a_link_that_is_not_there_is_not_found(linked: Linked) -> None:
    request = unlinking(linked, keep=True)
    request.link_id = new_id()
    assert await outcome_of(linked.person.ledger.UnlinkGroup(request)) == "NOT_FOUND"


@pytest.mark.parametrize("keep", [True, False])
async def test_a_device_that_was_offline_unlinks_too(linked: Linked, keep: bool) -> None:
    mutations = [
        sync_mutation_pb2.Mutation(unlink_group=unlinking(linked, keep=keep)),
        sync_mutation_pb2.Mutation(link_group_to_book=linking(linked.book, linked.circle)),
    ]
    push = sync_service_pb2.PushRequest(space_id=linked.book.id, mutations=mutations)
    ended, again = (await linked.person.sync.Push(push)).results
    assert ledger_links_pb2.UnlinkGroupResponse.FromString(ended.answer).link.state == ENDED
    assert ledger_links_pb2.LinkGroupToBookResponse.FromString(again.answer).link.state == ACTIVE
    await linked.caught_up()
    assert await linked.spent() == {"EUR": 3000}
