"""How does what somebody writes down become the entries of a transaction? Pure: drafts and what they name go in, entries come out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from tallystick.errors import FieldViolation, InvalidInput, NotVisible, RuleBroken
from tallystick.ledger.gist import magnitude_of
from tallystick.ledger.rates.rules import implied_rate
from tallystick.ledger.rules import AMOUNT_MAX, require_currency
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.ledger_pb2 import (
    Account,
    Category,
    CategoryKind,
    Entry,
    Split,
    Transaction,
    TransactionDraft,
    TransactionKind,
    TransactionStatus,
)
from tallystick.v1.ledger_service_pb2 import CreateTransactionRequest
from tallystick.v1.money_pb2 import Money

# The request of a single transaction and the draft of a batch have the same fields.
Draft = TransactionDraft | CreateTransactionRequest

EXPENSE = TransactionKind.TRANSACTION_KIND_EXPENSE
INCOME = TransactionKind.TRANSACTION_KIND_INCOME
TRANSFER = TransactionKind.TRANSACTION_KIND_TRANSFER
REFUND = TransactionKind.TRANSACTION_KIND_REFUND
# Made by other calls than those that record transactions, with an amount that may be below zero.
MADE_ELSEWHERE = frozenset({TransactionKind.TRANSACTION_KIND_OPENING, TransactionKind.TRANSACTION_KIND_ADJUSTMENT})
PENDING = TransactionStatus.TRANSACTION_STATUS_PENDING
CLEARED = TransactionStatus.TRANSACTION_STATUS_CLEARED
RECONCILED = TransactionStatus.TRANSACTION_STATUS_RECONCILED

CATEGORY_KIND_OF = {
    EXPENSE: CategoryKind.CATEGORY_KIND_EXPENSE,
    INCOME: CategoryKind.CATEGORY_KIND_INCOME,
    REFUND: CategoryKind.CATEGORY_KIND_EXPENSE,
}
FILE = "file"
_NO_CATEGORIES = (TRANSFER, *MADE_ELSEWHERE)


@dataclass(slots=True)
class Named:
    """What drafts name, by id, as far as it exists and the caller may see it."""

    accounts: Mapping[str, Account]
    categories: Mapping[str, Category]
    # Payees, payment methods, tags and files that exist: what they are, and their ids.
    labels: frozenset[tuple[str, UUID]] = frozenset()
    # What a transaction has already may stay, also if nothing new could have it.
    kept_categories: frozenset[str] = field(default=frozenset())


def require_whole(draft: Draft) -> None:
    """What the contract cannot ask of a draft, because a change leaves fields out."""
    if not draft.kind:
        raise InvalidInput.of_field("kind", "must be stated")
    if not draft.account_id:
        raise InvalidInput.of_field("account_id", "must be stated")
    if not draft.booked_on:
        raise InvalidInput.of_field("booked_on", "must be stated")
    if not draft.HasField("amount"):
        raise InvalidInput.of_field("amount", "must be stated")
    if draft.kind in MADE_ELSEWHERE:
        raise InvalidInput.of_field("kind", "is made by other calls")


def compose_entries(draft: Draft, named: Named, before: Sequence[Entry] = ()) -> list[Entry]:
    """The entries of a draft. Those that go on from `before` keep their lines, statuses and import keys."""
    require_currency("amount.currency", draft.amount.currency)
    # A transaction is about one amount; -2**63 has no positive twin.
    if draft.amount.minor == 0 or abs(draft.amount.minor) > AMOUNT_MAX:
        raise InvalidInput.of_field("amount.minor", "must be above zero", ErrorReason.ERROR_REASON_AMOUNT_OUT_OF_RANGE)
    if draft.amount.minor < 0 and draft.kind not in MADE_ELSEWHERE:
        raise InvalidInput.of_field("amount.minor", "must be above zero")
    if draft.kind == TRANSFER:
        return _compose_transfer(draft, named, before)
    for name in ("to_account_id", "to_import_key"):
        if getattr(draft, name):
            raise InvalidInput.of_field(name, "is for transfers only")
    if draft.HasField("to_amount"):
        raise InvalidInput.of_field("to_amount", "is for transfers only")
    return _compose_parts(draft, named, before)


def _compose_transfer(draft: Draft, named: Named, before: Sequence[Entry]) -> list[Entry]:
    if not draft.to_account_id:
        raise InvalidInput.of_field("to_account_id", "must be stated for a transfer")
    if draft.category_id or draft.splits:
        raise InvalidInput.of_field("category_id" if draft.category_id else "splits", "is not for transfers")
    source, target = account_of(named, draft.account_id), account_of(named, draft.to_account_id)
    if source.id == target.id:
        raise InvalidInput.of_field("to_account_id", "is the same account", ErrorReason.ERROR_REASON_SAME_ACCOUNT)
    _require_money_of(source, "amount", draft.amount)
    arriving = draft.to_amount if draft.HasField("to_amount") else draft.amount
    if arriving.currency != target.currency:
        raise currency_mismatch("to_amount.currency")
    if source.currency == target.currency and arriving.minor != draft.amount.minor:
        raise InvalidInput.of_field("to_amount.minor", "must be the amount, in one currency")
    if arriving.minor <= 0:
        raise InvalidInput.of_field("to_amount.minor", "must be above zero")
    lines = [entry.line for entry in before[:2]] if len(before) > 1 else [0, 1]
    return [
        _entry(source.id, "", -draft.amount.minor, draft.amount.currency, lines[0], "", draft.import_key),
        _entry(target.id, "", arriving.minor, arriving.currency, lines[1], "", draft.to_import_key),
    ]


def _compose_parts(draft: Draft, named: Named, before: Sequence[Entry]) -> list[Entry]:
    sign = -1 if draft.kind == EXPENSE else 1
    if not draft.splits:
        account = account_of(named, draft.account_id)
        _require_money_of(account, "amount", draft.amount)
        category = _category_of(named, draft.kind, "category_id", draft.category_id)
        line = before[0].line if before else 0
        minor, currency = sign * draft.amount.minor, draft.amount.currency
        return [_entry(account.id, category, minor, currency, line, "", draft.import_key)]
    if draft.category_id:
        raise InvalidInput.of_field("category_id", "stands beside splits, which have their own")
    require_balanced(draft.amount, draft.splits)
    lines = _lines_of(draft.splits, before)
    entries = []
    for index, (split, line) in enumerate(zip(draft.splits, lines, strict=True)):
        at = f"splits[{index}]"
        account = account_of(named, split.account_id or draft.account_id)
        _require_money_of(account, f"{at}.amount", split.amount)
        category = _category_of(named, draft.kind, f"{at}.category_id", split.category_id)
        key = draft.import_key if index == 0 else ""
        entries.append(
            _entry(account.id, category, sign * split.amount.minor, split.amount.currency, line, split.note, key)
        )
    return entries


def _entry(account_id: str, category_id: str, minor: int, currency: str, line: int, note: str, key: str) -> Entry:
    return Entry(
        account_id=account_id,
        category_id=category_id,
        amount=Money(currency=currency, minor=minor),
        line=line,
        note=note,
        import_key=key,
    )


def _lines_of(splits: Sequence[Split], before: Sequence[Entry]) -> list[int]:
    """Lines never change hands: a part that goes on keeps its own, and a new one gets one that was never used."""
    known = {entry.line for entry in before}
    kept = [split.line for split in splits if split.HasField("line")]
    strange = [line for line in kept if line not in known]
    if strange or len(set(kept)) < len(kept):
        index = next(
            i for i, s in enumerate(splits) if s.HasField("line") and (s.line in strange or kept.count(s.line) > 1)
        )
        raise InvalidInput.of_field(f"splits[{index}].line", "is no line of this transaction, or named twice")
    following = max(known, default=-1) + 1
    lines = []
    for split in splits:
        if split.HasField("line"):
            lines.append(split.line)
        else:
            lines.append(following)
            following += 1
    return lines


def require_balanced(amount: Money, splits: Sequence[Split]) -> None:
    for index, split in enumerate(splits):
        if split.amount.currency != amount.currency:
            raise currency_mismatch(f"splits[{index}].amount.currency")
    actual = sum(split.amount.minor for split in splits)
    if actual != amount.minor:
        raise _unbalanced(expected=amount.minor, actual=actual)


def _unbalanced(*, expected: int, actual: int) -> InvalidInput:
    numbers = {"expected": str(expected), "actual": str(actual), "difference": str(expected - actual)}
    return InvalidInput(
        ErrorReason.ERROR_REASON_SPLITS_UNBALANCED,
        "The splits do not add up to the amount.",
        metadata=numbers,
        violations=[FieldViolation("splits", "splits_unbalanced", f"add up to {actual} and not to {expected}")],
    )


def account_of(named: Named, account_id: str) -> Account:
    account = named.accounts.get(str(UUID(account_id)))
    if account is None:
        raise NotVisible
    return account


def _require_money_of(account: Account, field_name: str, amount: Money) -> None:
    if amount.currency != account.currency:
        raise currency_mismatch(f"{field_name}.currency")


def currency_mismatch(field_name: str) -> InvalidInput:
    return InvalidInput.of_field(
        field_name, "is not the account's currency", ErrorReason.ERROR_REASON_CURRENCY_MISMATCH
    )


def _category_of(named: Named, kind: TransactionKind.ValueType, field_name: str, category_id: str) -> str:
    if not category_id:
        return ""
    if kind in _NO_CATEGORIES:
        raise InvalidInput.of_field(field_name, "is not for this kind")
    category = named.categories.get(str(UUID(category_id)))
    if category is None:
        raise NotVisible
    if category.kind != CATEGORY_KIND_OF[kind]:
        raise InvalidInput.of_field(
            field_name, "is a category of the other kind", ErrorReason.ERROR_REASON_CATEGORY_KIND_MISMATCH
        )
    if category.archived and category.id not in named.kept_categories:
        raise RuleBroken(
            ErrorReason.ERROR_REASON_CATEGORY_ARCHIVED,
            "The category is out of use.",
            metadata={"field": field_name, "category_id": category.id},
        )
    return category.id


def require_labels(draft: Draft, named: Named) -> None:
    """Payee, payment method, tags and files that exist."""
    missing = set(labels_of(draft)) - named.labels
    if any(kind != FILE for kind, _ in missing):
        raise NotVisible
    if missing:
        gone = {label_id for _, label_id in missing}
        index = next(index for index, each in enumerate(draft.attachment_ids) if UUID(each) in gone)
        raise InvalidInput.of_field(f"attachment_ids[{index}]", "is no file of this book")


def labels_of(draft: Draft | Transaction) -> list[tuple[str, UUID]]:
    """What somebody wrote down is labelled with: the table of each label, and its id."""
    pairs = [("payee", draft.payee_id), ("payment_method", draft.payment_method_id)]
    pairs += [("tag", tag_id) for tag_id in draft.tag_ids]
    pairs += [(FILE, file_id) for file_id in draft.attachment_ids]
    return [(kind, UUID(label_id)) for kind, label_id in pairs if label_id]


def require_open(named: Named, entries: Sequence[Entry], booked_on: str) -> None:
    """Nothing is booked on an account after the day it was closed."""
    for entry in entries:
        closed_on = account_of(named, entry.account_id).closed_on
        if closed_on and booked_on > closed_on:
            raise RuleBroken(
                ErrorReason.ERROR_REASON_ACCOUNT_CLOSED,
                "The account was closed before that day.",
                metadata={"account_id": entry.account_id, "closed_on": closed_on},
            )


def finish(transaction: Transaction, named: Named) -> Transaction:
    """Fills in what follows from the entries."""
    transaction.status = min(entry.status for entry in transaction.entries)
    transaction.implied_rate = ""
    if transaction.kind == TRANSFER:
        leaving, arriving = (entry.amount for entry in transaction.entries)
        if leaving.currency != arriving.currency:
            transaction.implied_rate = implied_rate(Money(currency=leaving.currency, minor=-leaving.minor), arriving)
    owners = {account.private_to for entry in transaction.entries if (account := named.accounts.get(entry.account_id))}
    # An account that the caller cannot see is somebody's, so the transaction is not theirs alone.
    everybody = len(owners) != 1 or any(entry.account_id not in named.accounts for entry in transaction.entries)
    transaction.private_to = "" if everybody else owners.pop()
    return transaction


def require_refundable(transaction: Transaction, original: Transaction | None, refunds: Sequence[Transaction]) -> None:
    """A refund gives back an expense of the same currency, and all refunds together no more than it."""
    if original is None:
        raise NotVisible
    if original.kind != EXPENSE or original.entries[0].amount.currency != transaction.entries[0].amount.currency:
        raise InvalidInput.of_field(
            "refund_of_id", "is no expense of this currency", ErrorReason.ERROR_REASON_INVALID_REFUND
        )
    # Nothing gives itself back, and who sees only one of the two could take it away from under the other.
    if original.id == transaction.id or original.private_to != transaction.private_to:
        raise InvalidInput.of_field(
            "refund_of_id", "is itself, or seen by others", ErrorReason.ERROR_REASON_INVALID_REFUND
        )
    others = [refund for refund in refunds if refund.id != transaction.id]
    require_covers(original, [*others, transaction])


def require_covers(expense: Transaction, refunds: Sequence[Transaction]) -> None:
    given_back = sum(magnitude_of(refund).minor for refund in refunds)
    spent = magnitude_of(expense).minor
    if given_back > spent:
        raise RuleBroken(
            ErrorReason.ERROR_REASON_REFUND_EXCEEDS_ORIGINAL,
            "The refunds would be more than the expense.",
            metadata={"transaction_id": expense.id},
        )


def refunded() -> RuleBroken:
    return RuleBroken(ErrorReason.ERROR_REASON_REFUNDED, "The expense has refunds; delete them first.")
