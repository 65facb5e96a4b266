"""What ListConflicts promises."""

from typing import Any

from people import BookOf, Person, refusal_of
from rpc.sync.copy import Copy
from rpc.sync.test_push import copy, edit, eur
from rpc.sync.test_resolve_conflict import THEIRS, conflict, decide, met
from tallystick_client.v1.sync_pb2 import Conflict, ConflictState
from tallystick_client.v1.sync_service_pb2 import ListConflictsRequest

__all__ = ["conflict", "copy"]
OPEN = ConflictState.CONFLICT_STATE_OPEN


async def test_list_conflicts_pages_through_those_in_a_state(book: BookOf, copy: Copy, conflict: Conflict) -> None:
    spent = (await book.spend(100)).transaction
    await book.person.ledger.UpdateTransaction(edit(book, spent.id, amount=eur(1)))
    other = await met(copy, edit(book, spent.id, amount=eur(2)), spent.version)

    async def listed(**query: Any) -> list[Conflict]:
        found: list[Conflict] = []
        request = ListConflictsRequest(space_id=book.id, page_size=1, **query)
        while True:
            page = await book.person.sync.ListConflicts(request)
            found += page.conflicts
            if not page.next_page_token:
                return found
            request.page_token = page.next_page_token

    both = sorted((conflict.id, other.id), reverse=True)
    assert [each.id for each in await listed()] == both
    await book.person.sync.ResolveConflict(decide(other, THEIRS))
    assert [each.id for each in await listed(state=OPEN)] == [conflict.id]
    assert (await copy.status()).open_conflicts == 1


async def test_list_conflicts_refuses_strangers_and_foreign_tokens(book: BookOf, bob: Person) -> None:
    assert (await refusal_of(bob.sync.ListConflicts(ListConflictsRequest(space_id=book.id)))).reason == "NOT_FOUND"
    request = ListConflictsRequest(space_id=book.id, page_token="x")
    assert (await refusal_of(book.person.sync.ListConflicts(request))).reason == "INVALID_PAGE_TOKEN"
