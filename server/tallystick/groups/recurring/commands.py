"""What shall happen to recurring expenses? One function per writing call, run inside the write door; and what the job writes."""

from uuid import UUID

from tallystick import masks
from tallystick.errors import Stale
from tallystick.files.queries import only_there
from tallystick.groups.expenses import references
from tallystick.groups.expenses.recording import compose_new, record
from tallystick.groups.profiles.queries import GROUP_OF_SPACE, get_group
from tallystick.groups.profiles.rules import require_in_use, require_unlocked
from tallystick.groups.recurring import queries, rules
from tallystick.groups.recurring.queries import CHANGEABLE, RECURRING_EXPENSES
from tallystick.groups.recurring.writes import RECURRING_DUES
from tallystick.groups.tables import RECURRING_EXPENSE
from tallystick.identity.queries import FIELDS_CHANGED_SINCE
from tallystick.ledger.nouns.queries import get_noun
from tallystick.ledger.rules import canonical
from tallystick.ledger.templates.rules import in_draft, require_usable, today_in
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.group_expenses_pb2 import Expense
from tallystick.v1.group_pb2 import Group
from tallystick.v1.group_recurring_pb2 import (
    CreateRecurringExpenseRequest,
    CreateRecurringExpenseResponse,
    DeleteRecurringExpenseRequest,
    DeleteRecurringExpenseResponse,
    RecurringExpense,
    RestoreRecurringExpenseRequest,
    RestoreRecurringExpenseResponse,
    UpdateRecurringExpenseRequest,
    UpdateRecurringExpenseResponse,
)


async def create_recurring_expense(
    tx: WriteTx, request: CreateRecurringExpenseRequest
) -> CreateRecurringExpenseResponse:
    recurring = RecurringExpense(
        id=canonical(request.recurring_id) or str(tx.new_id()),
        group_id=str(tx.space_id),
        draft=request.draft,
        schedule=request.schedule,
        user_id=str(tx.caller.user_id),
        created_at=to_timestamp(tx.now),
    )
    rules.make_canonical(recurring.draft)
    require_usable(recurring.schedule)
    rules.handle(recurring, ())
    group = await get_group(tx)
    await _judge(tx, recurring)
    tx.add(RECURRING_EXPENSE, recurring)
    _keep_due(tx, recurring, group, afresh=True)
    return CreateRecurringExpenseResponse(recurring=recurring)


async def update_recurring_expense(
    tx: WriteTx, request: UpdateRecurringExpenseRequest
) -> UpdateRecurringExpenseResponse:
    recurring_id = RECURRING_EXPENSES.id_of(request)
    found, groups, since = await tx.fetch_all(
        queries.by_id(request),
        GROUP_OF_SPACE(space_id=tx.space_id),
        FIELDS_CHANGED_SINCE(space_id=tx.space_id, entity_id=recurring_id, version=masks.base_version(request)),
    )
    before, group = queries.open_with_group(tx, found, groups)
    after = masks.overlay(before, request, masks.touched(request.update_mask.paths, request, CHANGEABLE))
    rules.require_stated(after)
    rules.make_canonical(after.draft)
    changing = [name for name in CHANGEABLE if getattr(before, name) != getattr(after, name)]
    # Only what people change can collide: what is posted meanwhile is no reason to refuse a change.
    if masks.is_stale(changing, (fields for (fields,) in since)):
        raise Stale(current_version=before.version)
    if not changing:
        return UpdateRecurringExpenseResponse(recurring=before)
    today = today_in(group.time_zone, tx.now)
    if "schedule" in changing:
        require_usable(after.schedule)
        rules.begin_again(after, before, today)
    if before.paused and not after.paused:
        rules.skip_passed(after, today)
    rules.handle(after, ())
    if "draft" in changing:
        await _judge(tx, after)
    # It is tried again as it is now.
    after.problem = ""
    tx.put(RECURRING_EXPENSE, before, after)
    _keep_due(tx, after, group, afresh=True)
    return UpdateRecurringExpenseResponse(recurring=after)


async def delete_recurring_expense(
    tx: WriteTx, request: DeleteRecurringExpenseRequest
) -> DeleteRecurringExpenseResponse:
    recurring = tx.delete(RECURRING_EXPENSE, await get_noun(tx, RECURRING_EXPENSES, request))
    tx.beside(RECURRING_DUES.drop(of_space=tx.space_id, of_entity=UUID(recurring.id)))
    return DeleteRecurringExpenseResponse(recurring=recurring)


async def restore_recurring_expense(
    tx: WriteTx, request: RestoreRecurringExpenseRequest
) -> RestoreRecurringExpenseResponse:
    before, is_deleted = await queries.get_deleted_or_not(tx, request)
    if not is_deleted:
        return RestoreRecurringExpenseResponse(recurring=before)
    group = await get_group(tx)
    after = masks.overlay(before, before, ())
    rules.skip_passed(after, today_in(group.time_zone, tx.now))
    after.problem = ""
    tx.put(RECURRING_EXPENSE, before, after)
    _keep_due(tx, after, group, afresh=True)
    return RestoreRecurringExpenseResponse(recurring=after)


async def post_occurrence(
    tx: WriteTx, request: UpdateRecurringExpenseRequest, *, seen_version: int
) -> UpdateRecurringExpenseResponse:
    """Records the next occurrence, as the job does it: only of what it has seen. One that was paused or changed meanwhile is another
    matter. That the request's id is its own answers whoever tries the same occurrence again."""
    before, group = await _get_as_seen(tx, request, seen_version)
    occurrence = rules.next_occurrence(before)
    if occurrence is None:
        raise Stale(current_version=before.version)
    slot_on = occurrence.slot_on

    def complete(expense: Expense) -> None:
        expense.recurring_id, expense.slot_on = before.id, slot_on.isoformat()

    draft = rules.compose_occurrence(before, occurrence)
    # What was attached, and is gone since, is no reason not to post.
    draft.receipt_ids[:] = await only_there(tx, draft.receipt_ids)
    await record(tx, [draft], complete=complete)
    after = masks.overlay(before, before, ())
    rules.handle(after, [slot_on])
    after.posted_count += 1
    after.problem = ""
    tx.put(RECURRING_EXPENSE, before, after)
    _keep_due(tx, after, group, afresh=False)
    return UpdateRecurringExpenseResponse(recurring=after)


async def note_problem(
    tx: WriteTx, request: UpdateRecurringExpenseRequest, *, seen_version: int, problem: str
) -> UpdateRecurringExpenseResponse:
    """Says why the next occurrence could not be posted. When it is tried again is none of its business."""
    before, _ = await _get_as_seen(tx, request, seen_version)
    after = masks.overlay(before, before, ())
    after.problem = problem
    return UpdateRecurringExpenseResponse(recurring=tx.put(RECURRING_EXPENSE, before, after))


async def _get_as_seen(
    tx: WriteTx, request: UpdateRecurringExpenseRequest, seen_version: int
) -> tuple[RecurringExpense, Group]:
    recurring, group = await queries.get_with_group(tx, request)
    if recurring.version != seen_version:
        raise Stale(current_version=recurring.version)
    return recurring, group


async def _judge(tx: WriteTx, recurring: RecurringExpense) -> None:
    """Holds the draft against what there is, as if it were recorded now for its next day: mistakes show at once. What becomes of that
    later, posting will see."""
    occurrence = rules.next_occurrence(recurring)
    with in_draft():
        rules.require_general(recurring.draft)
        draft = rules.compose_occurrence(recurring, occurrence or rules.first_day(recurring))
        wanted = references.wanted_of(tx.space_id, [draft])
        known = (await references.read(tx, wanted, tx.caller.user_id)).known
        require_in_use(known.group)
        compose_new(draft, draft.expense_id, known)
        if occurrence is not None:
            require_unlocked(known.group, occurrence.booked_on)


def _keep_due(tx: WriteTx, recurring: RecurringExpense, group: Group, *, afresh: bool) -> None:
    """Keeps the row that the job finds it by."""
    due_at = rules.due_at(recurring, group.time_zone)
    user_id = UUID(recurring.user_id)
    tx.beside(RECURRING_DUES.compose(tx.space_id, UUID(recurring.id), user_id, due_at, afresh=afresh))
