"""What does an expense come to, as somebody wrote it down or changed it? Pure, and the same as on the server: from its draft and what the
copy has, the expense with its shares.

Where nothing changes that the shares follow from, they are not even looked at.
"""

from collections.abc import Iterable
from typing import Any

from tallystick_client.offline.composing import canonical
from tallystick_client.offline.converting import conversion_of, converted_again
from tallystick_client.offline.making import Making
from tallystick_client.offline.masks import copy_of, overlay, touched
from tallystick_client.offline.refunding import Refundable, require_refundable
from tallystick_client.offline.refusals import CannotApply
from tallystick_client.offline.roster import group_in, own_member, present_ids, require_day, require_in, require_in_use
from tallystick_client.offline.shares import Outcome, divide, shares_of
from tallystick_client.offline.splits import canonical_split, default_split, paid_by, spec_of
from tallystick_client.splitting import SPLIT_RULE_VERSION
from tallystick_client.v1.group_expenses_pb2 import Expense, ExpenseDraft, ExpenseKind, UpdateExpenseRequest
from tallystick_client.v1.group_splits_pb2 import Payer

_PLAIN = ("booked_on", "description", "category", "note", "import_key")
_DECIDING = ("kind", "amount", "payers", "split", "conversion", "refund_of_id")
_MONEY = (*_DECIDING, "shares", "rule_version")
_CHANGEABLE = ("booked_on", "description", "category", "note", "receipt_ids", *_DECIDING)
_CONVERSION = ("conversion", "convert_with", "convert_source")


def compose(draft: ExpenseDraft, onto: Expense, making: Making) -> Expense:
    """`onto`, which has its ids, with all that the draft says and what follows from it."""
    _compose_plain(draft, onto)
    group, named_before = group_in(making), members_of(onto)
    if draft.amount.minor <= 0:
        raise CannotApply
    onto.kind = draft.kind or ExpenseKind.EXPENSE_KIND_EXPENSE
    onto.amount.CopyFrom(draft.amount)
    onto.refund_of_id = canonical(draft.refund_of_id)
    source = _refundable(onto, making)
    _put(onto, "payers", _payers_of(draft, making))
    conversion = conversion_of(draft, group.default_currency, onto.conversion.amount.currency)
    if conversion is None and source is not None:
        conversion = source.convert(draft.amount.minor)
    onto.ClearField("conversion")
    if conversion is not None:
        onto.conversion.CopyFrom(conversion)
    onto.ClearField("split")
    if draft.HasField("split"):
        onto.split.CopyFrom(canonical_split(draft.split))
    elif source is None:
        onto.split.CopyFrom(default_split(group, present_ids(making)))
    try:
        outcome = _outcome_of(onto, source)
    except (ValueError, OverflowError) as refused:
        raise CannotApply from refused
    onto.rule_version = SPLIT_RULE_VERSION
    _put(onto, "shares", shares_of(outcome))
    require_in(making, members_of(onto), kept=named_before)
    return onto


def compose_changed(before: Expense, command: UpdateExpenseRequest, making: Making) -> Expense:
    """The expense with a change laid over it."""
    draft, old = _change_draft(before, command), _draft_of(before)
    if all(getattr(draft, name) == getattr(old, name) for name in _DECIDING) and not draft.convert_with:
        return _compose_plain(draft, copy_of(before))
    require_in_use(group_in(making))
    return compose(draft, copy_of(before), making)


def is_moving(before: Expense, after: Expense) -> bool:
    """Whether anything about money differs."""
    return any(getattr(before, name) != getattr(after, name) for name in _MONEY)


def refunds_of(making: Making, expense_id: str) -> list[Expense]:
    expenses: Iterable[Expense] = (row.message for row in making.view.rows("expense") if not row.deleted)
    return [each for each in expenses if each.refund_of_id == expense_id]


def require_left(making: Making, expense: Expense) -> None:
    """If it is a refund of an expense: of that there is as much left."""
    source = _refundable(expense, making)
    if source is not None:
        source.require_left({share.member_id: share.owed_minor for share in expense.shares})


def members_of(expense: Expense) -> list[str]:
    return [share.member_id for share in expense.shares]


def _compose_plain(draft: ExpenseDraft, onto: Expense) -> Expense:
    """`onto` with what describes it. No cent moves."""
    require_day(draft.booked_on)
    for name in _PLAIN:
        setattr(onto, name, getattr(draft, name))
    _put(onto, "receipt_ids", [canonical(each) for each in draft.receipt_ids])
    return onto


def _payers_of(draft: ExpenseDraft, making: Making) -> list[Payer]:
    if not draft.payers:
        return [Payer(member_id=own_member(making).id, minor=draft.amount.minor)]
    return [Payer(member_id=canonical(each.member_id), minor=each.minor) for each in draft.payers]


def _refundable(refund: Expense, making: Making) -> Refundable | None:
    """What the refund gives back of. None: it names no expense."""
    if not refund.refund_of_id:
        return None
    original = making.require("expense", refund.refund_of_id)
    return require_refundable(refund, original, refunds_of(making, refund.refund_of_id))


def _outcome_of(expense: Expense, source: Refundable | None) -> Outcome:
    amount_minor, paid = expense.amount.minor, paid_by(expense.payers)
    if source is not None and _is_shared_as(expense, source.original):
        if sum(paid.values()) != amount_minor:
            raise CannotApply
        return source.mirror(expense, paid)
    converted_minor = expense.conversion.amount.minor if expense.HasField("conversion") else None
    outcome = divide(expense.id, amount_minor, paid, spec_of(expense.split), converted_minor)
    if source is not None:
        source.require_left(outcome.plain.owed)
    return outcome


def _is_shared_as(refund: Expense, original: Expense) -> bool:
    return not refund.HasField("split") or spec_of(refund.split) == spec_of(original.split)


def _put(onto: Any, name: str, values: Iterable[object]) -> None:
    onto.ClearField(name)
    getattr(onto, name).extend(values)


def _draft_of(expense: Expense) -> ExpenseDraft:
    """An expense as somebody would write it down."""
    return overlay(ExpenseDraft(), expense, (*_CHANGEABLE, "import_key"))


def _change_draft(before: Expense, command: UpdateExpenseRequest) -> ExpenseDraft:
    """The draft of an expense with a change laid over it, and what follows from an amount."""
    names = set(touched(command.update_mask.paths, command.change, _CHANGEABLE))
    if not command.update_mask.paths and command.change.convert_with:
        names.add("conversion")
    old = _draft_of(before)
    new = overlay(old, command.change, [*names, *(_CONVERSION if "conversion" in names else ())])
    if new.amount == old.amount:
        return new
    if "payers" not in names and len(new.payers) == 1:
        new.payers[0].minor = new.amount.minor
    if "conversion" not in names:
        _convert_again(before, new)
    return new


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
        raise CannotApply
