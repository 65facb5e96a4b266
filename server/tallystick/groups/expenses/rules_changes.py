"""What becomes of an expense when somebody changes a part of it? Pure: it is taken back to a draft, changed, and composed again.

Where nothing changes that the shares follow from, they are not even looked at: they stay byte for byte.
"""

from collections.abc import Iterable, Sequence

from google.protobuf.field_mask_pb2 import FieldMask

from tallystick import masks
from tallystick.errors import InvalidInput
from tallystick.groups.expenses.rules import MONEY, PLAIN, Known, compose, compose_plain
from tallystick.groups.expenses.rules_conversion import converted_again
from tallystick.groups.profiles.rules import require_in_use
from tallystick.groups.rules_merging import group_of
from tallystick.ledger.rules import require_date
from tallystick.merging import changed_fields
from tallystick.v1.group_expenses_pb2 import Expense, ExpenseDraft

CHANGEABLE = (
    "kind",
    "booked_on",
    "description",
    "amount",
    "payers",
    "split",
    "conversion",
    "category",
    "note",
    "receipt_ids",
    "refund_of_id",
)
_CONVERSION = ("conversion", "convert_with", "convert_source")
# Of these the shares follow.
_DECIDING = tuple(name for name in CHANGEABLE if name in MONEY)


def draft_of(expense: Expense) -> ExpenseDraft:
    """An expense as somebody would write it down."""
    draft = ExpenseDraft(
        kind=expense.kind,
        payers=expense.payers,
        receipt_ids=expense.receipt_ids,
        refund_of_id=expense.refund_of_id,
        **{name: getattr(expense, name) for name in PLAIN},
    )
    draft.amount.CopyFrom(expense.amount)
    for name in ("split", "conversion"):
        if expense.HasField(name):
            getattr(draft, name).CopyFrom(getattr(expense, name))
    return draft


def change_draft(before: Expense, mask: FieldMask, change: ExpenseDraft) -> ExpenseDraft:
    """The draft of an expense with a change laid over it, and what follows from an amount."""
    names = set(masks.touched(mask.paths, change, CHANGEABLE))
    if not mask.paths and change.convert_with:
        names.add("conversion")
    old = draft_of(before)
    new = masks.overlay(old, change, [*names, *(_CONVERSION if "conversion" in names else ())])
    if new.amount == old.amount:
        return new
    if "payers" not in names and len(new.payers) == 1:
        new.payers[0].minor = new.amount.minor
    if "conversion" not in names:
        _convert_again(before, new)
    return new


def compose_changed(draft: ExpenseDraft, before: Expense, known: Known) -> Expense:
    after = copy_of(before)
    old = draft_of(before)
    if all(getattr(draft, name) == getattr(old, name) for name in _DECIDING) and not draft.convert_with:
        require_date("booked_on", draft.booked_on)
        return compose_plain(draft, after, known)
    require_in_use(known.group)
    return compose(draft, after, known)


def is_stale(before: Expense, after: Expense, since: Iterable[Sequence[str]]) -> bool:
    """Whether what is about to change was changed meanwhile. Who pays, how it is shared and how much it is are one."""
    changing = {group_of(name) for name in changed_fields(before, after)}
    return masks.is_stale(changing, ([group_of(name) for name in fields] for fields in since))


def copy_of(expense: Expense) -> Expense:
    copy = Expense()
    copy.CopyFrom(expense)
    return copy


def _convert_again(before: Expense, draft: ExpenseDraft) -> None:
    """An amount that changed counts by the rate that is kept. Where both amounts were given, or another currency, somebody must say
    anew; but what is in the currency that it counts as needs no conversion, and a refund is converted as its expense is."""
    kept = before.conversion
    if not before.HasField("conversion"):
        return
    if draft.amount.currency == kept.amount.currency or (not kept.rate and draft.refund_of_id):
        draft.ClearField("conversion")
    elif kept.rate and draft.amount.currency == before.amount.currency:
        draft.conversion.CopyFrom(converted_again(kept, draft.amount))
    else:
        raise InvalidInput.of_field("conversion", "must be said anew: the amount changed")
