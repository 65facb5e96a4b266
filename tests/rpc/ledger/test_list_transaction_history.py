"""What ListTransactionHistory promises."""

from typing import Any

from people import Person, new_id, refusal_of
from rpc.ledger.money import Purse, eur
from tallystick_client.v1.ledger_pb2 import Transaction
from tallystick_client.v1.ledger_transactions_pb2 import ListTransactionHistoryRequest


async def history(purse: Purse, transaction: Transaction, **other: Any) -> Any:
    request = ListTransactionHistoryRequest(book_id=purse.id, transaction_id=transaction.id, **other)
    return await purse.ledger.ListTransactionHistory(request)


async def test_t61_history_tells_what_every_change_left_newest_first(purse: Purse) -> None:
    made = await purse.spend(250)
    noted = await purse.update(made, note="with seeds")
    await purse.delete(made)
    restored = (await purse.restore(made)).transaction
    found = list((await history(purse, made)).revisions)
    assert found[0].transaction.version == restored.version
    assert [each.deleted for each in found] == [False, True, False, False]
    assert [list(each.fields) for each in found] == [[], [], ["note"], []]
    assert found[2].transaction == noted
    assert found[3].transaction == made
    assert {each.changed_by for each in found} == {purse.book.person.user.id}


async def test_history_goes_on_where_its_last_page_ended(purse: Purse) -> None:
    made = await purse.spend(250)
    for minor in range(1, 5):
        await purse.update(made, amount=eur(minor))
    versions, token = [], ""
    while True:
        page = await history(purse, made, page_size=2, page_token=token)
        versions += [each.transaction.version for each in page.revisions]
        token = page.next_page_token
        if not token:
            break
    assert len(versions) == 5
    assert versions == sorted(versions, reverse=True)


async def test_history_of_what_is_not_there(purse: Purse, bob: Person) -> None:
    made = await purse.spend(250)
    assert (await refusal_of(history(purse, Transaction(id=new_id())))).reason == "NOT_FOUND"
    request = ListTransactionHistoryRequest(book_id=purse.id, transaction_id=made.id)
    assert (await refusal_of(bob.ledger.ListTransactionHistory(request))).reason == "NOT_FOUND"
