"""What becomes of a transaction when somebody changes a part of it? Pure: it is taken back to a draft, changed, and composed again."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from google.protobuf.field_mask_pb2 import FieldMask

from tallystick import masks
from tallystick.errors import InvalidInput, RuleBroken
from tallystick.ledger import rules
from tallystick.ledger.gist import magnitude_of
from tallystick.ledger.transactions.rules import (
    CLEARED,
    FILE,
    MADE_ELSEWHERE,
    PENDING,
    RECONCILED,
    TRANSFER,
    Draft,
    Named,
    labels_of,
)
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.ledger_pb2 import Entry, Split, Transaction, TransactionDraft, TransactionStatus
from tallystick.v1.ledger_transactions_pb2 import SplitChange
from tallystick.v1.money_pb2 import Money

CHANGEABLE = tuple(name for name in TransactionDraft.DESCRIPTOR.fields_by_name if name != "transaction_id")
# What a draft says of a transfer's second leg, and of everything but transfers.
_OF_TRANSFERS = ("to_account_id", "to_amount", "to_import_key")
_OF_PARTS = ("category_id", "splits")
_MONEY = ("kind", "account_id", "category_id", "amount", "splits", "import_key", *_OF_TRANSFERS)
# Fields that the transaction keeps as they stand in the draft.
PLAIN = ("booked_on", "payee", "note", "payee_id", "payment_method_id", "refund_of_id")


class Update(Protocol):
    """What a single update and one of a batch have in common."""

    @property
    def update_mask(self) -> FieldMask: ...
    @property
    def change(self) -> TransactionDraft: ...
    @property
    def split_changes(self) -> Sequence[SplitChange]: ...


def draft_of(transaction: Transaction) -> TransactionDraft:
    """A transaction as somebody would write it down. The status is left open: entries keep theirs."""
    entries, first = transaction.entries, transaction.entries[0]
    draft = TransactionDraft(
        kind=transaction.kind,
        account_id=first.account_id,
        amount=magnitude_of(transaction),
        tag_ids=transaction.tag_ids,
        attachment_ids=transaction.attachment_ids,
        import_key=first.import_key,
        **{name: getattr(transaction, name) for name in PLAIN},
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


def _split_of(entry: Entry, usual_account_id: str) -> Split:
    return Split(
        category_id=entry.category_id,
        amount=Money(currency=entry.amount.currency, minor=abs(entry.amount.minor)),
        account_id=entry.account_id if entry.account_id != usual_account_id else "",
        note=entry.note,
        line=entry.line,
    )


def change_draft(before: Transaction, update: Update) -> TransactionDraft:
    """The draft of a transaction with a change laid over it."""
    old = draft_of(before)
    names = masks.touched(update.update_mask.paths, update.change, CHANGEABLE)
    new = masks.overlay(old, update.change, names)
    _require_kind(before, new)
    if new.kind == TRANSFER:
        _clear(new, _OF_PARTS, but=names)
    else:
        _clear(new, _OF_TRANSFERS, but=names)
    if "splits" in names and new.splits and "category_id" not in names:
        new.category_id = ""
    if update.split_changes:
        _change_splits(new, before, update.split_changes)
    return new


def _require_kind(before: Transaction, draft: TransactionDraft) -> None:
    """Opening balances and adjustments are made, and stay, what they are."""
    if draft.kind != before.kind and (draft.kind in MADE_ELSEWHERE or before.kind in MADE_ELSEWHERE):
        raise InvalidInput.of_field("change.kind", "cannot become this kind, or another one")
    if before.kind in MADE_ELSEWHERE and rules.canonical(draft.account_id) != before.entries[0].account_id:
        raise InvalidInput.of_field("change.account_id", "cannot change: it belongs to its account")
    if not draft.kind:
        raise InvalidInput.of_field("change.kind", "must be stated")
    if draft.splits and draft.kind in MADE_ELSEWHERE:
        raise InvalidInput.of_field("change.splits", "is not for this kind")
    if not draft.account_id or not draft.booked_on or not draft.HasField("amount"):
        missing = "account_id" if not draft.account_id else "booked_on" if not draft.booked_on else "amount"
        raise InvalidInput.of_field(f"change.{missing}", "cannot be empty")


def _clear(draft: TransactionDraft, names: Sequence[str], *, but: Sequence[str]) -> None:
    for name in names:
        if name not in but:
            draft.ClearField(name)  # type: ignore[arg-type]  # every name is a field's


def _change_splits(draft: TransactionDraft, before: Transaction, changes: Sequence[SplitChange]) -> None:
    """Changes single splits in place. An expense with one part is a split of one."""
    if not draft.splits and draft.kind not in {TRANSFER, *MADE_ELSEWHERE}:
        draft.splits.extend(_split_of(entry, draft.account_id) for entry in before.entries)
        draft.category_id = ""
    by_line = {split.line: split for split in draft.splits if split.HasField("line")}
    for index, change in enumerate(changes):
        split = by_line.get(change.line)
        if split is None:
            raise InvalidInput.of_field(f"split_changes[{index}].line", "is no line of this transaction")
        for name in ("category_id", "account_id", "note"):
            if change.HasField(name):
                setattr(split, name, getattr(change, name))
        if change.HasField("amount"):
            split.amount.CopyFrom(change.amount)


def is_same_money(draft: Draft, transaction: Transaction) -> bool:
    """Whether the draft says of accounts, categories and amounts what the transaction has."""
    old = draft_of(transaction)
    return all(getattr(old, name) == getattr(draft, name) for name in _MONEY)


def without_lost_categories(transaction: Transaction, named: Named) -> Transaction:
    """What comes back does not bring back categories that were deleted or merged meanwhile."""
    for entry in transaction.entries:
        if entry.category_id not in named.categories:
            entry.category_id = ""
    return transaction


def without_lost_labels(draft: TransactionDraft, named: Named) -> TransactionDraft:
    """Nor payees, payment methods, tags and files."""
    lost = set(labels_of(draft)) - named.labels
    for kind, name in (("payee", "payee_id"), ("payment_method", "payment_method_id")):
        if any(each == kind for each, _ in lost):
            draft.ClearField(name)  # type: ignore[arg-type]  # both are fields
    for kind, ids in (("tag", draft.tag_ids), (FILE, draft.attachment_ids)):
        ids[:] = [each for each in ids if (kind, UUID(each)) not in lost]
    return draft


def carry_statuses(entries: Sequence[Entry], before: Sequence[Entry], status: TransactionStatus.ValueType) -> None:
    """Entries that go on keep their status, unless one is given. New ones are pending beside pending ones, and cleared otherwise."""
    known = {entry.line: entry.status for entry in before}
    usual = PENDING if before and all(entry.status == PENDING for entry in before) else CLEARED
    for entry in entries:
        entry.status = status or known.get(entry.line) or usual


def forget_statements(entries: Sequence[Entry], now: Sequence[Entry]) -> None:
    """What comes back from the past is on a statement only if it is on one now."""
    covered = {entry.line for entry in now if entry.status == RECONCILED}
    for entry in entries:
        if entry.status == RECONCILED and entry.line not in covered:
            entry.status = CLEARED


def require_unlocked(before: Transaction, after: Transaction | None, *, unlock: bool) -> None:
    """A reconciled entry keeps its account, amount, date and status, and stays. With `unlock` it may change, and is cleared then."""
    following = {entry.line: entry for entry in after.entries} if after else {}
    moved = after is not None and after.booked_on != before.booked_on
    for entry in before.entries:
        if entry.status != RECONCILED:
            continue
        now = following.get(entry.line)
        if now is not None and not moved and _is_same_money(entry, now) and now.status == RECONCILED:
            continue
        if not unlock:
            raise RuleBroken(
                ErrorReason.ERROR_REASON_ENTRY_RECONCILED,
                "A statement covers it.",
                metadata={"transaction_id": before.id, "account_id": entry.account_id},
            )
        if now is not None and now.status == RECONCILED:
            now.status = CLEARED


def _is_same_money(one: Entry, other: Entry) -> bool:
    return one.account_id == other.account_id and one.amount == other.amount
