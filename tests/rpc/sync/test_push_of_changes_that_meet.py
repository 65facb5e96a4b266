"""What becomes of pushed changes that meet others?"""

from typing import Any

import pytest

from people import BookOf, new_id, refusal_of
from rpc.sync.copy import Copy, mutation
from rpc.sync.test_push import copy, edit, eur, outcomes, removal
from tallystick_client.v1.ledger_pb2 import Transaction
from tallystick_client.v1.ledger_proof_pb2 import VerifyBookRequest
from tallystick_client.v1.ledger_service_pb2_grpc import LedgerServiceStub
from tallystick_client.v1.ledger_transactions_pb2 import (
    RestoreTransactionRequest,
)
from tallystick_client.v1.sync_pb2 import Conflict, ConflictRule, ConflictState

__all__ = ["copy"]


async def test_changes_of_other_fields_merge(book: BookOf, copy: Copy) -> None:
    spent = (await book.spend(100, note="rye")).transaction
    await book.person.ledger.UpdateTransaction(edit(book, spent.id, payee="Market"))
    (result,) = await copy.push(mutation(edit(book, spent.id, amount=eur(90)), base=spent.version))
    assert outcomes([result]) == ["MERGED"]
    assert not result.replaced
    now = (await copy.pull()).get(Transaction, "transaction", spent.id)
    assert (now.payee, now.entries[0].amount.minor) == ("Market", -90)


async def test_of_descriptions_the_later_arrival_wins_and_the_earlier_stays_known(book: BookOf, copy: Copy) -> None:
    spent = (await book.spend(100, note="rye")).transaction
    await book.person.ledger.UpdateTransaction(edit(book, spent.id, note="wheat"))
    (result,) = await copy.push(mutation(edit(book, spent.id, note="spelt"), base=spent.version))
    assert outcomes([result]) == ["MERGED"]
    assert [(each.before.transaction.note, list(each.groups)) for each in result.replaced] == [("wheat", ["note"])]
    assert (await copy.pull()).get(Transaction, "transaction", spent.id).note == "spelt"


@pytest.mark.parametrize(
    ("theirs", "mine", "groups"),
    [
        ({"amount": eur(80)}, {"amount": eur(90)}, ["amounts"]),
        ({"booked_on": "2026-03-01"}, {"booked_on": "2026-03-02"}, ["date"]),
        ({"amount": eur(80)}, {"amount": eur(90), "note": "mine"}, ["amounts"]),
    ],
)
async def test_of_money_nothing_is_overwritten(
    book: BookOf, copy: Copy, theirs: dict[str, Any], mine: dict[str, Any], groups: list[str]
) -> None:
    spent = (await book.spend(100)).transaction
    changed = (await book.person.ledger.UpdateTransaction(edit(book, spent.id, **theirs))).transaction
    wanted = mutation(edit(book, spent.id, **mine), base=spent.version)
    (result,) = await copy.push(wanted)
    assert outcomes([result]) == ["CONFLICT"]
    await copy.pull()
    assert copy.get(Transaction, "transaction", spent.id) == changed
    conflict = copy.get(Conflict, "conflict", result.conflict.id)
    assert conflict == result.conflict
    assert (conflict.target_id, conflict.target_kind, list(conflict.groups)) == (spent.id, "transaction", groups)
    assert (conflict.base.transaction, conflict.theirs.transaction) == (spent, changed)
    assert conflict.mine.transaction != changed
    assert (conflict.mutation, conflict.state) == (wanted, ConflictState.CONFLICT_STATE_OPEN)
    assert conflict.rule == ConflictRule.CONFLICT_RULE_MONEY
    # A repeat, pushed or called, raises no second one.
    (again,) = await copy.push(wanted)
    assert (outcomes([again]), again.conflict) == (["CONFLICT"], conflict)
    refusal = await refusal_of(book.person.ledger.UpdateTransaction(wanted.update_transaction))
    assert refusal.reason == "IN_CONFLICT"


async def test_the_same_value_twice_is_no_conflict(book: BookOf, copy: Copy) -> None:
    spent = (await book.spend(100)).transaction
    await book.person.ledger.UpdateTransaction(edit(book, spent.id, amount=eur(90)))
    (result,) = await copy.push(mutation(edit(book, spent.id, amount=eur(90)), base=spent.version))
    assert outcomes([result]) in (["APPLIED"], ["MERGED"])
    assert (await copy.status()).open_conflicts == 0


async def test_a_device_never_conflicts_with_itself(book: BookOf, copy: Copy) -> None:
    spent = (await book.spend(100)).transaction
    chain = [edit(book, spent.id, amount=eur(minor)) for minor in (90, 80, 70)]
    ids = [request.request_id for request in chain]
    results = await copy.push(
        *(mutation(request, base=spent.version, seen=ids[:number]) for number, request in enumerate(chain))
    )
    assert outcomes(results) == ["APPLIED"] * 3
    # Somebody else's change in between is theirs all the same.
    first, last = (edit(book, spent.id, amount=eur(minor)) for minor in (60, 50))
    assert outcomes(await copy.push(mutation(first, base=results[2].version))) == ["APPLIED"]
    await book.person.ledger.UpdateTransaction(edit(book, spent.id, amount=eur(55)))
    results = await copy.push(mutation(last, base=results[2].version, seen=[first.request_id]))
    assert outcomes(results) == ["CONFLICT"]


async def test_a_cloned_device_conflicts_with_its_twin(book: BookOf, copy: Copy) -> None:
    spent = (await book.spend(100)).transaction
    one, other = (mutation(edit(book, spent.id, amount=eur(minor)), base=spent.version) for minor in (90, 80))
    assert outcomes(await copy.push(one)) == ["APPLIED"]
    assert outcomes(await copy.push(other)) == ["CONFLICT"]
    # What both have in their outboxes is done once.
    assert outcomes(await copy.push(one, other)) == ["REPEATED", "CONFLICT"]


async def test_a_delete_that_has_not_seen_a_change_does_not_win(book: BookOf, copy: Copy) -> None:
    spent = (await book.spend(100)).transaction
    await book.person.ledger.UpdateTransaction(edit(book, spent.id, note="needed"))
    (result,) = await copy.push(mutation(removal(book, spent.id), base=spent.version))
    assert outcomes([result]) == ["CONFLICT"]
    assert result.conflict.rule == ConflictRule.CONFLICT_RULE_DELETES_CHANGED
    assert (await copy.pull()).get(Transaction, "transaction", spent.id).note == "needed"


async def test_a_change_of_what_was_deleted_meanwhile_is_kept(book: BookOf, copy: Copy) -> None:
    spent = (await book.spend(100)).transaction
    await book.person.ledger.DeleteTransaction(removal(book, spent.id))
    (result,) = await copy.push(mutation(edit(book, spent.id, note="late"), base=spent.version))
    assert outcomes([result]) == ["CONFLICT"]
    assert result.conflict.rule == ConflictRule.CONFLICT_RULE_CHANGES_DELETED
    await copy.pull()
    assert copy.rows["transaction", spent.id][1]


async def test_two_deletes_agree(book: BookOf, copy: Copy) -> None:
    spent = (await book.spend(100)).transaction
    await book.person.ledger.DeleteTransaction(removal(book, spent.id))
    (result,) = await copy.push(mutation(removal(book, spent.id), base=spent.version))
    assert outcomes([result]) == ["MERGED"]
    assert (await copy.status()).open_conflicts == 0


async def test_what_was_made_together_is_told_apart_by_later_changes(book: BookOf, copy: Copy) -> None:
    one, other = (book.expense(10, transaction_id=new_id()) for _ in range(2))
    results = await copy.push(mutation(one), mutation(other))
    # Made on what the device has not pulled yet: its own making of it is no change of somebody else's.
    change = mutation(edit(book, other.transaction_id, amount=eur(20)), base=0, seen=[other.request_id])
    assert outcomes(await copy.push(change)) == ["APPLIED"]
    stranger = mutation(edit(book, one.transaction_id, amount=eur(20)), base=0, seen=[other.request_id])
    assert outcomes(await copy.push(stranger)) == ["CONFLICT"]
    assert outcomes(results) == ["APPLIED", "APPLIED"]


THEIRS = ("nothing", "note", "amount", "delete", "delete and restore")


@pytest.mark.parametrize("mine", ["note", "amount", "delete", "restore"])
@pytest.mark.parametrize("theirs", THEIRS)
async def test_the_matrix_of_changes_and_deletes(book: BookOf, copy: Copy, theirs: str, mine: str) -> None:
    spent = (await book.spend(100)).transaction
    ledger = book.person.ledger

    def restore() -> RestoreTransactionRequest:
        return RestoreTransactionRequest(request_id=new_id(), book_id=book.id, transaction_id=spent.id)

    if theirs in ("note", "amount"):
        await ledger.UpdateTransaction(edit(book, spent.id, **{theirs: "theirs" if theirs == "note" else eur(90)}))
    if theirs.startswith("delete"):
        await ledger.DeleteTransaction(removal(book, spent.id))
    if theirs == "delete and restore":
        await ledger.RestoreTransaction(restore())
    requests = {
        "note": edit(book, spent.id, note="mine"),
        "amount": edit(book, spent.id, amount=eur(80)),
        "delete": removal(book, spent.id),
        "restore": restore(),
    }
    (result,) = await copy.push(mutation(requests[mine], base=spent.version))
    assert outcomes([result]) == [MATRIX[mine][THEIRS.index(theirs)]]
    await copy.pull()
    version, deleted, _ = copy.rows["transaction", spent.id]
    is_gone = (theirs == "delete" and mine != "restore") or (theirs, mine) == ("nothing", "delete")
    assert deleted == is_gone
    assert await book.balance() == (
        0 if is_gone else -80 if mine == "amount" and theirs != "amount" else -90 if theirs == "amount" else -100
    )


MATRIX = {
    "note": ["APPLIED", "MERGED", "MERGED", "CONFLICT", "MERGED"],
    "amount": ["APPLIED", "MERGED", "CONFLICT", "CONFLICT", "MERGED"],
    "delete": ["APPLIED", "CONFLICT", "CONFLICT", "MERGED", "CONFLICT"],
    "restore": ["APPLIED", "APPLIED", "APPLIED", "MERGED", "APPLIED"],
}


async def test_what_a_conflict_keeps_may_name_what_never_was(book: BookOf, copy: Copy) -> None:
    """The change of what was deleted is kept unjudged; the book is whole all the same."""
    spent = (await book.spend(100)).transaction
    await book.person.ledger.DeleteTransaction(removal(book, spent.id))
    (result,) = await copy.push(mutation(edit(book, spent.id, category_id=new_id()), base=spent.version))
    assert outcomes([result]) == ["CONFLICT"]
    stub = LedgerServiceStub(book.person.channel)
    steps = [step async for step in stub.VerifyBook(VerifyBookRequest(book_id=book.id), metadata=book.person.metadata)]
    assert steps[-1].verdict.holds
