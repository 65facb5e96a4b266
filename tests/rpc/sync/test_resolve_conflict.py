"""What ResolveConflict promises."""

from typing import Any

import grpc
import pytest

from people import BookOf, Person, new_id, refusal_of
from rpc.ledger.accounts import shared_with
from rpc.sync.copy import Copy, mutation
from rpc.sync.test_push import VIEWER, copy, edit, eur, outcomes, reason, removal
from tallystick_client.v1.ledger_pb2 import Transaction
from tallystick_client.v1.ledger_transactions_pb2 import UpdateTransactionResponse
from tallystick_client.v1.sync_conflicts_pb2 import ConflictChoice, ResolveConflictRequest
from tallystick_client.v1.sync_pb2 import Conflict, ConflictState

__all__ = ["copy"]
THEIRS = ConflictChoice.CONFLICT_CHOICE_KEEP_THEIRS
MINE = ConflictChoice.CONFLICT_CHOICE_TAKE_MINE


@pytest.fixture
async def conflict(book: BookOf, copy: Copy) -> Conflict:
    """80 was booked while a device made it 90."""
    spent = (await book.spend(100)).transaction
    await book.person.ledger.UpdateTransaction(edit(book, spent.id, amount=eur(80)))
    return await met(copy, edit(book, spent.id, amount=eur(90), note="mine"), spent.version)


async def met(copy: Copy, request: Any, base: int) -> Conflict:
    (result,) = await copy.push(mutation(request, base=base))
    assert outcomes([result]) == ["CONFLICT"]
    raised: Conflict = result.conflict
    return raised


def decide(conflict: Conflict, choice: Any, **other: Any) -> ResolveConflictRequest:
    return ResolveConflictRequest(
        request_id=new_id(), space_id=conflict.space_id, conflict_id=conflict.id, choice=choice, **other
    )


async def amount_of(copy: Copy, transaction_id: str) -> int:
    await copy.pull()
    return int(copy.get(Transaction, "transaction", transaction_id).entries[0].amount.minor)


async def test_keeping_theirs_changes_nothing_but_the_conflict(book: BookOf, copy: Copy, conflict: Conflict) -> None:
    request = decide(conflict, THEIRS)
    answer = await book.person.sync.ResolveConflict(request)
    assert answer.conflict.state == ConflictState.CONFLICT_STATE_KEPT_THEIRS
    assert answer.conflict.resolved_by == book.person.user.id
    assert await book.person.sync.ResolveConflict(request) == answer
    assert await amount_of(copy, conflict.target_id) == -80
    assert copy.get(Conflict, "conflict", conflict.id) == answer.conflict


async def test_taking_mine_does_the_whole_mutation(book: BookOf, copy: Copy, conflict: Conflict) -> None:
    answer = await book.person.sync.ResolveConflict(decide(conflict, MINE))
    assert answer.conflict.state == ConflictState.CONFLICT_STATE_TOOK_MINE
    assert await amount_of(copy, conflict.target_id) == -90
    now = copy.get(Transaction, "transaction", conflict.target_id)
    assert now.note == "mine"
    assert UpdateTransactionResponse.FromString(answer.answer).transaction == now
    assert await book.balance() == -90


async def test_a_conflict_is_decided_once(book: BookOf, conflict: Conflict) -> None:
    await book.person.sync.ResolveConflict(decide(conflict, THEIRS))
    refusal = await refusal_of(book.person.sync.ResolveConflict(decide(conflict, MINE)))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "CONFLICT_RESOLVED")


async def test_nobody_overwrites_a_third_change_unseen(book: BookOf, conflict: Conflict) -> None:
    seen = conflict.theirs.transaction.version
    await book.person.ledger.UpdateTransaction(edit(book, conflict.target_id, amount=eur(70)))
    refusal = await refusal_of(book.person.sync.ResolveConflict(decide(conflict, MINE, target_version=seen)))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.ABORTED, "STALE_VERSION")
    current = int(refusal.metadata["current_version"])
    await book.person.sync.ResolveConflict(decide(conflict, MINE, target_version=current))


async def test_taking_a_change_of_what_was_deleted_restores_it(book: BookOf, copy: Copy) -> None:
    spent = (await book.spend(100)).transaction
    await book.person.ledger.DeleteTransaction(removal(book, spent.id))
    conflict = await met(copy, edit(book, spent.id, amount=eur(90)), spent.version)
    assert await book.balance() == 0
    await book.person.sync.ResolveConflict(decide(conflict, MINE))
    assert await amount_of(copy, spent.id) == -90
    assert await book.balance() == -90


async def test_taking_a_delete_deletes(book: BookOf, copy: Copy) -> None:
    spent = (await book.spend(100)).transaction
    await book.person.ledger.UpdateTransaction(edit(book, spent.id, note="needed"))
    conflict = await met(copy, removal(book, spent.id), spent.version)
    await book.person.sync.ResolveConflict(decide(conflict, MINE))
    await copy.pull()
    assert copy.rows["transaction", spent.id][1]


async def test_a_decision_waits_in_an_outbox_like_any_command(book: BookOf, copy: Copy, conflict: Conflict) -> None:
    first, second = await copy.push(mutation(decide(conflict, MINE)), mutation(decide(conflict, THEIRS)))
    assert outcomes([first, second]) == ["APPLIED", "REJECTED"]
    assert reason(second) == "CONFLICT_RESOLVED"
    assert await amount_of(copy, conflict.target_id) == -90


async def test_resolving_needs_an_editor_and_a_conflict(book: BookOf, bob: Person, conflict: Conflict) -> None:
    assert (await refusal_of(bob.sync.ResolveConflict(decide(conflict, THEIRS)))).reason == "NOT_FOUND"
    await shared_with(book, bob, role=VIEWER)
    assert (await refusal_of(bob.sync.ResolveConflict(decide(conflict, THEIRS)))).reason == "ROLE_TOO_LOW"
    conflict.id = new_id()
    assert (await refusal_of(book.person.sync.ResolveConflict(decide(conflict, THEIRS)))).reason == "NOT_FOUND"
