"""What becomes of a transaction when a part of it changes? Pure, and the same as on the server: it is taken back to a draft, changed,
and composed again."""

from collections.abc import Sequence
from typing import Any

from tallystick_client.offline.composing import (
    MADE_ELSEWHERE,
    TRANSFER,
    Draft,
    Named,
    canonical,
    compose_entries,
    finish,
)
from tallystick_client.offline.masks import copy_of, overlay, touched
from tallystick_client.offline.refusals import CannotApply
from tallystick_client.v1.ledger_pb2 import Entry, Split, Transaction, TransactionDraft, TransactionStatus
from tallystick_client.v1.ledger_transactions_pb2 import SplitChange
from tallystick_client.v1.money_pb2 import Money

PENDING = TransactionStatus.TRANSACTION_STATUS_PENDING
CLEARED = TransactionStatus.TRANSACTION_STATUS_CLEARED
RECONCILED = TransactionStatus.TRANSACTION_STATUS_RECONCILED

_CHANGEABLE = tuple(name for name in TransactionDraft.DESCRIPTOR.fields_by_name if name != "transaction_id")
_OF_TRANSFERS = ("to_account_id", "to_amount", "to_import_key")
_OF_PARTS = ("category_id", "splits")
_MONEY = ("kind", "account_id", "category_id", "amount", "splits", "import_key", *_OF_TRANSFERS)
_IDS = ("payee_id", "payment_method_id", "refund_of_id")
_PLAIN = ("booked_on", "payee", "note", *_IDS)


def compose_from(draft: Draft, onto: Transaction, before: Sequence[Entry], named: Named) -> Transaction:
    """`onto` as the draft has it. `before` are the entries that may go on."""
    stays = bool(onto.entries) and _is_same_money(draft, onto)
    entries = list(onto.entries) if stays else compose_entries(draft, named, before)
    entries = [copy_of(entry) for entry in entries]
    _carry_statuses(entries, before, draft.status)
    onto.kind = draft.kind
    for name in _PLAIN:
        setattr(onto, name, getattr(draft, name))
    for name in _IDS:
        setattr(onto, name, canonical(getattr(onto, name)))
    onto.ClearField("tag_ids")
    onto.tag_ids.extend(canonical(each) for each in draft.tag_ids)
    onto.ClearField("attachment_ids")
    onto.attachment_ids.extend(canonical(each) for each in draft.attachment_ids)
    onto.ClearField("entries")
    onto.entries.extend(entries)
    return finish(onto, named)


def change(before: Transaction, update: Any, named: Named, *, unlock: bool) -> Transaction:
    """The transaction with an update laid over it."""
    draft = _change_draft(before, update)
    after = compose_from(draft, copy_of(before), before.entries, named)
    _require_unlocked(before, after, unlock=unlock)
    after.status = min(entry.status for entry in after.entries)
    return after


def require_deletable(before: Transaction, *, unlock: bool) -> None:
    if not unlock and any(entry.status == RECONCILED for entry in before.entries):
        raise CannotApply


def bring_back(before: Transaction, named: Named) -> Transaction:
    """A deleted transaction as it comes back: without categories that went meanwhile, and on no statement."""
    again = copy_of(before)
    for entry in again.entries:
        if named.live("category", entry.category_id) is None:
            entry.category_id = ""
        if entry.status == RECONCILED:
            entry.status = CLEARED
    return finish(again, named)


def draft_of(transaction: Transaction) -> TransactionDraft:
    """A transaction as somebody would write it down. The status is left open: entries keep theirs."""
    entries, first = transaction.entries, transaction.entries[0]
    draft = TransactionDraft(
        kind=transaction.kind,
        account_id=first.account_id,
        amount=_magnitude_of(transaction),
        tag_ids=transaction.tag_ids,
        attachment_ids=transaction.attachment_ids,
        import_key=first.import_key,
        **{name: getattr(transaction, name) for name in _PLAIN},
    )
    if transaction.kind in MADE_ELSEWHERE:
        draft.amount.minor = first.amount.minor
    elif transaction.kind == TRANSFER:
        draft.to_account_id, draft.to_import_key = entries[1].account_id, entries[1].import_key
        if entries[1].amount.currency != first.amount.currency:
            draft.to_amount.CopyFrom(entries[1].amount)
    elif len(entries) == 1 and not first.note:
        draft.category_id = first.category_id
    else:
        draft.splits.extend(_split_of(entry, first.account_id) for entry in entries)
    return draft


def _magnitude_of(transaction: Transaction) -> Money:
    first = transaction.entries[0].amount
    if transaction.kind == TRANSFER:
        return Money(currency=first.currency, minor=-first.minor)
    return Money(currency=first.currency, minor=abs(sum(entry.amount.minor for entry in transaction.entries)))


def _split_of(entry: Entry, usual_account_id: str) -> Split:
    return Split(
        category_id=entry.category_id,
        amount=Money(currency=entry.amount.currency, minor=abs(entry.amount.minor)),
        account_id=entry.account_id if entry.account_id != usual_account_id else "",
        note=entry.note,
        line=entry.line,
    )


def _change_draft(before: Transaction, update: Any) -> TransactionDraft:
    names = touched(update.update_mask.paths, update.change, _CHANGEABLE)
    new = overlay(draft_of(before), update.change, names)
    _require_kind(before, new)
    for name in _OF_PARTS if new.kind == TRANSFER else _OF_TRANSFERS:
        if name not in names:
            new.ClearField(name)  # type: ignore[arg-type]  # every name is a field's
    if "splits" in names and new.splits and "category_id" not in names:
        new.category_id = ""
    if update.split_changes:
        _change_splits(new, before, update.split_changes)
    return new


def _require_kind(before: Transaction, draft: TransactionDraft) -> None:
    """Opening balances and adjustments are made, and stay, what they are."""
    is_special = before.kind in MADE_ELSEWHERE
    if draft.kind != before.kind and (is_special or draft.kind in MADE_ELSEWHERE):
        raise CannotApply
    if is_special and (draft.splits or canonical(draft.account_id) != before.entries[0].account_id):
        raise CannotApply
    if not (draft.kind and draft.account_id and draft.booked_on and draft.HasField("amount")):
        raise CannotApply


def _change_splits(draft: TransactionDraft, before: Transaction, changes: Sequence[SplitChange]) -> None:
    """Changes single splits in place. An expense with one part is a split of one."""
    if not draft.splits and draft.kind not in {TRANSFER, *MADE_ELSEWHERE}:
        draft.splits.extend(_split_of(entry, draft.account_id) for entry in before.entries)
        draft.category_id = ""
    by_line = {split.line: split for split in draft.splits if split.HasField("line")}
    for each in changes:
        split = by_line.get(each.line)
        if split is None:
            raise CannotApply
        for name in ("category_id", "account_id", "note"):
            if each.HasField(name):
                setattr(split, name, getattr(each, name))
        if each.HasField("amount"):
            split.amount.CopyFrom(each.amount)


def _is_same_money(draft: Draft, transaction: Transaction) -> bool:
    old = draft_of(transaction)
    return all(getattr(old, name) == getattr(draft, name) for name in _MONEY)


def _carry_statuses(entries: Sequence[Entry], before: Sequence[Entry], status: TransactionStatus.ValueType) -> None:
    """Entries that go on keep their status, unless one is given. New ones are pending beside pending ones, and cleared otherwise."""
    known = {entry.line: entry.status for entry in before}
    usual = PENDING if before and all(entry.status == PENDING for entry in before) else CLEARED
    for entry in entries:
        entry.status = status or known.get(entry.line) or usual


def _require_unlocked(before: Transaction, after: Transaction, *, unlock: bool) -> None:
    """A reconciled entry keeps its account, amount, date and status, and stays. With `unlock` it may change, and is cleared then."""
    following = {entry.line: entry for entry in after.entries}
    moved = after.booked_on != before.booked_on
    for entry in before.entries:
        if entry.status != RECONCILED:
            continue
        now = following.get(entry.line)
        if now is not None and not moved and _is_same_entry(entry, now) and now.status == RECONCILED:
            continue
        if not unlock:
            raise CannotApply
        if now is not None and now.status == RECONCILED:
            now.status = CLEARED


def _is_same_entry(one: Entry, other: Entry) -> bool:
    return one.account_id == other.account_id and one.amount == other.amount
