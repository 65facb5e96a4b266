"""Which transaction is it that somebody writes down, or changes? Said as the contract says it, without a look at the server's code."""

from collections.abc import Iterable, Sequence
from decimal import Context, Decimal
from typing import TypeVar

from google.protobuf.message import Message

from model.state import CLEARED, MONEY_MAX, PENDING, Book, Faults, Refused, copied
from tallystick_client.v1.ledger_labels_pb2 import Payee, PaymentMethod, Tag
from tallystick_client.v1.ledger_pb2 import (
    Account,
    Category,
    CategoryKind,
    Entry,
    Split,
    Transaction,
    TransactionDraft,
    TransactionKind,
)
from tallystick_client.v1.ledger_transactions_pb2 import SplitChange, TransactionUpdate, UpdateTransactionRequest
from tallystick_client.v1.money_pb2 import Money

M = TypeVar("M", bound=Message)

EXPENSE, INCOME = TransactionKind.TRANSACTION_KIND_EXPENSE, TransactionKind.TRANSACTION_KIND_INCOME
TRANSFER, REFUND = TransactionKind.TRANSACTION_KIND_TRANSFER, TransactionKind.TRANSACTION_KIND_REFUND
MADE_ELSEWHERE = {TransactionKind.TRANSACTION_KIND_OPENING, TransactionKind.TRANSACTION_KIND_ADJUSTMENT}
DECIMALS = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}
DRAFT_FIELDS = [name for name in TransactionDraft.DESCRIPTOR.fields_by_name if name != "transaction_id"]
OF_TRANSFERS = ("to_account_id", "to_amount", "to_import_key")
OF_PARTS = ("category_id", "splits")
# What is about money. Where none of it changes nobody needs to see all accounts.
MONEY = ("kind", "account_id", "amount", "import_key", *OF_PARTS, *OF_TRANSFERS)
PLAIN = ("kind", "booked_on", "payee", "note", "payee_id", "payment_method_id", "refund_of_id")


def magnitude(transaction: Transaction) -> Money:
    first = transaction.entries[0].amount
    minor = first.minor if transaction.kind == TRANSFER else sum(entry.amount.minor for entry in transaction.entries)
    return Money(currency=first.currency, minor=abs(minor))


def draft_of(transaction: Transaction) -> TransactionDraft:
    """A transaction as somebody would have written it down."""
    first, *others = transaction.entries
    draft = TransactionDraft(account_id=first.account_id, amount=magnitude(transaction), import_key=first.import_key)
    draft.MergeFrom(TransactionDraft(**{name: getattr(transaction, name) for name in PLAIN}))
    draft.tag_ids.extend(transaction.tag_ids)
    if transaction.kind in MADE_ELSEWHERE:
        draft.amount.minor = first.amount.minor
    elif transaction.kind == TRANSFER:
        draft.to_account_id, draft.to_import_key = others[0].account_id, others[0].import_key
        if others[0].amount.currency != first.amount.currency:
            draft.to_amount.CopyFrom(others[0].amount)
    elif others or first.note:
        draft.splits.extend(split_of(entry, first.account_id) for entry in transaction.entries)
    else:
        draft.category_id = first.category_id
    return draft


def split_of(entry: Entry, usual_account_id: str) -> Split:
    return Split(
        line=entry.line,
        category_id=entry.category_id,
        account_id="" if entry.account_id == usual_account_id else entry.account_id,
        amount=Money(currency=entry.amount.currency, minor=abs(entry.amount.minor)),
        note=entry.note,
    )


def touched(change: Message, paths: Sequence[str], changeable: Sequence[str]) -> list[str]:
    """Which fields a mask names. None: all that are not empty."""
    if list(paths) == ["*"]:
        return list(changeable)
    if set(paths) - set(changeable):
        raise Refused(["INVALID_UPDATE_MASK"])
    return list(paths) or [field.name for field, _ in change.ListFields() if field.name in changeable]


def laid_over(before: M, change: M, names: Iterable[str]) -> M:
    """`before` with some fields as `change` has them."""
    after, taken = copied(before), copied(change)
    for name in {field.name for field, _ in taken.ListFields()} - set(names):
        taken.ClearField(name)
    for name in names:
        after.ClearField(name)
    after.MergeFrom(taken)
    return after


def changed_draft(before: Transaction, update: TransactionUpdate | UpdateTransactionRequest) -> TransactionDraft:
    names = touched(update.change, update.update_mask.paths, DRAFT_FIELDS)
    draft = laid_over(draft_of(before), update.change, names)
    no = Faults()
    no.when(draft.kind != before.kind and {draft.kind, before.kind} & MADE_ELSEWHERE, "INVALID_FIELD")
    moves_elsewhere = before.kind in MADE_ELSEWHERE and draft.account_id != before.entries[0].account_id
    no.when(moves_elsewhere, "INVALID_FIELD")
    whole = draft.kind and draft.account_id and draft.booked_on and draft.HasField("amount")
    no.when(not whole, "INVALID_FIELD")
    for name in OF_PARTS if draft.kind == TRANSFER else OF_TRANSFERS:
        if name not in names:
            draft.ClearField(name)  # type: ignore[arg-type]  # both tuples hold names of fields
    if draft.splits and "splits" in names and "category_id" not in names:
        draft.category_id = ""
    if update.split_changes:
        _change_splits(draft, before, update.split_changes, no)
    no.stop()
    return draft


def _change_splits(draft: TransactionDraft, before: Transaction, changes: Sequence[SplitChange], no: Faults) -> None:
    if not draft.splits and draft.kind != TRANSFER and draft.kind not in MADE_ELSEWHERE:
        # What has one part is a split of one.
        draft.category_id = ""
        draft.splits.extend(split_of(entry, draft.account_id) for entry in before.entries)
    by_line = {split.line: split for split in draft.splits if split.HasField("line")}
    for change in changes:
        split = by_line.get(change.line)
        if no.when(split is None, "INVALID_FIELD") or split is None:
            continue
        if change.HasField("category_id"):
            split.category_id = change.category_id
        if change.HasField("account_id"):
            split.account_id = change.account_id
        if change.HasField("note"):
            split.note = change.note
        if change.HasField("amount"):
            split.amount.CopyFrom(change.amount)


def composed(book: Book, user: str, draft: TransactionDraft, onto: Transaction, before: Sequence[Entry]) -> Transaction:
    """`onto` as the draft says. `before` are entries that may go on."""
    no = Faults()
    no.when(not exists_on_calendar(draft.booked_on), "INVALID_DATE")
    old = draft_of(onto) if onto.entries else TransactionDraft()
    stays = onto.entries and all(getattr(old, name) == getattr(draft, name) for name in MONEY)
    entries = [copied(each) for each in onto.entries] if stays else _entries(book, user, draft, onto, before, no)
    for kind, label_id in sorted(labels(draft) - labels(old), key=str):
        no.when(book.find(user, kind, label_id) is None, "NOT_FOUND")
    no.stop()
    statuses = {entry.line: entry.status for entry in before}
    usual = PENDING if before and set(statuses.values()) == {PENDING} else CLEARED
    for entry in entries:
        entry.status = draft.status or statuses.get(entry.line) or usual
    made = copied(onto)
    for name in PLAIN:
        setattr(made, name, getattr(draft, name))
    made.tag_ids[:] = draft.tag_ids
    del made.entries[:]
    made.entries.extend(entries)
    return finished(book, made)


def labels(draft: TransactionDraft) -> set[tuple[type[Message], str]]:
    named: list[tuple[type[Message], str]] = [(Payee, draft.payee_id), (PaymentMethod, draft.payment_method_id)]
    named += [(Tag, tag_id) for tag_id in draft.tag_ids]
    return {(kind, label_id) for kind, label_id in named if label_id}


def finished(book: Book, made: Transaction) -> Transaction:
    """Fills in what follows from the entries."""
    made.status = min(entry.status for entry in made.entries)
    made.implied_rate = ""
    if made.kind == TRANSFER and made.entries[0].amount.currency != made.entries[1].amount.currency:
        leaves, arrives = (Decimal(e.amount.minor).scaleb(-DECIMALS[e.amount.currency]) for e in made.entries)
        made.implied_rate = f"{Context(prec=12).divide(arrives, -leaves).normalize():f}"
    owners = {book.live[entry.account_id].private_to for entry in made.entries if entry.account_id in book.live}
    made.private_to = owners.pop() if len(owners) == 1 else ""
    return made


def _entries(
    book: Book, user: str, draft: TransactionDraft, onto: Transaction, before: Sequence[Entry], no: Faults
) -> list[Entry]:
    minor, currency = draft.amount.minor, draft.amount.currency
    no.when(currency not in DECIMALS, "UNKNOWN_CURRENCY")
    if no.when(minor == 0 or (minor < 0 and draft.kind not in MADE_ELSEWHERE), "INVALID_FIELD"):
        no.add("AMOUNT_OUT_OF_RANGE")
    no.when(minor < -MONEY_MAX, "AMOUNT_OUT_OF_RANGE")
    if draft.kind == TRANSFER:
        return _legs(book, user, draft, before, no)
    no.when(draft.to_account_id or draft.to_import_key or draft.HasField("to_amount"), "INVALID_FIELD")
    no.when(draft.splits and (draft.category_id or draft.kind in MADE_ELSEWHERE), "INVALID_FIELD")
    parts = list(draft.splits) or [Split(category_id=draft.category_id, amount=draft.amount)]
    no.when(sum(part.amount.minor for part in parts) != minor, "SPLITS_UNBALANCED")
    kept = {entry.category_id for entry in onto.entries}
    lines = _numbered(draft, before, no)
    entries = []
    for number, (part, line) in enumerate(zip(parts, lines, strict=True)):
        account_id = part.account_id or draft.account_id
        no.when(draft.splits and part.amount.minor <= 0, "INVALID_FIELD")
        no.when(part.amount.currency != currency, "CURRENCY_MISMATCH")
        _account(book, user, account_id, part.amount, no)
        _category(book, user, part.category_id, draft.kind, kept, no)
        amount = Money(currency=currency, minor=-part.amount.minor if draft.kind == EXPENSE else part.amount.minor)
        key = draft.import_key if number == 0 else ""
        entries.append(
            Entry(
                account_id=account_id,
                category_id=part.category_id,
                amount=amount,
                line=line,
                note=part.note,
                import_key=key,
            )
        )
    return entries


def _legs(book: Book, user: str, draft: TransactionDraft, before: Sequence[Entry], no: Faults) -> list[Entry]:
    no.when(not draft.to_account_id or draft.category_id or draft.splits, "INVALID_FIELD")
    no.when(draft.to_account_id == draft.account_id, "SAME_ACCOUNT")
    arrives = draft.to_amount if draft.HasField("to_amount") else draft.amount
    no.when(arrives.minor <= 0, "INVALID_FIELD")
    no.when(arrives.currency == draft.amount.currency and arrives.minor != draft.amount.minor, "INVALID_FIELD")
    _account(book, user, draft.account_id, draft.amount, no)
    if draft.to_account_id:
        _account(book, user, draft.to_account_id, arrives, no)
    lines = [entry.line for entry in before[:2]] if len(before) > 1 else [0, 1]
    leaves = Money(currency=draft.amount.currency, minor=-draft.amount.minor)
    return [
        Entry(account_id=draft.account_id, amount=leaves, line=lines[0], import_key=draft.import_key),
        Entry(account_id=draft.to_account_id, amount=arrives, line=lines[1], import_key=draft.to_import_key),
    ]


def _account(book: Book, user: str, account_id: str, amount: Money, no: Faults) -> None:
    found = book.find(user, Account, account_id)
    if not no.when(found is None, "NOT_FOUND") and found is not None:
        no.when(found.currency != amount.currency, "CURRENCY_MISMATCH")


def _category(
    book: Book, user: str, category_id: str, kind: TransactionKind.ValueType, kept: set[str], no: Faults
) -> None:
    if not category_id:
        return
    no.when(kind in MADE_ELSEWHERE, "INVALID_FIELD")
    found = book.find(user, Category, category_id)
    if no.when(found is None, "NOT_FOUND") or found is None:
        return
    right = CategoryKind.CATEGORY_KIND_INCOME if kind == INCOME else CategoryKind.CATEGORY_KIND_EXPENSE
    no.when(found.kind != right, "CATEGORY_KIND_MISMATCH")
    no.when(found.archived and category_id not in kept, "CATEGORY_ARCHIVED")


def _numbered(draft: TransactionDraft, before: Sequence[Entry], no: Faults) -> list[int]:
    """Parts that go on keep their lines; new ones come after them."""
    if not draft.splits:
        return [before[0].line if before else 0]
    known = [entry.line for entry in before]
    kept = [split.line for split in draft.splits if split.HasField("line")]
    no.when(set(kept) - set(known) or len(set(kept)) < len(kept), "INVALID_FIELD")
    following = iter(range(max(known, default=-1) + 1, 1 << 16))
    return [split.line if split.HasField("line") else next(following) for split in draft.splits]


def exists_on_calendar(day: str) -> bool:
    year, month, number = (int(part) for part in day.split("-"))
    if not (1 <= month <= 12 and year):
        return False
    long = month in (1, 3, 5, 7, 8, 10, 12)
    leap = (year % 4 == 0 and year % 100 != 0) or year % 400 == 0
    return 1 <= number <= (28 + leap if month == 2 else 30 + long)
