"""What shall happen to expenses? One function per writing call, run inside the write door."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tallystick.errors import Stale
from tallystick.groups.expenses import queries, references
from tallystick.groups.expenses import rules_changes as changes
from tallystick.groups.expenses.recording import Step, naming, record, require_each_once, require_new_import, settle
from tallystick.groups.expenses.references import Wanted, reads_of_drafts
from tallystick.groups.expenses.rules import is_moving, members_of
from tallystick.groups.profiles.rules import require_in_use
from tallystick.groups.tables import EXPENSE
from tallystick.identity.queries import FIELDS_CHANGED_SINCE
from tallystick.merging import changed_fields
from tallystick.store.history import get_revision
from tallystick.store.statements import Call
from tallystick.store.tx import WriteTx
from tallystick.v1.group_expenses_pb2 import (
    BatchCreateExpensesRequest,
    BatchCreateExpensesResponse,
    CreateExpenseRequest,
    CreateExpenseResponse,
    DeleteExpenseRequest,
    DeleteExpenseResponse,
    Expense,
    RestoreExpenseRequest,
    RestoreExpenseResponse,
    RevertExpenseRequest,
    RevertExpenseResponse,
    UpdateExpenseRequest,
    UpdateExpenseResponse,
)


async def create_expense(tx: WriteTx, request: CreateExpenseRequest) -> CreateExpenseResponse:
    (expense,) = await record(tx, [request.expense], at="expense")
    return CreateExpenseResponse(expense=expense)


def reads_of_create(request: CreateExpenseRequest) -> Sequence[Call[*tuple[Any, ...]]]:
    """What the command is going to ask."""
    return reads_of_drafts(UUID(request.group_id), [request.expense])


async def batch_create_expenses(tx: WriteTx, request: BatchCreateExpensesRequest) -> BatchCreateExpensesResponse:
    require_each_once(request.expenses, "expenses")
    recorded = await record(tx, request.expenses, at="expenses", is_list=True)
    return BatchCreateExpensesResponse(expense_ids=[each.id for each in recorded], version=tx.seq)


async def update_expense(tx: WriteTx, request: UpdateExpenseRequest) -> UpdateExpenseResponse:
    before, since = await _existing(tx, request)
    with naming("change"):
        draft = changes.change_draft(before, request.update_mask, request.change)
    wanted = _wanted_of_change(request)
    wanted.add_expense(before)
    found = await references.read(tx, wanted, tx.caller.user_id)
    with naming("change"):
        after = changes.compose_changed(draft, before, found.known)
    if not changed_fields(before, after):
        return UpdateExpenseResponse(expense=before)
    if changes.is_stale(before, after, since):
        raise Stale(current_version=before.version)
    (expense,) = await settle(tx, [Step(before, after)], found, at="change")
    return UpdateExpenseResponse(expense=expense)


async def delete_expense(tx: WriteTx, request: DeleteExpenseRequest) -> DeleteExpenseResponse:
    before, since = await _existing(tx, request)
    if since:
        raise Stale(current_version=before.version)
    wanted = Wanted()
    wanted.add_expense(before)
    found = await references.read(tx, wanted, tx.caller.user_id)
    (expense,) = await settle(tx, [Step(before, None)], found)
    return DeleteExpenseResponse(expense=expense)


def reads_of_change(request: UpdateExpenseRequest | DeleteExpenseRequest) -> Sequence[Call[*tuple[Any, ...]]]:
    """What the command asks, unless the expense is a refund."""
    group_id = UUID(request.group_id)
    return [*_reads_of_existing(group_id, request), *_wanted_of_change(request).calls(group_id)]


async def restore_expense(tx: WriteTx, request: RestoreExpenseRequest) -> RestoreExpenseResponse:
    before, is_deleted = await queries.get_with_deleted(tx, UUID(request.expense_id))
    if not is_deleted:
        return RestoreExpenseResponse(expense=before)
    return RestoreExpenseResponse(expense=await _bring_back(tx, before, before, is_deleted=True))


async def revert_expense(tx: WriteTx, request: RevertExpenseRequest) -> RevertExpenseResponse:
    expense_id = UUID(request.expense_id)
    before, is_deleted = await queries.get_with_deleted(tx, expense_id)
    then = await get_revision(tx, EXPENSE, expense_id, request.to_version)
    if not is_deleted and not changed_fields(before, then):
        return RevertExpenseResponse(expense=before)
    return RevertExpenseResponse(expense=await _bring_back(tx, before, then, is_deleted=is_deleted))


async def _bring_back(tx: WriteTx, before: Expense, then: Expense, *, is_deleted: bool) -> Expense:
    """The state of then with the shares of then, judged by what there is now."""
    wanted = Wanted()
    for each in (before, then):
        wanted.add_expense(each)
    wanted.files.update(UUID(each) for each in then.receipt_ids)
    found = await references.read(tx, wanted, tx.caller.user_id)
    after = changes.copy_of(then)
    # What is gone does not come back with it.
    there = found.known.file_ids.union(before.receipt_ids)
    after.receipt_ids[:] = [each for each in then.receipt_ids if each in there]
    if is_deleted:
        require_new_import(after, found)
    elif is_moving(before, after):
        require_in_use(found.known.group)
    if source := found.known.refundable(after):
        source.require_left({UUID(share.member_id): share.owed_minor for share in after.shares})
    found.known.roster.require_in(members_of(after), kept=() if is_deleted else members_of(before))
    (expense,) = await settle(tx, [Step(before, after, is_deleted)], found)
    return expense


async def _existing(
    tx: WriteTx, request: UpdateExpenseRequest | DeleteExpenseRequest
) -> tuple[Expense, list[Sequence[str]]]:
    """An expense that is there, and which of its fields were changed since a version, change by change."""
    rows, *changed = await tx.fetch_all(*_reads_of_existing(tx.space_id, request))
    before = tx.require(EXPENSE, [(row[0], row[1], row[2]) for row in rows])
    return before, [fields for found in changed for (fields,) in found]


def _reads_of_existing(
    group_id: UUID, request: UpdateExpenseRequest | DeleteExpenseRequest
) -> list[Call[*tuple[Any, ...]]]:
    expense_id = UUID(request.expense_id)
    asked: list[Call[*tuple[Any, ...]]] = [queries.LIVE_EXPENSES(space_id=group_id, ids=[expense_id])]
    if request.HasField("base_version"):
        asked.append(FIELDS_CHANGED_SINCE(space_id=group_id, entity_id=expense_id, version=request.base_version))
    return asked


def _wanted_of_change(request: UpdateExpenseRequest | DeleteExpenseRequest) -> Wanted:
    wanted = Wanted(refunds={UUID(request.expense_id)})
    if isinstance(request, UpdateExpenseRequest):
        wanted.files.update(UUID(each) for each in request.change.receipt_ids)
        if request.change.refund_of_id:
            wanted.refunds.add(UUID(request.change.refund_of_id))
    return wanted
