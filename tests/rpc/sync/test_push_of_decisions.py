"""Does a decision that is refused leave nothing behind, also when what was deleted was brought back for it?"""

from uuid import UUID

import proof
from people import BookOf, new_id
from rpc.sync.copy import Copy, mutation
from rpc.sync.test_push import copy, edit, eur, outcomes, removal
from rpc.sync.test_resolve_conflict import MINE, decide, met
from tallystick.app import App
from tallystick_client.v1.ledger_categories_pb2 import DeleteCategoryRequest
from tallystick_client.v1.ledger_pb2 import CategoryKind
from tallystick_client.v1.ledger_service_pb2 import CreateCategoryRequest

__all__ = ["copy"]


async def test_a_refused_decision_about_what_was_deleted_restores_nothing(
    book: BookOf, copy: Copy, database: proof.Connection, server: App
) -> None:
    ledger, category_id = book.person.ledger, new_id()
    spent = (await book.spend(100)).transaction
    await ledger.CreateCategory(
        CreateCategoryRequest(
            request_id=new_id(),
            book_id=book.id,
            category_id=category_id,
            name="Fuel",
            kind=CategoryKind.CATEGORY_KIND_EXPENSE,
        )
    )
    await ledger.DeleteTransaction(removal(book, spent.id))
    conflict = await met(copy, edit(book, spent.id, category_id=category_id), spent.version)
    await ledger.DeleteCategory(DeleteCategoryRequest(request_id=new_id(), book_id=book.id, category_id=category_id))
    results = await copy.push(mutation(decide(conflict, MINE)), mutation(book.expense(1)))
    assert outcomes(results) == ["REJECTED", "APPLIED"]
    await copy.pull()
    assert copy.rows["transaction", spent.id][1]
    assert await book.balance() == -1
    proof.prove(database, server.store.keys, UUID(book.id))


async def test_a_decision_on_what_was_seen_deleted_is_done(
    book: BookOf, copy: Copy, database: proof.Connection, server: App
) -> None:
    spent = (await book.spend(100)).transaction
    await book.person.ledger.UpdateTransaction(edit(book, spent.id, note="needed"))
    conflict = await met(copy, removal(book, spent.id), spent.version)
    await book.person.ledger.DeleteTransaction(removal(book, spent.id))
    await copy.pull()
    seen = copy.rows["transaction", spent.id][0]
    decision = mutation(decide(conflict, MINE, target_version=seen), base=conflict.version)
    results = await copy.push(decision, mutation(book.expense(1)))
    assert await book.balance() == -1
    proof.prove(database, server.store.keys, UUID(book.id))
    assert "CONFLICT" not in outcomes(results)


async def test_a_decision_for_a_change_of_what_was_seen_deleted_is_done(
    book: BookOf, copy: Copy, database: proof.Connection, server: App
) -> None:
    spent = (await book.spend(100)).transaction
    await book.person.ledger.UpdateTransaction(edit(book, spent.id, amount=eur(80)))
    conflict = await met(copy, edit(book, spent.id, amount=eur(90)), spent.version)
    await book.person.ledger.UpdateTransaction(edit(book, spent.id, amount=eur(70)))
    await copy.pull()
    seen = copy.rows["transaction", spent.id][0]
    decision = mutation(decide(conflict, MINE, target_version=seen), base=conflict.version)
    results = await copy.push(decision, mutation(book.expense(1)))
    proof.prove(database, server.store.keys, UUID(book.id))
    assert "CONFLICT" not in outcomes(results)
    assert await book.balance() == -91
