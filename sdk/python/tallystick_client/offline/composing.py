"""How does what somebody writes down become the entries of a transaction? Pure, and the same as on the server.

Only what decides how the transaction looks is here. Whether it may be is for the server to say.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Protocol
from uuid import UUID

from tallystick_client.money import exponent_of
from tallystick_client.offline.refusals import CannotApply
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
from tallystick_client.v1.ledger_service_pb2 import CreateTransactionRequest
from tallystick_client.v1.money_pb2 import Money

Draft = TransactionDraft | CreateTransactionRequest

EXPENSE = TransactionKind.TRANSACTION_KIND_EXPENSE
INCOME = TransactionKind.TRANSACTION_KIND_INCOME
TRANSFER = TransactionKind.TRANSACTION_KIND_TRANSFER
REFUND = TransactionKind.TRANSACTION_KIND_REFUND
MADE_ELSEWHERE = frozenset({TransactionKind.TRANSACTION_KIND_OPENING, TransactionKind.TRANSACTION_KIND_ADJUSTMENT})

_CATEGORY_KIND_OF = {
    EXPENSE: CategoryKind.CATEGORY_KIND_EXPENSE,
    INCOME: CategoryKind.CATEGORY_KIND_INCOME,
    REFUND: CategoryKind.CATEGORY_KIND_EXPENSE,
}
_IMPLIED = Context(prec=12, rounding=ROUND_HALF_EVEN)


class Named(Protocol):
    """What drafts name."""

    def live(self, kind: str, entity_id: str) -> Any:
        """The entity, or None if it is not there or deleted."""


def canonical(entity_id: str) -> str:
    """The one way to write an id."""
    try:
        return str(UUID(entity_id)) if entity_id else ""
    except ValueError as wrong:
        raise CannotApply from wrong


def compose_entries(draft: Draft, named: Named, before: Sequence[Entry] = ()) -> list[Entry]:
    """The entries of a draft. Those that go on from `before` keep their lines."""
    if draft.amount.minor == 0 or (draft.amount.minor < 0 and draft.kind not in MADE_ELSEWHERE):
        raise CannotApply
    if draft.kind == TRANSFER:
        return _compose_transfer(draft, named, before)
    if draft.to_account_id or draft.to_import_key or draft.HasField("to_amount"):
        raise CannotApply
    return _compose_parts(draft, named, before)


def _compose_transfer(draft: Draft, named: Named, before: Sequence[Entry]) -> list[Entry]:
    source, target = _account_of(named, draft.account_id), _account_of(named, draft.to_account_id)
    arriving = draft.to_amount if draft.HasField("to_amount") else draft.amount
    _require_money_of(source, draft.amount)
    _require_money_of(target, arriving)
    differs = source.currency == target.currency and arriving.minor != draft.amount.minor
    if draft.category_id or draft.splits or source.id == target.id or differs or arriving.minor <= 0:
        raise CannotApply
    lines = [entry.line for entry in before[:2]] if len(before) > 1 else [0, 1]
    return [
        _entry(source.id, "", -draft.amount.minor, draft.amount.currency, lines[0], "", draft.import_key),
        _entry(target.id, "", arriving.minor, arriving.currency, lines[1], "", draft.to_import_key),
    ]


def _compose_parts(draft: Draft, named: Named, before: Sequence[Entry]) -> list[Entry]:
    sign = -1 if draft.kind == EXPENSE else 1
    if not draft.splits:
        account = _account_of(named, draft.account_id)
        _require_money_of(account, draft.amount)
        category = _category_of(named, draft.kind, draft.category_id)
        line = before[0].line if before else 0
        minor, currency = sign * draft.amount.minor, draft.amount.currency
        return [_entry(account.id, category, minor, currency, line, "", draft.import_key)]
    if draft.category_id or sum(split.amount.minor for split in draft.splits) != draft.amount.minor:
        raise CannotApply
    entries = []
    for index, (split, line) in enumerate(zip(draft.splits, _lines_of(draft.splits, before), strict=True)):
        account = _account_of(named, split.account_id or draft.account_id)
        _require_money_of(account, split.amount)
        if split.amount.currency != draft.amount.currency or split.amount.minor <= 0:
            raise CannotApply
        category = _category_of(named, draft.kind, split.category_id)
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
    if not known.issuperset(kept) or len(set(kept)) < len(kept):
        raise CannotApply
    following = max(known, default=-1) + 1
    lines = []
    for split in splits:
        if split.HasField("line"):
            lines.append(split.line)
        else:
            lines.append(following)
            following += 1
    return lines


def _account_of(named: Named, account_id: str) -> Account:
    account = named.live("account", canonical(account_id))
    if not isinstance(account, Account):
        raise CannotApply
    return account


def _require_money_of(account: Account, amount: Money) -> None:
    if amount.currency != account.currency:
        raise CannotApply


def _category_of(named: Named, kind: TransactionKind.ValueType, category_id: str) -> str:
    if not category_id:
        return ""
    category = named.live("category", canonical(category_id))
    if not isinstance(category, Category) or category.kind != _CATEGORY_KIND_OF.get(kind):
        raise CannotApply
    return category.id


def finish(transaction: Transaction, named: Named) -> Transaction:
    """Fills in what follows from the entries."""
    transaction.status = min(entry.status for entry in transaction.entries)
    transaction.implied_rate = ""
    if transaction.kind == TRANSFER:
        leaving, arriving = (entry.amount for entry in transaction.entries)
        if leaving.currency != arriving.currency:
            transaction.implied_rate = _implied_rate(-leaving.minor, leaving.currency, arriving)
    accounts = [named.live("account", entry.account_id) for entry in transaction.entries]
    # An account that the user cannot see is somebody's, so the transaction is not theirs alone.
    owners = {account.private_to if account else "" for account in accounts}
    transaction.private_to = owners.pop() if len(owners) == 1 else ""
    return transaction


def _implied_rate(leaving_minor: int, currency: str, arriving: Money) -> str:
    """What a transfer between currencies paid for one unit of the first, to 12 significant digits."""
    paid = Decimal(arriving.minor * 10 ** exponent_of(currency))
    rate = _IMPLIED.divide(paid, Decimal(leaving_minor * 10 ** exponent_of(arriving.currency)))
    text = format(rate, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
