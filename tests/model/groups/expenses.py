"""What must a command on expenses be answered, and what must be there after it?"""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

from model.groups.drafts import composed, exchanged, left_of, refunded_by, refunds_of, require_day, require_members
from model.groups.state import Party, locked
from model.model import Plan, each_of
from model.state import Faults, Put, Refused, copied, differing
from tallystick_client.v1 import group_expenses_pb2 as pb
from tallystick_client.v1.group_expenses_pb2 import Expense, ExpenseDraft
from tallystick_client.v1.group_splits_pb2 import Conversion

PLAIN = ("booked_on", "description", "category", "note")
DECIDING = ("kind", "amount", "payers", "split", "conversion", "refund_of_id")
CHANGEABLE = {*PLAIN, *DECIDING, "receipt_ids"}
# Who pays, how it is shared and how much it is are one.
MONEY = {*DECIDING, "shares", "rule_version"}


def create_expense(party: Party, user: str, asked: pb.CreateExpenseRequest, said: Any) -> Plan:
    (made,) = _record(party, user, [asked.expense])
    return Plan(pb.CreateExpenseResponse(expense=made), [Put(made)])


def batch_create_expenses(party: Party, user: str, asked: pb.BatchCreateExpensesRequest, said: Any) -> Plan:
    no = Faults()
    for names in ([each.expense_id for each in asked.expenses], [each.import_key for each in asked.expenses]):
        named = [each for each in names if each]
        no.when(len(set(named)) < len(named), "DUPLICATE_IN_BATCH")
    no.stop()
    made = _record(party, user, asked.expenses)
    ids = [each.id for each in made]
    return Plan(pb.BatchCreateExpensesResponse(expense_ids=ids, version=party.next_seq), [Put(each) for each in made])


def _record(party: Party, user: str, drafts: Sequence[ExpenseDraft]) -> list[Expense]:
    no = Faults()
    no.when(party.group.archived, "GROUP_ARCHIVED")
    no.stop()
    # A later one of a batch sees what an earlier one is.
    seen = party.copy()
    made = each_of(partial(_recorded, seen, user), drafts)
    no.when(any(each.id in party.history for each in made), "ID_TAKEN")
    no.when(any(locked(party, each.booked_on) for each in made), "PERIOD_LOCKED")
    no.stop()
    party.require_range([Put(each) for each in made])
    return made


def _recorded(seen: Party, user: str, draft: ExpenseDraft) -> Expense:
    no = Faults()
    # Whoever stumbles over the calendar may stumble over this first.
    no.when(draft.expense_id in seen.history, "ID_TAKEN")
    no.when(_is_imported(seen, draft.import_key), "IMPORT_KEY_TAKEN")
    no.when(locked(seen, draft.booked_on), "PERIOD_LOCKED")
    try:
        made = composed(seen, user, draft, Expense(id=draft.expense_id))
    except Refused as refused:
        no |= refused.reasons
    else:
        made.version = seen.next_seq
        seen.live[made.id] = made
    no.stop()
    return made


def _is_imported(party: Party, key: str) -> bool:
    return bool(key) and any(each.import_key == key for each in party.everything(Expense))


def there(party: Party, expense_id: str) -> Expense:
    found = party.live.get(expense_id)
    if not isinstance(found, Expense):
        raise Refused(["NOT_FOUND"])
    return found


def update_expense(party: Party, user: str, asked: pb.UpdateExpenseRequest, said: Any) -> Plan:
    before = there(party, asked.expense_id)
    after = _changed(party, user, before, asked)
    changing = {_subject(name) for name in differing(before, after)}
    no = Faults()
    if asked.HasField("base_version"):
        since = party.changed_since(user, before.id, asked.base_version)
        no.when(any(changing & {_subject(name) for name in each.fields} for each in since), "STALE_VERSION")
    _judge(party, before, after, no)
    no.stop()
    if not changing:
        return Plan(pb.UpdateExpenseResponse(expense=before), [])
    after.version = party.next_seq
    party.require_range([Put(after)])
    return Plan(pb.UpdateExpenseResponse(expense=after), [Put(after)])


def _subject(name: str) -> str:
    return "money" if name in MONEY else name


def _judge(party: Party, before: Expense | None, after: Expense | None, no: Faults) -> None:
    """What moves money needs open days; an expense that was given back stays as long as its refunds do."""
    names = differing(before, after) if before and after else MONEY
    moves = bool(MONEY & names)
    days = [each.booked_on for each in (before, after) if each]
    no.when((moves or "booked_on" in names) and locked(party, *days), "PERIOD_LOCKED")
    no.when(before and moves and refunds_of(party, before.id), "REFUNDED")


def _changed(party: Party, user: str, before: Expense, asked: pb.UpdateExpenseRequest) -> Expense:
    draft = _changed_draft(before, asked)
    if draft.convert_with or any(_said(draft, name) != _said(before, name) for name in DECIDING):
        if party.group.archived:
            raise Refused(["GROUP_ARCHIVED"])
        after = composed(party, user, draft, before)
        after.version = before.version
        return after
    no = Faults()
    require_day(draft.booked_on, no)
    no.stop()
    after = copied(before)
    for name in PLAIN:
        setattr(after, name, getattr(draft, name))
    after.receipt_ids[:] = draft.receipt_ids
    return after


def _said(message: Any, name: str) -> Any:
    value = getattr(message, name)
    return list(value) if name == "payers" else value


def draft_of(expense: Expense) -> ExpenseDraft:
    draft = ExpenseDraft()
    for name in (*CHANGEABLE, "import_key"):
        lay_over(draft, expense, name)
    return draft


def lay_over(onto: Any, values: Any, name: str) -> None:
    onto.ClearField(name)
    field = values.DESCRIPTOR.fields_by_name[name]
    if field.is_repeated:
        getattr(onto, name).extend(getattr(values, name))
    elif field.message_type is None:
        setattr(onto, name, getattr(values, name))
    elif values.HasField(name):
        getattr(onto, name).CopyFrom(getattr(values, name))


def _changed_draft(before: Expense, asked: pb.UpdateExpenseRequest) -> ExpenseDraft:
    names = _touched(asked)
    draft, old = draft_of(before), draft_of(before)
    for name in names:
        lay_over(draft, asked.change, name)
    if "conversion" in names:
        draft.convert_with, draft.convert_source = asked.change.convert_with, asked.change.convert_source
    if draft.amount == old.amount:
        return draft
    if "payers" not in names and len(draft.payers) == 1:
        # Whoever paid all of it pays all of it.
        draft.payers[0].minor = draft.amount.minor
    if "conversion" not in names and draft.HasField("conversion"):
        _convert_again(old, draft)
    return draft


def _touched(asked: pb.UpdateExpenseRequest) -> Collection[str]:
    paths = set(asked.update_mask.paths)
    if paths == {"*"}:
        return CHANGEABLE
    if paths - CHANGEABLE:
        raise Refused(["INVALID_UPDATE_MASK"])
    if paths:
        return paths
    names = {field.name for field, _ in asked.change.ListFields()}
    return (names | ({"conversion"} if asked.change.convert_with else set())) & CHANGEABLE


def _convert_again(old: ExpenseDraft, draft: ExpenseDraft) -> None:
    """By the rate that was given once. Where none was, somebody has to say anew what another amount counts as."""
    kept = Conversion()
    kept.CopyFrom(draft.conversion)
    if draft.amount.currency == kept.amount.currency or (not kept.rate and draft.refund_of_id):
        draft.ClearField("conversion")
    elif not kept.rate or draft.amount.currency != old.amount.currency:
        raise Refused(["INVALID_FIELD"])
    else:
        draft.conversion.amount.minor = exchanged(draft.amount, kept.amount.currency, kept.rate)
        # What leaves nothing is refused when it is composed: a conversion is above zero.


def delete_expense(party: Party, user: str, asked: pb.DeleteExpenseRequest, said: Any) -> Plan:
    before = there(party, asked.expense_id)
    no = Faults()
    if asked.HasField("base_version"):
        no.when(party.changed_since(user, before.id, asked.base_version), "STALE_VERSION")
    _judge(party, before, None, no)
    no.stop()
    gone = copied(before)
    gone.version = party.next_seq
    party.require_range([Put(gone, is_deleted=True)])
    return Plan(pb.DeleteExpenseResponse(expense=gone), [Put(gone, is_deleted=True)])


def restore_expense(party: Party, user: str, asked: pb.RestoreExpenseRequest, said: Any) -> Plan:
    live = party.live.get(asked.expense_id)
    if isinstance(live, Expense):
        return Plan(pb.RestoreExpenseResponse(expense=live), [])
    gone = party.gone.get(asked.expense_id)
    if not isinstance(gone, Expense):
        raise Refused(["NOT_FOUND"])
    back = _brought_back(party, None, copied(gone))
    return Plan(pb.RestoreExpenseResponse(expense=back), [Put(back)])


def revert_expense(party: Party, user: str, asked: pb.RevertExpenseRequest, said: Any) -> Plan:
    live = party.live.get(asked.expense_id)
    revisions = [each.entity for each in party.history.get(asked.expense_id, [])]
    then = next((each for each in revisions if each.version == asked.to_version), None)
    if not isinstance(then, Expense):
        raise Refused(["NOT_FOUND"])
    if live is not None and not differing(live, then):
        return Plan(pb.RevertExpenseResponse(expense=live), [])
    back = _brought_back(party, live, copied(then))
    return Plan(pb.RevertExpenseResponse(expense=back), [Put(back)])


def _brought_back(party: Party, live: Expense | None, back: Expense) -> Expense:
    """With the shares that it had, if they are still possible."""
    no = Faults()
    _judge(party, live, back, no)
    if live is None:
        no.when(_is_imported(party, back.import_key), "IMPORT_KEY_TAKEN")
    else:
        no.when(party.group.archived and MONEY & differing(live, back), "GROUP_ARCHIVED")
    kept = {share.member_id for share in live.shares} if live else set()
    try:
        require_members(party, back, kept)
    except Refused as refused:
        no |= refused.reasons
    original = None
    try:
        original = refunded_by(party, back)
    except Refused as refused:
        no |= refused.reasons
    if original is not None:
        left = left_of(party, original, back)
        no.when(
            any(share.owed_minor > left.get(share.member_id, 0) for share in back.shares), "REFUND_EXCEEDS_ORIGINAL"
        )
    no.stop()
    back.version = party.next_seq
    party.require_range([Put(back)])
    return back
